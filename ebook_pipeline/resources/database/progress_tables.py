"""Where every book stands, one row each: the database keeps it, migration 0020 says how."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Integer, Table, Text

from ebook_pipeline.resources.database.columns import metadata, moment, one_of

__all__ = ["book_progress"]

book_progress = Table(
    "book_progress",
    metadata,
    Column("book", Text, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True),
    Column("submitted", DateTime(timezone=True), nullable=False),
    Column("changed", DateTime(timezone=True), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("outcome", Text),
    moment("ended_at"),
    Column("stage_run", BigInteger),
    Column("state", Text, nullable=False),
    Column("lock_key", BigInteger, nullable=False),
    one_of("state", "in_progress", "rejected", "needs_review", "failed", "released", "withdrawn"),
    Index("book_progress_state_idx", "state", "submitted", "book"),
    Index("book_progress_submitted_idx", "submitted", "book"),
    Index("book_progress_changed_idx", "changed"),
    Index("book_progress_lock_key_idx", "lock_key"),
    comment="Where a book stands, derived from its submissions, editions, stages and its place in"
    " the catalogue, whenever one of them changes. state: but for a run that holds the book just"
    " now, which the lock of lock_key tells. stage_run: the row of its last outcome.",
)
