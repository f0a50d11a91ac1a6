"""Who did what (audit) and what others should hear of (outbox), written within a transaction."""

from collections.abc import Mapping
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
    require_known(connection, actor)
    row = {"actor": actor, "action": action, "book": book, "detail": detail}
    connection.execute(insert(tables.audit), row | {"correlation": events.current_cause()})


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
    kind = events.checked_type(event, payload)
    uid = events.new_id()
    row = {
        "uid": uid,
        "event": event,
        "version": kind.version,
        "book": book,
        "payload": payload,
        "correlation": correlation or events.current_cause() or uid,
        "causation": events.followed(),
    }
    connection.execute(insert(tables.outbox), row)
    return uid


def lock_book_row(connection: Connection, book: str) -> None:
    """Hold the book's row until the transaction ends, so that changes of one book queue up.

    Raises `NotFound` for an unknown book.
    """
    query = select(tables.book.c.id).where(tables.book.c.id == book).with_for_update(key_share=True)
    if connection.execute(query).first() is None:
        raise NotFound(f"no book is called {book!r}")
