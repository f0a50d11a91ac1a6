"""The operator's pages: how it goes, and books that stopped, tried again all or some."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After
from ebook_pipeline.desk.routes.books import page_of_books
from ebook_pipeline.services.intake import launching
from ebook_pipeline.services.reporting.book_list import BookFilter, list_books
from ebook_pipeline.services.reporting.desk_figures import desk_figures
from ebook_pipeline.services.reporting.load import load_figures
from ebook_pipeline.services.reporting.status import BookState
from ebook_pipeline.services.reviewing import queue
from ebook_pipeline.services.verifying import edge_log

AT_ONCE = 50
_MOST_AT_ONCE = 5000
"""Books that one click asks for."""
_HOURS = 24
_FAILED = BookFilter(states=(BookState.FAILED,))
Operating = Annotated[Access, Depends(allow("dagster", "use"))]

router = APIRouter(prefix="/operate", include_in_schema=False)


@router.get("")
def show_dashboard(request: Request, access: Operating) -> Response:
    """Arrivals, states, queues, rejections, ages, the edge's health."""
    database = access.context.database
    figures = desk_figures(database)
    values = {
        "figures": figures,
        "states": list(BookState),
        "most": max((one.arrived for one in figures.arrivals), default=0),
        "counts": queue.count_reviews(database),
        "edge": edge_log.figures(database, _HOURS),
        "incidents": edge_log.open_incidents(database),
        "load": load_figures(database),
    }
    return rendering.render(request, "dashboard", values)


@router.get("/failed")
def show_failed(
    request: Request,
    access: Operating,
    after: After = "",
    asked: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Books that a fault of ours stopped, the newest first."""
    page = page_of_books(access.context.database, _FAILED, None, after, AT_ONCE)
    return rendering.render(
        request, "failed", {"books": page.items, "next": page.next, "asked": asked}
    )


@router.post("/retries")
def retry(
    access: Operating,
    which: Annotated[str, Form(pattern="^(all|some)$")],
    book: Annotated[list[str], Form(max_length=AT_ONCE)] = [],  # noqa: B006
) -> Response:
    """Have all failed books, or those that were ticked, taken up where they stopped.

    A run takes them at the next tick of the sensor `desk_retries`; one that is no failed book by
    now is left alone.
    """
    database = access.context.database
    if which == "all":
        found = [row.book for row in list_books(database, _FAILED, limit=_MOST_AT_ONCE)]
    else:
        found = [
            row.book
            for one in dict.fromkeys(book)
            for row in list_books(database, _FAILED.model_copy(update={"book": one}), limit=1)
        ]
    for one in found:
        launching.retry(database, one, actor=access.actor.name)
    return rendering.see_other(f"/operate/failed?asked={len(found)}")
