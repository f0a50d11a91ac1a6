"""The page that says how one's books fare with readers."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.paging import After
from ebook_pipeline.desk.routes.readership import Reading, page_of_readership

AT_ONCE = 50

router = APIRouter(include_in_schema=False)


@router.get("/readership")
def show(request: Request, access: Reading, after: After = "") -> Response:
    """A line for each book that one may read figures of."""
    page = page_of_readership(access, AT_ONCE, after)
    return rendering.render(request, "readership", {"books": page.items, "next": page.next})
