"""The page of figures at the desk: operators see everybody's, publishers their own accounts'."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse

from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.services.measuring import pages

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'none'"
)
"""The page holds its own style and asks for nothing."""

router = APIRouter(include_in_schema=False)


@router.get("/figures")
def show_figures(
    access: Annotated[Access, Depends(allow("figures", "read"))],
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> HTMLResponse:
    """Arrivals, rejections, stages, rules, sales of the last days, in one page."""
    accounts = accounts_of(access.actor, "read", "figures")
    page = pages.figures_page(access.context.database, days, accounts=accounts)
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
