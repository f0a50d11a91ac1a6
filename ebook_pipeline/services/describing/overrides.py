"""Fields of a book that a person decides: locked until somebody unlocks them."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.describing.overrides import Overrides, checked_override
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row

_LOCK = tables.field_lock.c


def override_field(database: Database, book: str, field: str, value: object, *, actor: str) -> None:
    """Let `field` of `book` be `value` (as JSON) whatever the next runs find.

    Raises `NotFound` for an unknown book, `InvalidOverride` for a wrong field or value.
    """
    kept = checked_override(field, value)
    row = {"book": book, "field": field, "value": kept, "actor": actor}
    change = {"value": kept, "actor": actor, "at": func.now()}
    statement = insert(tables.field_lock).values(row)
    with database.begin() as connection:
        lock_book_row(connection, book)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["book", "field"], set_=change)
        )
        audit(connection, actor, "lock", book, {"field": field, "value": kept})
        emit(connection, "metadata.locked", book, {"field": field})


def clear_override(database: Database, book: str, field: str, *, actor: str) -> None:
    """Let the next run find `field` again. Raises `NotFound` where it is not locked."""
    with database.begin() as connection:
        lock_book_row(connection, book)
        locked = (_LOCK.book == book) & (_LOCK.field == field)
        if connection.execute(delete(tables.field_lock).where(locked)).rowcount == 0:
            raise NotFound(f"{field!r} of {book} is not locked")
        audit(connection, actor, "unlock", book, {"field": field})
        emit(connection, "metadata.unlocked", book, {"field": field})


def overrides_of(database: Database, book: str) -> Overrides:
    """What people have locked of `book`."""
    query = select(_LOCK.field, _LOCK.value).where(_LOCK.book == book).order_by(_LOCK.field)
    with database.begin() as connection:
        return Overrides(values={row.field: row.value for row in connection.execute(query)})
