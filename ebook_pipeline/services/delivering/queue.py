"""What the database knows of deliveries: places, how far each subscriber is, what it waits for.

A subscriber that takes everything costs one row, whatever it was told: its position. Only what
it did not take, and what waits behind that, has rows of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.foundation.events import Event
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.event_tables import delivery, subscriber

_OUTBOX = tables.outbox.c
_WAITS = delivery.c
_TOLD = subscriber.c
_PLACED_AT_ONCE = 10_000
_CHAIN = 20
_COUNTED = 10_000
BEGINS = timedelta(days=1)
"""Who is new hears of the last day; `events replay` tells it more."""

_HELD = text("SELECT pg_advisory_xact_lock(hashtextextended('outbox places', 0))")
_PLACE = text(
    """
    WITH placed AS MATERIALIZED (
        SELECT id, nextval('outbox_position_seq') AS position
        FROM (
            SELECT id FROM outbox WHERE position IS NULL ORDER BY id LIMIT :most
        ) AS fresh
    )
    UPDATE outbox SET position = placed.position FROM placed WHERE outbox.id = placed.id
    """
)
"""Materialized: as the inner side of a join the numbers would be drawn anew for each outer row."""

_REGISTER = text(
    """
    INSERT INTO subscriber (name, position)
    SELECT :name, coalesce(max(position), 0) FROM outbox
    WHERE position IS NOT NULL AND at < :since
    ON CONFLICT DO NOTHING
    """
)
_EXPECTANT = text(
    """
    SELECT asked.name FROM unnest(CAST(:names AS text[])) AS asked (name)
    LEFT JOIN subscriber USING (name)
    WHERE subscriber.name IS NULL OR disabled IS NOT NULL OR paused_until > :now
        OR EXISTS (SELECT FROM outbox WHERE outbox.position > subscriber.position)
        OR EXISTS (SELECT FROM delivery WHERE subscriber = asked.name AND dead_at IS NULL)
    """
)
_CHAINS = text(
    """
    SELECT waiting.attempts, waiting.since, outbox.*
    FROM (
        SELECT book FROM delivery WHERE subscriber = :name AND next_at <= :now
        ORDER BY next_at LIMIT :most
    ) AS due
    CROSS JOIN LATERAL (
        SELECT event, attempts, since FROM delivery
        WHERE subscriber = :name AND book = due.book AND dead_at IS NULL
        ORDER BY position LIMIT :chain
    ) AS waiting
    JOIN outbox ON outbox.id = waiting.event
    ORDER BY outbox.position
    """
)
_HEADS = text(
    """
    SELECT first.event FROM unnest(CAST(:books AS text[])) AS touched (book)
    CROSS JOIN LATERAL (
        SELECT event FROM delivery
        WHERE subscriber = :name AND book = touched.book AND dead_at IS NULL
        ORDER BY position LIMIT 1
    ) AS first
    """
)
_PRUNE = text(
    """
    WITH oldest AS (
        SELECT id, at FROM outbox
        WHERE position <= (SELECT min(position) FROM subscriber WHERE name = ANY (:names)
            AND disabled IS NULL)
        ORDER BY position LIMIT :most
    )
    DELETE FROM outbox USING oldest WHERE outbox.id = oldest.id AND oldest.at < :before
    """
)


@dataclass(frozen=True)
class QueuedEvent:
    """An event on its way to one subscriber: its row, its place, how often it was refused."""

    row: int
    position: int
    event: Event
    attempts: int
    since: datetime | None


@dataclass(frozen=True)
class SubscriberPosition:
    """How far a subscriber has heard, and why it is told nothing now, if so."""

    position: int
    paused_until: datetime | None
    disabled: str | None


@dataclass(frozen=True)
class RefusedEvent:
    """What a subscriber did not take; `next_at`: when it is offered again, None for never."""

    told: QueuedEvent
    error: str
    since: datetime
    next_at: datetime | None


def assign_positions(database: Database) -> int:
    """Give every event that was committed its place; the number of those placed.

    An identity number is drawn before the commit, so a smaller one may be seen later than a
    bigger one. A place is given to what can be seen, by one process at a time: no reader that
    has passed it can have missed a smaller one.
    """
    placed = 0
    while True:
        with database.begin() as connection:
            if not _anything_fresh(connection):
                return placed
            connection.execute(_HELD)
            count = connection.execute(_PLACE, {"most": _PLACED_AT_ONCE}).rowcount
        placed += count


def expectant(database: Database, names: Iterable[str], now: datetime) -> set[str]:
    """Which of `names` may have something to hear, or a reason not to be told, in one query."""
    with database.begin() as connection:
        rows = connection.execute(_EXPECTANT, {"names": list(names), "now": now})
        return set(rows.scalars())


def position_of(connection: Connection, name: str, now: datetime) -> SubscriberPosition:
    """How far `name` has heard; who is new begins with the last day's events."""
    query = select(_TOLD.position, _TOLD.paused_until, _TOLD.disabled).where(_TOLD.name == name)
    row = connection.execute(query).first()
    if row is None:
        connection.execute(_REGISTER, {"name": name, "since": now - BEGINS})
        row = connection.execute(query).one()
    return SubscriberPosition(row.position, row.paused_until, row.disabled)


def new_events(connection: Connection, after: int, most: int) -> list[QueuedEvent]:
    """The next events that come after the place `after`."""
    query = select(tables.outbox).where(_OUTBOX.position > after)
    rows = connection.execute(query.order_by(_OUTBOX.position).limit(most))
    return [_told(row, 0, None) for row in rows]


def blocked(connection: Connection, name: str, books: Iterable[str]) -> set[str]:
    """Which of `books` have an earlier event that `name` has not taken yet."""
    query = select(_WAITS.book).distinct()
    waiting = (_WAITS.subscriber == name) & _WAITS.dead_at.is_(None)
    return set(connection.execute(query.where(waiting, _WAITS.book.in_(set(books)))).scalars())


def due(connection: Connection, name: str, now: datetime, most: int) -> list[QueuedEvent]:
    """What is to be offered again: of at most `most` books the next few events, in order."""
    asked = {"name": name, "now": now, "most": most, "chain": _CHAIN}
    return [_told(row, row.attempts, row.since) for row in connection.execute(_CHAINS, asked)]


def waiting(connection: Connection, name: str) -> int:
    """How many events wait for `name`, counted to 10,000."""
    waits = (_WAITS.subscriber == name) & _WAITS.dead_at.is_(None)
    some = select(_WAITS.event).where(waits).limit(_COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def advance(connection: Connection, name: str, before: int, after: int) -> bool:
    """Note that `name` has been told of everything up to `after`.

    False where somebody else has moved it meanwhile: then nothing of this may be noted.
    """
    here = (_TOLD.name == name) & (_TOLD.position == before)
    moved = connection.execute(update(subscriber).where(here).values(position=after))
    return moved.rowcount == 1


def mark_taken(connection: Connection, name: str, events: Sequence[QueuedEvent]) -> None:
    """These were delivered: nothing waits for them any more."""
    rows = [event.row for event in events]
    if rows:
        these = (_WAITS.subscriber == name) & _WAITS.event.in_(rows)
        connection.execute(delete(delivery).where(these))


def park(connection: Connection, name: str, events: Sequence[QueuedEvent], now: datetime) -> None:
    """These wait behind an earlier event of their book, or were not offered yet."""
    if events:
        statement = insert(delivery)
        again = {"dead_at": None, "since": now, "attempts": 0}
        statement = statement.on_conflict_do_update(
            index_elements=["subscriber", "event"], set_=again, where=_WAITS.dead_at.is_not(None)
        )
        connection.execute(statement, [_row(name, event, since=now) for event in events])


def refuse(connection: Connection, name: str, refused: RefusedEvent, now: datetime) -> None:
    """This was not taken: it is offered again at its time, or set aside."""
    facts = {
        "attempts": refused.told.attempts + 1,
        "error": refused.error,
        "since": refused.since,
        "next_at": refused.next_at,
        "dead_at": now if refused.next_at is None else None,
    }
    statement = insert(delivery).values(_row(name, refused.told, since=refused.since) | facts)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["subscriber", "event"], set_=facts)
    )


def schedule_first_events(
    connection: Connection, name: str, books: Iterable[str], now: datetime
) -> None:
    """Of each of `books` the first event that waits, and no other, is offered again in time."""
    asked = {"name": name, "books": sorted(set(books))}
    if not asked["books"]:
        return
    first = _WAITS.event.in_(connection.execute(_HEADS, asked).scalars().all())
    mine = (_WAITS.subscriber == name) & _WAITS.dead_at.is_(None)
    leading = mine & first & _WAITS.next_at.is_(None)
    following = mine & ~first & _WAITS.next_at.is_not(None) & _WAITS.book.in_(asked["books"])
    connection.execute(update(delivery).where(leading).values(next_at=now))
    connection.execute(update(delivery).where(following).values(next_at=None))


def pause(connection: Connection, name: str, until: datetime) -> None:
    """Tell `name` nothing before `until`."""
    connection.execute(update(subscriber).where(_TOLD.name == name).values(paused_until=until))


def disable(connection: Connection, name: str, why: str) -> None:
    """Tell `name` nothing more until somebody asks for it."""
    connection.execute(update(subscriber).where(_TOLD.name == name).values(disabled=why))


def prune(database: Database, names: Sequence[str], before: datetime, most: int = 2000) -> int:
    """Forget the oldest events, at most `most`, which were told to all of `names` not disabled."""
    if not names:
        return 0
    asked: Mapping[str, Any] = {"names": list(names), "before": before, "most": most}
    with database.begin() as connection:
        return connection.execute(_PRUNE, asked).rowcount


def by_book(events: Iterable[QueuedEvent]) -> list[list[QueuedEvent]]:
    """The events of each book, in their order."""
    chains: dict[str, list[QueuedEvent]] = defaultdict(list)
    for queued in events:
        chains[queued.event.book].append(queued)
    return list(chains.values())


def event_of(row: Row[Any]) -> Event:
    """A row of the outbox as an event."""
    return Event(
        id=str(row.uid),
        type=row.event,
        version=row.version,
        book=row.book,
        at=row.at,
        correlation=row.correlation,
        causation=row.causation,
        data=row.payload,
    )


def _anything_fresh(connection: Connection) -> bool:
    query = select(_OUTBOX.id).where(_OUTBOX.position.is_(None)).limit(1)
    return connection.execute(query).first() is not None


def _told(row: Row[Any], attempts: int, since: datetime | None) -> QueuedEvent:
    return QueuedEvent(row.id, row.position, event_of(row), attempts, since)


def _row(name: str, queued: QueuedEvent, *, since: datetime) -> dict[str, Any]:
    return {
        "subscriber": name,
        "event": queued.row,
        "position": queued.position,
        "book": queued.event.book,
        "attempts": queued.attempts,
        "error": "",
        "since": since,
    }
