"""Feeds for the trade and for reading systems: what was told of each product, and when."""

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
)
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.resources.database.columns import identity, metadata, now, one_of

__all__ = ["feed_message", "feed_turn", "onix_sent"]

feed_turn = Table(
    "feed_turn",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("shown_at", DateTime(timezone=True), nullable=False),
    now(),
    one_of("feed", "onix", "opds"),
    comment="shown_at: the moment of the catalogue that the feed shows.",
)

feed_message = Table(
    "feed_message",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("path", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("products", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    now(),
    one_of("kind", "full", "delta"),
    CheckConstraint("products >= 0 AND bytes > 0", name="figures"),
    Index("feed_message_kind_idx", "kind", "id"),
    comment="ONIX messages at the edge, the oldest first.",
)

onix_sent = Table(
    "onix_sent",
    metadata,
    Column("book", Text, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True),
    Column("digests", JSONB, nullable=False),
    now(),
    comment="What the last message that told of a product said, by block.",
)
