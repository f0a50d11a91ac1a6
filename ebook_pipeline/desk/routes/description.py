"""What the desk says of itself: that it answers, that its database does, and its API by OpenAPI."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse

from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.api_document import api_document
from ebook_pipeline.desk.context import Context

router = APIRouter(dependencies=[Depends(everybody("what there is, is no secret"))])
health = APIRouter(include_in_schema=False, dependencies=[Depends(everybody("tells nothing"))])


@router.get("/openapi.json", include_in_schema=False)
def describe(request: Request) -> dict[str, Any]:
    """The OpenAPI document of this release, which programs read and tests go by."""
    return api_document(request.app)


@health.get("/healthz", response_class=PlainTextResponse)
def is_alive() -> str:
    """The process answers."""
    return "ok\n"


@health.get("/readyz", response_class=PlainTextResponse)
def is_ready(context: Context) -> str:
    """The database answers too; else 503."""
    with context.database.begin():
        return "ok\n"
