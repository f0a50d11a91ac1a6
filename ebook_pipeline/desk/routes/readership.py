"""How one's books fare with readers: an author's and publisher's own, an editor's assigned ones."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page, cursor, keys_of, page_of
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.services.reporting.readership import Readership, list_readership

router = APIRouter(tags=["books"], route_class=RevalidatedRoute)
Reading = Annotated[Access, Depends(allow("analytics", "read"))]


@router.get("/analytics/books", summary="List how books fare with readers")
def list_them(access: Reading, limit: Limit = 50, after: After = "") -> Page[Readership]:
    """Views, excerpts, licences, shelves, stars, how far the chain is; in order of the books' ids.

    Who looked is not known, only how often: of the last seconds it may not say all.
    """
    return page_of_readership(access, limit, after)


def page_of_readership(access: Access, limit: int, after: str) -> Page[Readership]:
    """Those behind the cursor `after`."""
    keys = keys_of(after, str)
    database = access.context.database
    access.context.views.write(database)
    rows = list_readership(database, access.books(), after=keys[0] if keys else "", limit=limit + 1)
    return page_of(rows, limit, lambda row: cursor(row.book))
