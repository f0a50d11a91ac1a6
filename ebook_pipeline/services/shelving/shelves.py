"""What a reader wants to read, reads and has read; and what they said "not this" to.

A work stands on one shelf at a time. What stands there is the reader's alone.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.selectable import LateralFromClause

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, reader_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit

_ENTRY, _DISMISSAL = reader_tables.shelf_entry, reader_tables.dismissal
_BOOK, _CATALOG = tables.book.c, tables.catalog.c


class Shelf(StrEnum):
    """Where a work stands."""

    TO_READ = "to-read"
    READING = "reading"
    READ = "read"


class ShelfEntry(Record):
    """A work on a shelf, by a book of it; `on_sale`: whether that can be bought."""

    book: str
    title: str
    shelf: Shelf
    changed_at: datetime
    on_sale: bool


def put(database: Database, book: str, person: str, shelf: Shelf, *, actor: str) -> None:
    """Let the work that `book` is of stand on this shelf and no other. Raises `NotFound`."""
    with database.begin() as connection:
        row = {"person": person, "work": _work(connection, book), "shelf": shelf.value}
        statement = insert(_ENTRY).values(row)
        now = {"shelf": shelf.value, "changed_at": func.now()}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["person", "work"], set_=now)
        )
        audit(connection, actor, "shelf.put", book, {"shelf": shelf.value})


def take_off(database: Database, book: str, person: str, *, actor: str) -> None:
    """Let it stand on none; nothing happens where it does not."""
    with database.begin() as connection:
        work = _work(connection, book)
        theirs = (_ENTRY.c.person == person) & (_ENTRY.c.work == work)
        if connection.execute(delete(_ENTRY).where(theirs)).rowcount:
            audit(connection, actor, "shelf.take_off", book, {})


def shelf_of(database: Database, book: str, person: str) -> Shelf | None:
    """Where the work stands; None: nowhere."""
    query = select(_ENTRY.c.shelf).join(tables.book, _BOOK.work == _ENTRY.c.work)
    query = query.where(_ENTRY.c.person == person, _BOOK.id == book)
    with database.begin() as connection:
        found = connection.execute(query).scalar_one_or_none()
    return None if found is None else Shelf(found)


def _best_of_work() -> LateralFromClause:
    """For each entry its work's book: one on sale if there is one, and what it is called."""
    on_sale = func.coalesce(_CATALOG.state == "live", False)
    title = func.coalesce(_CATALOG.title, "").label("title")
    return (
        select(_BOOK.id, title, on_sale.label("on_sale"))
        .outerjoin(tables.catalog, _CATALOG.book == _BOOK.id)
        .where(_BOOK.work == _ENTRY.c.work)
        .order_by(on_sale.desc(), _BOOK.id)
        .limit(1)
        .lateral("best")
    )


def list_shelf(
    database: Database,
    person: str,
    shelf: Shelf | None = None,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[ShelfEntry, ...]:
    """What stands on the shelf, or on all of them, what was put there last first.

    `after`: when the last one of the page before was put there, and its book.
    """
    best = _best_of_work()
    query = select(_ENTRY.c.shelf, _ENTRY.c.changed_at, best).join(best, _ENTRY.c.work > 0)
    query = query.where(_ENTRY.c.person == person)
    if shelf is not None:
        query = query.where(_ENTRY.c.shelf == shelf.value)
    if after is not None:
        query = query.where(tuple_(_ENTRY.c.changed_at, best.c.id) < tuple_(*after))
    ordered = query.order_by(_ENTRY.c.changed_at.desc(), best.c.id.desc()).limit(limit)
    with database.begin() as connection:
        rows = connection.execute(ordered)
        return tuple(
            ShelfEntry(
                book=row.id,
                title=row.title or row.id,
                shelf=Shelf(row.shelf),
                changed_at=row.changed_at,
                on_sale=row.on_sale,
            )
            for row in rows
        )


def dismiss(database: Database, book: str, person: str, *, actor: str) -> None:
    """ "Not this": the work is recommended to them no more."""
    with database.begin() as connection:
        row = {"person": person, "work": _work(connection, book)}
        added = connection.execute(insert(_DISMISSAL).values(row).on_conflict_do_nothing())
        if added.rowcount:
            audit(connection, actor, "recommendation.dismiss", book, {})


def recall(database: Database, book: str, person: str, *, actor: str) -> None:
    """It may be recommended again."""
    with database.begin() as connection:
        work = _work(connection, book)
        theirs = (_DISMISSAL.c.person == person) & (_DISMISSAL.c.work == work)
        if connection.execute(delete(_DISMISSAL).where(theirs)).rowcount:
            audit(connection, actor, "recommendation.recall", book, {})


def _work(connection: Connection, book: str) -> int:
    """Held until the transaction ends, so that the book becomes no other work's meanwhile."""
    query = select(_BOOK.work).where(_BOOK.id == book).with_for_update(key_share=True, read=True)
    work = connection.execute(query).scalar_one_or_none()
    if work is None:
        raise NotFound(f"no book is called {book[:80]!r}")
    return int(work)
