"""Books: found, read, corrected, taken off sale and put back, deleted, purged."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement

from ebook_pipeline.books.owning.rights import RightsState
from ebook_pipeline.desk import etags, licensing
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page, cursor, keys_of, page_of
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing import overrides
from ebook_pipeline.services.describing.overrides import UNLOCKED, BookFields
from ebook_pipeline.services.owning.tombstones import Tombstone
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.releasing.releases import BookRelease
from ebook_pipeline.services.reporting.book_list import (
    BookFilter,
    BookPosition,
    BookSummary,
    list_books,
    summary_of,
)
from ebook_pipeline.services.reporting.status import BookState

router = APIRouter(prefix="/books", tags=["books"], route_class=RevalidatedRoute)
BookId = Annotated[str, Path(max_length=200, examples=["jane-eyre"])]
_EXAMPLE: dict[str, Any] = {
    "book": "jane-eyre",
    "account": "house",
    "imprint": None,
    "state": "released",
    "stage": "ingestion_analytics",
    "edition": 2,
    "live_edition": 2,
    "title": "Jane Eyre",
    "file": "",
    "creators": ["Charlotte Brontë"],
    "languages": ["en"],
    "submitted": "2026-11-01T09:30:00Z",
    "changed": "2026-11-02T10:00:00Z",
}


class BookOut(BookSummary):
    """A book as lists show it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class BookDetail(BookSummary):
    """A book, with the states that rights hang on: `phases`."""

    phases: tuple[RightsState, ...] = ()
    model_config = ConfigDict(
        json_schema_extra={"examples": [_EXAMPLE | {"phases": ["published"]}]}
    )


class FieldsChange(BaseModel):
    """New values by field; null unlocks it, so that the next run finds it again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"fields": {"subtitle": "An Autobiography", "rights": None}}]
        }
    )
    fields: dict[str, Any] = Field(min_length=1, max_length=40)


class ReleaseOut(BaseModel):
    """What of a book is on sale, or was until it was withdrawn."""

    book: str
    release: str
    edition: int
    state: str
    title: str
    sold_from: date | None = None
    rolled_back_from: int | None = None
    taken_down: bool = False
    files: list[str] = Field(default_factory=list)


class Withdrawal(BaseModel):
    """`now`: covers, excerpts and previews leave the edge too, at once."""

    now: bool = Field(False, examples=[True])


class ReleaseWish(BaseModel):
    """`release`: which of the book's releases; the one that it had last if unset."""

    release: str | None = Field(default=None, max_length=300, examples=["jane-eyre-2-8f14e45fceea"])


class PurgeWish(BaseModel):
    """Why the book goes; it stands on its tombstone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "A court said so."}]})
    reason: str = Field(min_length=1, max_length=2000)


@router.get("", summary="List books")
def list_them(
    access: Annotated[Access, Depends(allow("book", "read"))],
    state: Annotated[list[BookState], Query(description="Any of these.")] = [],  # noqa: B006
    genre: Annotated[str | None, Query(max_length=40, examples=["FBA"])] = None,
    language: Annotated[str | None, Query(max_length=40, examples=["en"])] = None,
    owner: Annotated[str | None, Query(max_length=63, description="An account.")] = None,
    text: Annotated[
        str | None, Query(max_length=200, description="Title, people, series, ISBN or id.")
    ] = None,
    limit: Limit = 50,
    after: After = "",
) -> Page[BookOut]:
    """Books that you may read, the newest first, by where they stand and what they are."""
    wanted = BookFilter(
        states=tuple(state), genre=genre, language=language, account=owner, text=text
    )
    page = page_of_books(access.context.database, wanted, access.books(), after, limit)
    return Page(items=[BookOut(**dict(row)) for row in page.items], next=page.next)


def page_of_books(
    database: Database,
    wanted: BookFilter,
    visible: ColumnElement[bool] | None,
    after: str,
    limit: int,
) -> Page[BookSummary]:
    """The `visible` books that are wanted, behind the cursor `after`."""
    keys = keys_of(after, str)
    place = BookPosition.parse(keys[0]) if keys else None
    rows = list_books(database, wanted, visible=visible, after=place, limit=limit + 1)
    return page_of(rows, limit, lambda row: cursor(str(BookPosition(row.submitted, row.book))))


@router.get("/{book}", summary="Read a book")
def read(
    book: BookId,
    response: Response,
    access: Annotated[Access, Depends(allow("book", "read"))],
) -> BookDetail:
    """Where the book stands. Its fields, its report, its files and its release have their own
    addresses below this one."""
    return etags.tagged(response, detail_of(access, book))


@router.get("/{book}/fields", summary="Read what people may decide of a book")
def read_fields(
    book: BookId,
    response: Response,
    access: Annotated[Access, Depends(allow("file", "read"))],
) -> BookFields:
    """The book's description, and which of its fields a person has locked."""
    fields = overrides.fields_of(access.context.database, book)
    return etags.tagged(response, fields)


@router.patch("/{book}/fields", summary="Correct a book's fields", dependencies=[etags.NAMED])
def change_fields(
    book: BookId,
    wanted: FieldsChange,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("book", "change"))],
) -> BookFields:
    """Lock fields to values that no run changes, or unlock them; `If-Match` says what you saw.

    The price of what is no draft any more is its publisher's to change.
    """
    if "price" in wanted.fields:
        _require_price(access)
    changes = {name: UNLOCKED if value is None else value for name, value in wanted.fields.items()}
    fields = overrides.change_fields(
        access.context.database,
        book,
        changes,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, fields)


@router.get("/{book}/release", summary="Read what of a book is on sale")
def read_release(
    book: BookId,
    response: Response,
    access: Annotated[Access, Depends(allow("book", "read"))],
) -> ReleaseOut:
    """The release that is on sale, or was until it was withdrawn; 404 before the first."""
    live = releases.current(access.context.database, book)
    if live is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "The book was never released.")
    return _release(etags.tagged(response, live))


@router.post("/{book}/withdrawal", summary="Take a book off sale", dependencies=[etags.NAMED])
def withdraw(
    book: BookId,
    wanted: Withdrawal,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("book", "withdraw"))],
) -> ReleaseOut:
    """What buyers have stays theirs. `If-Match` names the release that you saw."""
    manager = licensing.release_manager(access.context, access.actor)
    live = manager.withdraw(
        book,
        take_down=wanted.now,
        precondition=etags.seen_by(request),
    )
    return _release(etags.tagged(response, live))


@router.post("/{book}/release", summary="Put a book back on sale", dependencies=[etags.NAMED])
def put_on_sale(
    book: BookId,
    wanted: ReleaseWish,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("book", "release"))],
) -> ReleaseOut:
    """A withdrawn book's release, or an earlier one, verified at the edge before."""
    before = releases.current(access.context.database, book)
    repair = before is not None and before.taken_down
    manager = licensing.release_manager(access.context, access.actor, repair=repair)
    live = manager.release(
        book,
        wanted.release,
        precondition=etags.seen_by(request),
    )
    return _release(etags.tagged(response, live))


@router.delete(
    "/{book}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete a draft",
    dependencies=[etags.NAMED],
)
def delete(
    book: BookId,
    request: Request,
    access: Annotated[Access, Depends(allow("book", "delete"))],
) -> None:
    """A book that was never released goes with all that is known of it; 409 while a run has it."""
    etags.seen_by(request)(detail_of(access, book))
    licensing.purge_of(access.context).delete_draft(book, actor=access.actor.name)


@router.post("/{book}/purge", summary="Purge a book", dependencies=[etags.NAMED])
def purge(
    book: BookId,
    wanted: PurgeWish,
    request: Request,
    access: Annotated[Access, Depends(allow("book", "purge"))],
) -> Tombstone:
    """A withdrawn book goes for good, with its keys, files and rows; a tombstone says why."""
    etags.seen_by(request)(detail_of(access, book))
    purging = licensing.purge_of(access.context)
    return purging.purge(book, wanted.reason, actor=access.actor.name)


def _require_price(access: Access) -> None:
    if access.resource is None or RightsState.DRAFT in access.resource.states:
        return
    if not access.may("price", "change"):
        detail = "The price is its publisher's to change."
        raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", detail)


def detail_of(access: Access, book: str) -> BookDetail:
    """Where the book stands, and the states that rights hang on."""
    found = summary_of(access.context.database, book)
    states = access.resource.states if access.resource else frozenset()
    return BookDetail(**dict(found), phases=tuple(sorted(states)))


def _release(live: BookRelease) -> ReleaseOut:
    return ReleaseOut(
        book=live.book,
        release=live.release,
        edition=live.entry.edition,
        state=live.state,
        title=live.entry.title,
        sold_from=live.sold_from,
        rolled_back_from=live.rolled_back_from,
        taken_down=live.taken_down,
        files=[file.rel for file in live.distribution.files],
    )
