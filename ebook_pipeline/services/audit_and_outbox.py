"""Who did what (audit) and what others should hear of (outbox), written within a transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ebook_pipeline.foundation import events
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import tables
from ebook_pipeline.services.actors import require_known


def audit(
    connection: Connection, actor: str, action: str, book: str, detail: Mapping[str, Any]
) -> None:
    """One row: `actor` did `action` to `book`, within the run or command under way.

    Raises `UnknownActor`, which undoes the transaction, where that is nobody whom we know.
    """
    audit_all(connection, actor, action, {book: detail})


def audit_all(
    connection: Connection, actor: str, action: str, details: Mapping[str, Mapping[str, Any]]
) -> None:
    """The same for many books, each with its detail, by one statement."""
    require_known(connection, actor)
    same = {"actor": actor, "action": action, "correlation": events.current_cause()}
    rows = [same | {"book": book, "detail": detail} for book, detail in details.items()]
    connection.execute(insert(tables.audit), rows)


def emit(
    connection: Connection,
    event: str,
    book: str,
    payload: Mapping[str, Any],
    *,
    correlation: str | None = None,
) -> str:
    """One event for the outbox, which is seen only if the transaction commits; its id.

    `correlation` is what caused it: the run or command under way if unset, else its own id.
    Raises ValueError where `events.EVENT_TYPES` does not describe it.
    """
    made = NewEvent(event, book, payload, correlation=correlation, follows=events.followed())
    emit_all(connection, [made])
    return made.uid


def emit_all(connection: Connection, made: Sequence["NewEvent"]) -> None:
    """The same of many events, by one statement, in their order."""
    connection.execute(insert(tables.outbox), list(map(_row, made)))


@dataclass(frozen=True)
class NewEvent:
    """An event that is not in the outbox yet; `follows` is the id of the one that it follows."""

    event: str
    book: str
    payload: Mapping[str, Any]
    correlation: str | None = None
    follows: str | None = None
    uid: str = field(default_factory=events.new_id)
    at: datetime | None = None
    """When it happened, where that is not now."""


def _row(made: NewEvent) -> dict[str, Any]:
    return {
        "uid": made.uid,
        "event": made.event,
        "version": events.checked_type(made.event, made.payload).version,
        "book": made.book,
        "payload": made.payload,
        "correlation": made.correlation or events.current_cause() or made.uid,
        "causation": made.follows,
        **({"at": made.at} if made.at else {}),
    }


def lock_book_row(connection: Connection, book: str) -> None:
    """Hold the book's row until the transaction ends, so that changes of one book queue up.

    Raises `NotFound` for an unknown book.
    """
    query = select(tables.book.c.id).where(tables.book.c.id == book).with_for_update(key_share=True)
    if connection.execute(query).first() is None:
        raise NotFound(f"no book is called {book!r}")
