"""Whether the desk answers, and whether its database does."""

from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse

from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.context import Context

router = APIRouter(include_in_schema=False, dependencies=[Depends(everybody("tells nothing"))])


@router.get("/healthz", response_class=PlainTextResponse)
def is_alive() -> str:
    """The process answers."""
    return "ok\n"


@router.get("/readyz", response_class=PlainTextResponse)
def is_ready(context: Context) -> str:
    """The database answers too; else 503."""
    with context.database.begin():
        return "ok\n"
