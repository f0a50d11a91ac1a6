"""What a shop needs besides the catalogue: prices, rights, previews, and which books are alike."""

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ebook_pipeline.resources.database.columns import (
    actor,
    book_id,
    identity,
    metadata,
    moment,
    now,
)

__all__ = ["meaning", "preview_link", "price", "sales_right"]

TERRITORY = "^([A-Z]{2}|EU|EEA|ECZ|WORLD)$"

price = Table(
    "price",
    metadata,
    identity(),
    book_id(),
    Column("territory", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Numeric(12, 3), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    *actor(),
    now(),
    UniqueConstraint("book", "territory", "currency", "valid_from"),
    CheckConstraint(f"territory ~ '{TERRITORY}'", name="territory"),
    CheckConstraint("type IN ('01', '02', '03', '04')", name="type"),
    CheckConstraint("currency ~ '^[A-Z]{3}$' AND amount >= 0", name="amount"),
    CheckConstraint("valid_until >= valid_from", name="valid"),
    Index("price_at_idx", "at"),
    comment="Days are both inclusive; type: ONIX list 58.",
)

sales_right = Table(
    "sales_right",
    metadata,
    Column("book", Text, ForeignKey("book.id"), primary_key=True),
    Column("territory", Text, primary_key=True),
    Column("type", Text, nullable=False),
    *actor(),
    now(),
    CheckConstraint(f"territory ~ '{TERRITORY}'", name="territory"),
    CheckConstraint("type IN ('01', '02', '03')", name="type"),
    Index("sales_right_at_idx", "at"),
    comment="type: ONIX list 46; a book without any is sold everywhere.",
)

preview_link = Table(
    "preview_link",
    metadata,
    Column("code", Text, primary_key=True),
    Column("book", Text, ForeignKey("book.id"), nullable=False, index=True),
    Column("target", Text, nullable=False),
    *actor(),
    now(),
    moment("expires_at", needed=True),
    moment("removed_at"),
    CheckConstraint("code ~ '^[A-Za-z0-9_-]{12,}$'", name="code"),
    Index(
        "preview_link_standing_idx",
        "expires_at",
        postgresql_where=text("removed_at IS NULL"),
    ),
    comment="Who has the code can read the excerpt until then; removed: nothing is at the edge.",
)

meaning = Table(
    "meaning",
    metadata,
    Column("book", Text, ForeignKey("catalog.book"), primary_key=True),
    Column("model", Text, nullable=False),
    Column("figures", ARRAY(REAL), nullable=False),
    comment="What the release that is on sale is about; those of one model can be compared.",
)
