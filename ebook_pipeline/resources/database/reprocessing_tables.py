"""Reprocessings: a stage of many books again, in the background, and what became of each."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.resources.database.columns import (
    CleanText,
    actor,
    identity,
    metadata,
    moment,
    now,
    one_of,
)

__all__ = ["reprocessing", "reprocessing_book", "reprocessing_schedule", "stage_version"]

reprocessing = Table(
    "reprocessing",
    metadata,
    identity(),
    Column("stage", Text, nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("condition", CleanText, nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("books_per_run", Integer, nullable=False),
    Column("books", Integer, nullable=False),
    Column("planned_hours", Float, nullable=False),
    *actor(),
    now(),
    moment("resumed_at"),
    moment("ended_at"),
    moment("told_at"),
    one_of("state", "running", "paused", "cancelled", "ended"),
    CheckConstraint("books_per_run > 0 AND books >= 0 AND planned_hours >= 0", name="figures"),
    Index("reprocessing_open_idx", "id", postgresql_where=text("told_at IS NULL")),
    comment="A stage of many books again. cause: asked, retry:ID, schedule:NAME or version:STAGE."
    " told_at: since when its summary is in Dagster.",
)

reprocessing_book = Table(
    "reprocessing_book",
    metadata,
    Column(
        "reprocessing",
        BigInteger,
        ForeignKey("reprocessing.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("place", Integer, primary_key=True),
    Column("book", Text, ForeignKey("book.id", ondelete="CASCADE"), nullable=False),
    Column("run", Text),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    moment("handed_at"),
    Column("outcome", Text),
    Column("stage", Text, nullable=False, server_default=""),
    Column("reason", CleanText, nullable=False, server_default=""),
    moment("ended_at"),
    CheckConstraint(
        "outcome IN ('done', 'reused', 'rejected', 'waiting', 'failed', 'cancelled')",
        name="outcome",
    ),
    Index("reprocessing_book_book_idx", "book"),
    Index(
        "reprocessing_book_left_idx",
        "reprocessing",
        "place",
        postgresql_where=text("outcome IS NULL AND run IS NULL"),
    ),
    Index(
        "reprocessing_book_out_idx",
        "reprocessing",
        "run",
        postgresql_where=text("outcome IS NULL AND run IS NOT NULL"),
    ),
    Index("reprocessing_book_ended_idx", "reprocessing", "ended_at"),
    comment="run: who has the book now; attempts: how many runs had it.",
)

reprocessing_schedule = Table(
    "reprocessing_schedule",
    metadata,
    Column("name", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("condition", CleanText, nullable=False),
    Column("cron", Text, nullable=False),
    Column("next_at", DateTime(timezone=True), nullable=False),
    *actor(),
    now(),
    comment="Reprocessings that begin by themselves. cron: of UTC.",
)

stage_version = Table(
    "stage_version",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("facts", JSONB, nullable=False),
    Column("is_first", Boolean, nullable=False),
    Column("books", Integer, nullable=False),
    Column("hours", Float, nullable=False),
    Column("answer", Text, nullable=False),
    now(),
    one_of("answer", "open", "taken", "dismissed"),
    comment="What stages were made with, when it was first seen, and how many books were made with"
    " something else by then.",
)
