"""How far each subscriber has heard what the outbox tells, and what each has yet to hear."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from ebook_pipeline.resources.database.columns import CleanText, metadata, moment

__all__ = ["delivery", "subscriber"]


subscriber = Table(
    "subscriber",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    moment("paused_until"),
    Column("disabled", CleanText),
    comment="Who has been told everything up to position, but for what delivery says; disabled:"
    " why nothing more is told.",
)

delivery = Table(
    "delivery",
    metadata,
    Column("subscriber", Text, ForeignKey("subscriber.name"), primary_key=True),
    Column("event", BigInteger, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("book", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", CleanText, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    moment("next_at"),
    moment("dead_at"),
    CheckConstraint("dead_at IS NULL OR next_at IS NULL", name="state"),
    Index("delivery_event_idx", "event"),
    Index(
        "delivery_waiting_idx",
        "subscriber",
        "book",
        "position",
        postgresql_where=text("dead_at IS NULL"),
    ),
    Index(
        "delivery_due_idx",
        "subscriber",
        "next_at",
        postgresql_where=text("next_at IS NOT NULL"),
    ),
    Index(
        "delivery_dead_idx",
        "subscriber",
        "position",
        postgresql_where=text("dead_at IS NOT NULL"),
    ),
    comment="What a subscriber has not taken yet. Of a book the first one has next_at, the others"
    " wait behind it; dead: set aside after days.",
)
