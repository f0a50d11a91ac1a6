"""Authors whom a reader follows, and what was new by them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.services.notifying import new_books
from ebook_pipeline.services.notifying.new_books import NewBook
from ebook_pipeline.services.shelving import following
from ebook_pipeline.services.shelving.following import FollowedAuthor

router = APIRouter(tags=["shelves"], route_class=RevalidatedRoute)
Own = Annotated[Access, Depends(allow("activity", "read"))]
Shelving = Annotated[Access, Depends(allow("activity", "shelve"))]
Changing = Annotated[Access, Depends(allow("activity", "change"))]
FollowedId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Number = Annotated[int, Query(ge=1, le=50)]


class AuthorChoice(BaseModel):
    """One of the book's authors, as the book names them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"author": "Charlotte Brontë"}]})
    author: str = Field(min_length=1, max_length=300)


@router.get("/me/following", summary="List the authors whom you follow")
def list_following(access: Own) -> list[FollowedAuthor]:
    """In order of name."""
    return list(following.list_followed(access.context.database, access.actor.login))


@router.get("/me/following/books", summary="List new books by the authors whom you follow")
def list_new_books(access: Own, limit: Number = 20) -> list[NewBook]:
    """What went on sale since you follow them, the newest first."""
    return list(new_books.of_followed(access.context.database, access.actor.login, limit))


@router.put(
    "/books/{book}/following", summary="Follow an author", status_code=HTTPStatus.NO_CONTENT
)
def follow(book: BookId, wanted: AuthorChoice, access: Shelving) -> None:
    """You are told of new books by this author of the book."""
    database, actor = access.context.database, access.actor
    following.follow(database, book, wanted.author, actor.login, actor=actor.name)


@router.delete(
    "/me/following/{followed}",
    summary="Follow an author no more",
    status_code=HTTPStatus.NO_CONTENT,
)
def unfollow(followed: FollowedId, access: Changing) -> None:
    """You are told of them no more."""
    actor = access.actor
    following.unfollow(access.context.database, followed, actor.login, actor=actor.name)
