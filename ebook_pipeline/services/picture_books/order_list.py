"""Orders of picture books in lists: of an account, of one order's versions, of what waits."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.stage_records import PageAttempts
from ebook_pipeline.books.records import Record, canonical_json
from ebook_pipeline.resources.database import Database, picture_book_tables
from ebook_pipeline.services.picture_books.briefs import (
    OrderState,
    PictureBookOrder,
    order_of,
    standing_orders,
)

_ORDER = picture_book_tables.picture_book.c
_VERSIONS = picture_book_tables.picture_book_version
_VERSION = _VERSIONS.c


class OrderVersion(Record):
    """What was ordered once, and whether files came of it."""

    number: int
    seed: int
    drawn_again: tuple[int, ...]
    is_made: bool
    actor: str
    at: datetime


def lines(
    database: Database,
    condition: ColumnElement[bool],
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> list[PictureBookOrder]:
    """Orders, what was changed last first; `after` is where the page before ended."""
    query = standing_orders().where(condition)
    if after is not None:
        at, key = after
        older = (_ORDER.changed_at == at) & (_ORDER.key < key)
        query = query.where((_ORDER.changed_at < at) | older)
    query = query.order_by(_ORDER.changed_at.desc(), _ORDER.key.desc()).limit(limit)
    with database.begin() as connection:
        return [order_of(row) for row in connection.execute(query).mappings()]


def versions(database: Database, key: str, most: int = 100) -> list[OrderVersion]:
    """Every version, the newest first."""
    query = select(_VERSIONS).where(_VERSION.picture_book == key)
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_VERSION.number.desc()).limit(most)).all()
    return [
        OrderVersion(
            number=row.number,
            seed=Brief.model_validate(row.brief).seed,
            drawn_again=tuple(sorted(PageAttempts.model_validate(row.attempts).attempts)),
            is_made=row.made is not None,
            actor=row.actor,
            at=row.at,
        )
        for row in rows
    ]


class WaitingOrder(Record):
    """An order that no run has begun, and since when it waits."""

    key: str
    changed_at: datetime


def waiting(database: Database, most: int) -> list[WaitingOrder]:
    """Orders that are to be made, the oldest first."""
    query = select(_ORDER.key, _ORDER.changed_at).where(_ORDER.state == OrderState.WAITING)
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_ORDER.changed_at).limit(most)).mappings()
        return [WaitingOrder.model_validate(dict(row)) for row in rows]


def launched_key(orders: Sequence[WaitingOrder]) -> str:
    """What one run for these orders is known by: orders that wait anew are another run."""
    facts = [[one.key, one.changed_at.isoformat()] for one in orders]
    return f"picture-books-{hashlib.sha256(canonical_json(facts)).hexdigest()[:24]}"
