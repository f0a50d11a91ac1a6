"""Books that the desk or a sensor wants tried again: told by events, taken up by a sensor."""

from typing import NamedTuple

from sqlalchemy import or_, select

from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.services.delivering import queue

_OUTBOX = tables.outbox.c
_ACTOR = _OUTBOX.payload["actor"].astext
_NOT_A_SHELLS = or_(_ACTOR.like("desk:%"), _ACTOR.like("sensor:%"))


class AskedRetry(NamedTuple):
    """A book, and the place of the event that asks for it."""

    place: int
    book: str


def asked_retries(database: Database, after: int, most: int) -> list[AskedRetry]:
    """What was asked there behind the place `after`; a shell runs its own retries."""
    queue.assign_positions(database)
    query = select(_OUTBOX.position, _OUTBOX.book).where(
        _OUTBOX.position > after, _OUTBOX.event == "book.retried", _NOT_A_SHELLS
    )
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_OUTBOX.position).limit(most))
        return [AskedRetry(row.position, row.book) for row in rows]
