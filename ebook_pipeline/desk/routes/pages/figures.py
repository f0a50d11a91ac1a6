"""Pages of figures at the desk: of the pipeline, for operators and publishers; of a book's readers,
for who makes it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After
from ebook_pipeline.desk.routes.readership import Reading, page_of_readership
from ebook_pipeline.services.measuring import pages

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'none'"
)
"""The page holds its own style and asks for nothing."""
AT_ONCE = 50
"""Books of a page of their readership."""

router = APIRouter(include_in_schema=False)


@router.get("/figures")
def show_figures(
    request: Request,
    access: Annotated[Access, Depends(allow("figures", "read"))],
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> HTMLResponse:
    """Arrivals, rejections, stages, rules, sales of the last days, in one page."""
    accounts = accounts_of(access.actor, "read", "figures")
    page = pages.figures_page(
        *(access.context.database, days),
        accounts=accounts,
        language=rendering.page_language(request),
        back="/",
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


@router.get("/readership")
def show_readership(request: Request, access: Reading, after: After = "") -> Response:
    """A line for each book that one may read figures of."""
    page = page_of_readership(access, AT_ONCE, after)
    return rendering.render(request, "readership", {"books": page.items, "next": page.next})
