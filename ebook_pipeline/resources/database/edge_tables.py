"""What verification saw at the edge, book by book, and what was wrong there from when to when."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from ebook_pipeline.resources.database.columns import (
    CleanJson,
    CleanText,
    book_id,
    identity,
    metadata,
    moment,
    now,
)

__all__ = ["edge_check", "edge_incident", "edge_turn"]

edge_check = Table(
    "edge_check",
    metadata,
    identity(),
    Column("run", Text, nullable=False),
    book_id(),
    Column("release", Text, nullable=False),
    Column("point", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("status", Integer, nullable=False),
    Column("milliseconds", Float, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("fault", CleanText, nullable=False),
    now(),
    Index("edge_check_at_idx", "at", "point"),
    comment="Every request that verification made at the edge; status 0: nobody answered in time.",
)

edge_turn = Table(
    "edge_turn",
    metadata,
    Column("book", Text, ForeignKey("book.id"), primary_key=True),
    now("checked_at"),
    Index("edge_turn_checked_at_idx", "checked_at"),
    comment="When a book was verified last: the least recent one is next.",
)

edge_incident = Table(
    "edge_incident",
    metadata,
    identity(),
    Column("point", Text, nullable=False),
    book_id(),
    Column("scope", Text, nullable=False),
    Column("faults", CleanJson, nullable=False),
    now("began_at"),
    moment("ended_at"),
    Index(
        "edge_incident_open_idx",
        "point",
        "scope",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    comment="From the first failure after a success to the recovery. Scope: the book, or nothing"
    " where the whole point is away; then the book is the one that it was seen with.",
)
