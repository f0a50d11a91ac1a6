"""What is left of a purged book: hashes of what it was, and why it went."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.record import text_digest
from ebook_pipeline.resources.database import Database, account_tables, tables

_TABLE = account_tables.tombstone
_TOMBSTONE = _TABLE.c


class Tombstone(Record):
    """`digest` is the SHA-256 of the book's id, `contents` those of its manuscripts.

    `arrivals` are digests of landing keys with their versions, so that what still lies in the
    landing store does not come back. `ended_at`: the last of it was gone.
    """

    digest: str
    contents: tuple[str, ...] = ()
    arrivals: tuple[str, ...] = ()
    reason: str
    actor: str
    at: datetime
    ended_at: datetime | None = None


def raise_stone(connection: Connection, book: str, reason: str, *, actor: str) -> None:
    """Note that the book goes, for what reason; again, it changes nothing.

    ServiceError where no reason is given.
    """
    if not reason.strip():
        raise ServiceError("a book is purged for a reason")
    row = {
        "digest": text_digest(book),
        "reason": reason.strip(),
        "actor": actor,
    }
    connection.execute(insert(_TABLE).values(row).on_conflict_do_nothing())


def remember(
    connection: Connection, book: str, arrivals: Iterable[str], contents: Iterable[str]
) -> None:
    """Keep these arrivals, and these bytes (SHA-256), from being taken again."""
    here = _TOMBSTONE.digest == text_digest(book)
    hashes = {"arrivals": sorted(set(arrivals)), "contents": sorted(set(contents))}
    connection.execute(update(_TABLE).where(here).values(hashes))


def take_back(connection: Connection, book: str) -> None:
    """The book stays after all: nothing of it has been taken away."""
    connection.execute(delete(_TABLE).where(_TOMBSTONE.digest == text_digest(book)))


def restore_stone(connection: Connection, stone: Tombstone) -> None:
    """Write down again a tombstone that a restored database does not know."""
    row = stone.model_dump()
    connection.execute(insert(_TABLE).values(row).on_conflict_do_nothing())


def ended(database: Database, book: str) -> Tombstone:
    """Nothing of the book is left."""
    here = _TOMBSTONE.digest == text_digest(book)
    with database.begin() as connection:
        fresh = update(_TABLE).where(here, _TOMBSTONE.ended_at.is_(None))
        connection.execute(fresh.values(ended_at=func.now()))
        return _record(connection.execute(select(_TABLE).where(here)).one())


def standing(database: Database, book: str) -> Tombstone:
    """The book's tombstone as it is. Raises `NotFound` where it has none."""
    with database.begin() as connection:
        stone = of_book(connection, book)
    if stone is None:
        raise NotFound("there is no such tombstone")
    return stone


def unfinished(database: Database) -> frozenset[str]:
    """Digests of books whose rows are gone, and which may be known elsewhere still."""
    digest = func.encode(func.sha256(func.convert_to(tables.book.c.id, "UTF8")), "hex")
    kept = exists().where(digest == _TOMBSTONE.digest)
    query = select(_TOMBSTONE.digest).where(_TOMBSTONE.ended_at.is_(None), ~kept)
    with database.begin() as connection:
        return frozenset(connection.execute(query).scalars())


def end(database: Database, digests: Iterable[str]) -> None:
    """Nothing of the books with these digests is left."""
    these = _TOMBSTONE.digest.in_(tuple(digests)) & _TOMBSTONE.ended_at.is_(None)
    with database.begin() as connection:
        connection.execute(update(_TABLE).where(these).values(ended_at=func.now()))


def of_book(connection: Connection, book: str) -> Tombstone | None:
    """The book's tombstone, whether its purge has ended or not."""
    query = select(_TABLE).where(_TOMBSTONE.digest == text_digest(book))
    row = connection.execute(query).first()
    return _record(row) if row else None


def is_purged(connection: Connection, *, arrival: str = "", content: str = "") -> bool:
    """Whether this arrival, or these bytes, were a purged book's."""
    here = (
        _TOMBSTONE.arrivals.contains([arrival])
        if arrival
        else _TOMBSTONE.contents.contains([content])
    )
    return connection.execute(select(_TOMBSTONE.id).where(here)).first() is not None


def purged_arrivals(connection: Connection, arrivals: Iterable[str]) -> frozenset[str]:
    """Which of these digests of arrivals were purged books'."""
    asked = frozenset(arrivals)
    query = select(_TOMBSTONE.arrivals).where(_TOMBSTONE.arrivals.overlap(sorted(asked)))
    return asked.intersection(chain.from_iterable(connection.execute(query).scalars()))


def of_books(connection: Connection, books: Iterable[str]) -> frozenset[str]:
    """Which of `books` have a tombstone, whether their purge has ended or not."""
    digests = {text_digest(book): book for book in books}
    query = select(_TOMBSTONE.digest).where(_TOMBSTONE.digest.in_(digests))
    return frozenset(digests[digest] for digest in connection.execute(query).scalars())


def list_tombstones(database: Database) -> tuple[Tombstone, ...]:
    """Every book that was purged, the newest first."""
    with database.begin() as connection:
        rows = connection.execute(select(_TABLE).order_by(_TOMBSTONE.id.desc()))
        return tuple(map(_record, rows))


def _record(row: Row[Any]) -> Tombstone:
    return Tombstone.model_validate({name: getattr(row, name) for name in Tombstone.model_fields})
