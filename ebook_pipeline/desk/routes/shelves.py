"""A reader's own shelves, and what is recommended to them, with the reason."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from ebook_pipeline.books.selling.territories import WORLD
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page, cursor_at, page_of, place_in
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.desk.routes.catalog import Country, Reading
from ebook_pipeline.services.recommending import recommend
from ebook_pipeline.services.recommending.recommend import Recommendation
from ebook_pipeline.services.shelving import shelves
from ebook_pipeline.services.shelving.shelves import Shelf, ShelfEntry

router = APIRouter(tags=["shelves"], route_class=RevalidatedRoute)
Own = Annotated[Access, Depends(allow("activity", "read"))]
Shelving = Annotated[Access, Depends(allow("activity", "shelve"))]
Number = Annotated[int, Query(ge=1, le=50)]


class ShelfChoice(BaseModel):
    """The one shelf where it stands from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"shelf": "reading"}]})
    shelf: Shelf


@router.get("/me/shelf", summary="List your shelves")
def list_shelf(
    access: Own, shelf: Shelf | None = None, limit: Limit = 50, after: After = ""
) -> Page[ShelfEntry]:
    """What you want to read, read or have read, what was put there last first."""
    database, login = access.context.database, access.actor.login
    rows = shelves.list_shelf(database, login, shelf, after=place_in(after), limit=limit + 1)
    return page_of(rows, limit, lambda row: cursor_at(row.changed_at, row.book))


@router.put(
    "/books/{book}/shelf", summary="Put a book on a shelf", status_code=HTTPStatus.NO_CONTENT
)
def put(book: BookId, wanted: ShelfChoice, access: Shelving) -> None:
    """It stands on this shelf and no other."""
    database, actor = access.context.database, access.actor
    shelves.put(database, book, actor.login, wanted.shelf, actor=actor.name)


@router.delete(
    "/books/{book}/shelf", summary="Take a book off its shelf", status_code=HTTPStatus.NO_CONTENT
)
def take_off(book: BookId, access: Shelving) -> None:
    """It stands on none."""
    shelves.take_off(access.context.database, book, access.actor.login, actor=access.actor.name)


@router.get("/me/recommendations", summary="List what is recommended to you")
def list_recommended(
    access: Own, territory: Country = WORLD, limit: Number = 10
) -> list[Recommendation]:
    """Books on sale that you have not taken up, the best first, each with the reason."""
    place = None if territory == WORLD else territory
    found = recommend.recommend(access.context.database, access.actor.login, limit, territory=place)
    return list(found)


@router.put("/books/{book}/dismissal", summary="Say: not this", status_code=HTTPStatus.NO_CONTENT)
def dismiss(book: BookId, access: Shelving) -> None:
    """It is recommended to you no more."""
    shelves.dismiss(access.context.database, book, access.actor.login, actor=access.actor.name)


@router.delete(
    "/books/{book}/dismissal", summary="Take a dismissal back", status_code=HTTPStatus.NO_CONTENT
)
def recall(book: BookId, access: Shelving) -> None:
    """It may be recommended to you again."""
    shelves.recall(access.context.database, book, access.actor.login, actor=access.actor.name)


@router.get("/catalog/popular", summary="List popular books")
def list_popular(
    access: Reading, territory: Country = WORLD, limit: Number = 10
) -> list[Recommendation]:
    """What most readers took up; for a book, see what is similar to it."""
    place = None if territory == WORLD else territory
    return list(recommend.popular(access.context.database, limit, territory=place))
