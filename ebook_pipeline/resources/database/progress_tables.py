"""Where every book stands, one row each: the database keeps it, migration 0020 says how.

And what each book was made of when a run took it through every stage.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from ebook_pipeline.resources.database.columns import metadata, moment, now, one_of

__all__ = ["TWINS", "book_fingerprint", "book_progress"]

TWINS = """
    SELECT DISTINCT twin.book, book_progress.state IN ('rejected', 'withdrawn') AND NOT EXISTS (
        SELECT FROM catalog WHERE catalog.book = twin.book AND catalog.state = 'live') AS ended
    FROM edition AS twin JOIN book_progress ON book_progress.book = twin.book
    JOIN book AS other ON other.id = twin.book
    WHERE twin.sha256 = newest.sha256 AND twin.book <> book.id AND other.account = book.account
"""
"""Other books of `book`'s account with an edition of the bytes of `newest`, and whether they have
ended: one of which an edition is on sale has not, whatever became of its newest."""

book_fingerprint = Table(
    "book_fingerprint",
    metadata,
    Column("book", Text, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("blobs", ARRAY(Text), nullable=False),
    Column("run", Text, nullable=False),
    Column("told", Boolean, nullable=False, server_default="false"),
    now(),
    comment="What a book was made of when a run took it through every stage: a digest of all that"
    " stages ask of the world. blobs: SHA-256 and length of what its records point to. told: all"
    " that the run did with it is in the event log.",
)

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
