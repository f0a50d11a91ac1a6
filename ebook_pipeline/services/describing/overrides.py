"""Fields of a book that a person decides: locked until somebody unlocks them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import Field
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.describing.overrides import OVERRIDABLE, Overrides, checked_override
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally

_LOCK = tables.field_lock.c
_DESCRIPTION = tables.description.c
UNLOCKED: Final = object()
"""In the place of a value: let the next run find the field again."""


class FieldLock(Record):
    """What a person said of one field."""

    field: str
    value: Any
    actor: str
    at: datetime


class BookFields(Record):
    """What is known of a book that people may decide: `values` as they are described, and `locks`.

    `edition` is the one that was described last; a lock may be newer than its description.
    """

    book: str
    edition: int = 0
    values: dict[str, Any] = Field(default_factory=dict)
    locks: tuple[FieldLock, ...] = ()


def override_field(database: Database, book: str, field: str, value: object, *, actor: str) -> None:
    """Let `field` of `book` be `value` (as JSON) whatever the next runs find.

    Raises `NotFound` for an unknown book, `InvalidOverride` for a wrong field or value.
    """
    change_fields(database, book, {field: value}, actor=actor)


def clear_override(database: Database, book: str, field: str, *, actor: str) -> None:
    """Let the next run find `field` again. Raises `NotFound` where it is not locked."""
    change_fields(database, book, {field: UNLOCKED}, actor=actor)


def change_fields(
    database: Database,
    book: str,
    changes: Mapping[str, object],
    *,
    actor: str,
    precondition: Precondition[BookFields] = unconditionally,
) -> BookFields:
    """Lock fields to values, and unlock those that are `UNLOCKED`: all of it, or nothing.

    Raises `NotFound` for an unknown book, and where a field to unlock is not locked;
    `InvalidOverride` for a wrong field or value; and whatever `precondition` raises.
    """
    kept = {
        field: value if value is UNLOCKED else checked_override(field, value)
        for field, value in changes.items()
    }
    with database.begin() as connection:
        lock_book_row(connection, book)
        precondition(fields_within(connection, book))
        for field, value in kept.items():
            if value is UNLOCKED:
                _unlock(connection, book, field, actor)
            else:
                _lock(connection, book, field, value, actor)
        return fields_within(connection, book)


def fields_of(database: Database, book: str) -> BookFields:
    """The fields of a book. Raises `NotFound` for an unknown one."""
    with database.begin() as connection:
        if connection.execute(select(tables.book.c.id).where(tables.book.c.id == book)).first():
            return fields_within(connection, book)
    raise NotFound(f"no book is called {book!r}")


def fields_within(connection: Connection, book: str) -> BookFields:
    """The same within a transaction."""
    newest = select(_DESCRIPTION.edition, _DESCRIPTION.document).where(_DESCRIPTION.book == book)
    described = connection.execute(newest.order_by(_DESCRIPTION.id.desc()).limit(1)).first()
    locks = select(tables.field_lock).where(_LOCK.book == book).order_by(_LOCK.field)
    document = described.document if described else {}
    return BookFields(
        book=book,
        edition=described.edition if described else 0,
        values={name: document[name] for name in sorted(OVERRIDABLE & document.keys())},
        locks=tuple(
            FieldLock(field=row.field, value=row.value, actor=row.actor, at=row.at)
            for row in connection.execute(locks)
        ),
    )


def overrides_of(database: Database, book: str) -> Overrides:
    """What people have locked of `book`."""
    query = select(_LOCK.field, _LOCK.value).where(_LOCK.book == book).order_by(_LOCK.field)
    with database.begin() as connection:
        return Overrides(values={row.field: row.value for row in connection.execute(query)})


def _lock(connection: Connection, book: str, field: str, value: object, actor: str) -> None:
    row = {"book": book, "field": field, "value": value, "actor": actor}
    change = {"value": value, "actor": actor, "at": func.now()}
    statement = insert(tables.field_lock).values(row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["book", "field"], set_=change)
    )
    audit(connection, actor, "lock", book, {"field": field, "value": value})
    emit(connection, "metadata.locked", book, {"field": field})


def _unlock(connection: Connection, book: str, field: str, actor: str) -> None:
    locked = (_LOCK.book == book) & (_LOCK.field == field)
    if connection.execute(delete(tables.field_lock).where(locked)).rowcount == 0:
        raise NotFound(f"{field!r} of {book} is not locked")
    audit(connection, actor, "unlock", book, {"field": field})
    emit(connection, "metadata.unlocked", book, {"field": field})
