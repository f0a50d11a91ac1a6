"""The first page: each is taken where their work begins, and who has none into the shop window."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from ebook_pipeline.desk import navigation
from ebook_pipeline.desk.access import Access, allow

_FIRST = ("operate", "reviews", "books")
"""The menu's entries that work begins at: of those that somebody has, the first one."""

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_first(access: Annotated[Access, Depends(allow("catalog", "read"))]) -> Response:
    """Operators to the dashboard, reviewers to the queue, authors to their books."""
    paths = {entry.name: entry.path for entry in navigation.menu(access.actor, "")}
    first = next((paths[name] for name in _FIRST if name in paths), "/shop")
    headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
    return RedirectResponse(first, HTTPStatus.SEE_OTHER, headers)
