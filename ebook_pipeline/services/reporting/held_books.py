"""Which books a run has just now, told by the locks that runs hold: never by a table.

All locks are read once, not once for each book: a run takes the lock of `Database.lock`, whose key
the table of progress keeps beside each book.
"""

from sqlalchemy import Boolean, ColumnElement, literal_column

LOCKED_KEYS = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""The keys of all locks that are held in this database."""

IS_HELD: ColumnElement[bool] = literal_column(
    f"book_progress.lock_key IN ({LOCKED_KEYS})", Boolean()
)
"""Of a row of book_progress: a run has the book."""
