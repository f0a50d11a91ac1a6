"""Events as people ask for them: which there were, who has not heard what, telling it again."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.event_tables import delivery, subscriber
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.delivering import queue

_OUTBOX = tables.outbox.c
_WAITS = delivery.c
_TOLD = subscriber.c
_COUNTED = 10_000


class LoggedEvent(Record):
    """An event, and of each subscriber that has not taken it why not."""

    event: Event
    missing: dict[str, str]


class SubscriberState(Record):
    """How a subscriber stands: events that it has yet to hear, of those that wait or are dead.

    `behind` counts no further than 10,000. `silenced` says why it is told nothing, if so.
    """

    subscriber: str
    behind: int
    waiting: int
    dead: int
    silenced: str


_MISSED = text(
    """
    SELECT id FROM outbox WHERE position IS NULL
    UNION SELECT id FROM outbox WHERE position >
        (SELECT min(position) FROM subscriber WHERE name = ANY (:names))
    UNION SELECT event FROM delivery WHERE subscriber = ANY (:names)
    """
).columns(_OUTBOX.id)
_STANDING = text(
    """
    SELECT subscriber.name AS subscriber,
        (SELECT count(*) FROM (
            SELECT FROM outbox WHERE position > subscriber.position OR position IS NULL LIMIT :most
        ) AS ahead) AS behind,
        (SELECT count(*) FROM delivery
            WHERE delivery.subscriber = subscriber.name AND dead_at IS NULL) AS waiting,
        (SELECT count(*) FROM delivery
            WHERE delivery.subscriber = subscriber.name AND dead_at IS NOT NULL) AS dead,
        coalesce('disabled: ' || disabled, 'until ' || CASE WHEN paused_until > :now
            THEN to_char(paused_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC') END, ''
        ) AS silenced
    FROM subscriber WHERE name = ANY (:names) ORDER BY name
    """
)
_AGAIN = text(
    """
    UPDATE delivery SET dead_at = NULL, next_at = NULL, attempts = 0, since = :now
    FROM outbox
    WHERE outbox.id = delivery.event AND delivery.subscriber = ANY (:names)
        AND (CAST(:uids AS text[]) = '{}' OR outbox.uid::text = ANY (CAST(:uids AS text[])))
        AND (CAST(:book AS text) IS NULL OR delivery.book = :book)
    RETURNING delivery.subscriber, delivery.book
    """
)
_BACK = text(
    """
    UPDATE subscriber SET position = least(position, coalesce((
        SELECT min(position) - 1 FROM outbox WHERE position IS NOT NULL AND at >= :since
    ), position))
    WHERE name = :name
    """
)
_BOOK_BACK = text(
    """
    INSERT INTO delivery (subscriber, event, position, book, attempts, error, since)
    SELECT name, outbox.id, outbox.position, book, 0, '', :now
    FROM subscriber JOIN outbox ON outbox.position <= subscriber.position
    WHERE name = :name AND book = :book AND at >= :since
    ON CONFLICT (subscriber, event) DO UPDATE SET dead_at = NULL, attempts = 0, since = :now
    """
)


def list_events(
    database: Database,
    names: Sequence[str],
    *,
    book: str | None = None,
    undelivered: bool = False,
    most: int = 50,
) -> tuple[LoggedEvent, ...]:
    """The last events, oldest first: all, those of `book`, those that some of `names` lack."""
    query = select(tables.outbox)
    if book is not None:
        query = query.where(_OUTBOX.book == book)
    if undelivered:
        missed = _MISSED.bindparams(bindparam("names", list(names), type_=ARRAY(TEXT)))
        query = query.where(_OUTBOX.id.in_(missed))
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_OUTBOX.id.desc()).limit(most)).all()
        missing = _missing(connection, names, rows)
    return tuple(
        LoggedEvent(event=queue.event_of(row), missing=missing.get(row.id, {}))
        for row in reversed(rows)
    )


def subscriber_states(
    database: Database, names: Sequence[str], now: datetime
) -> tuple[SubscriberState, ...]:
    """How each of `names` stands; who was never told anything is left out."""
    asked = {"names": list(names), "now": now, "most": _COUNTED}
    with database.begin() as connection:
        rows = connection.execute(_STANDING, asked)
        return tuple(SubscriberState.model_validate(dict(row._mapping)) for row in rows)


def retry(
    database: Database,
    names: Sequence[str],
    now: datetime,
    *,
    events: Sequence[str] = (),
    book: str | None = None,
    actor: str,
) -> int:
    """Offer again, at once, what `names` did not take, also what was set aside; how many events.

    Only `events` by id, only of `book`, where these are given. Who was disabled or wanted to be
    left alone is told again.
    """
    asked = {"names": list(names), "now": now, "uids": list(events), "book": book}
    with database.begin() as connection:
        again = connection.execute(_AGAIN, asked).all()
        these = update(subscriber).where(_TOLD.name.in_(names))
        connection.execute(these.values(paused_until=None, disabled=None))
        for name, books in _grouped(again).items():
            queue.schedule_first_events(connection, name, books, now)
        for touched in {row.book for row in again}:
            audit(connection, actor, "deliver_again", touched, {"subscribers": list(names)})
    return len(again)


def replay(
    database: Database,
    name: str,
    since: datetime,
    now: datetime,
    *,
    book: str | None = None,
    actor: str,
) -> None:
    """Tell `name` again all that happened since then, or only what happened to `book`.

    The order of each book is kept: what is new comes after what is told again. Raises `NotFound`
    for a subscriber that was never told anything.
    """
    with database.begin() as connection:
        query = select(_TOLD.position).where(_TOLD.name == name).with_for_update()
        if connection.execute(query).first() is None:
            raise NotFound(f"no subscriber is called {name!r}")
        asked = {"name": name, "since": since}
        if book is None:
            connection.execute(_BACK, asked)
        else:
            connection.execute(_BOOK_BACK, asked | {"book": book, "now": now})
            queue.schedule_first_events(connection, name, [book], now)
        facts = {"subscriber": name, "since": since.isoformat()}
        audit(connection, actor, "replay", book or "", facts)


def _missing(
    connection: Connection, names: Sequence[str], rows: Sequence[Row[Any]]
) -> dict[int, dict[str, str]]:
    """By the outbox's row: who lacks it, and why."""
    query = select(_TOLD.name, _TOLD.position).where(_TOLD.name.in_(names))
    positions = {row.name: row.position for row in connection.execute(query)}
    missing: dict[int, dict[str, str]] = defaultdict(dict)
    for row in rows:
        for name in names:
            if row.position is None or row.position > positions.get(name, 0):
                missing[row.id][name] = "not told yet"
    ids = [row.id for row in rows]
    waits = select(delivery).where(_WAITS.event.in_(ids), _WAITS.subscriber.in_(names))
    for waiting in connection.execute(waits):
        missing[waiting.event][waiting.subscriber] = _why(waiting)
    return missing


def _why(waiting: Row[Any]) -> str:
    if waiting.dead_at is not None:
        return f"dead after {waiting.attempts} attempts: {waiting.error}"
    if waiting.attempts:
        return f"refused {waiting.attempts} times: {waiting.error}"
    return "waits behind an earlier event of its book"


def _grouped(rows: Sequence[Row[Any]]) -> dict[str, set[str]]:
    books: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        books[row.subscriber].add(row.book)
    return books
