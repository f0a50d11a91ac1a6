"""Manuscripts that are written at the desk, and every version of their chapters: migration 0060."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from ebook_pipeline.resources.database.account_tables import account
from ebook_pipeline.resources.database.columns import (
    CleanJson,
    CleanText,
    actor,
    metadata,
    moment,
    now,
    one_of,
)
from ebook_pipeline.resources.database.personal import PartlyPersonalJson

__all__ = [
    "chapter",
    "chapter_version",
    "manuscript",
    "manuscript_cover",
    "manuscript_name",
    "named_chapter",
]

manuscript = Table(
    "manuscript",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey(account.c.id), nullable=False),
    Column("claims", PartlyPersonalJson("contact"), nullable=False),
    Column("job", Text),
    Column("state", Text, nullable=False, server_default="draft"),
    *actor(),
    now(),
    now("changed_at"),
    moment("submitted_at"),
    CheckConstraint("id ~ '^[a-z2-7]{26}$'", name="id"),
    one_of("state", "draft", "submitted", "ready", "sent"),
    Index("manuscript_account_idx", "account", "changed_at", "id"),
    Index("manuscript_changed_idx", "changed_at", "id"),
    Index("manuscript_job_idx", "job"),
    comment="A book that is written at the desk. job: by which it was last submitted."
    " state: before its processing; what is on sale, the catalogue says.",
)

manuscript_cover = Table(
    "manuscript_cover",
    metadata,
    Column("manuscript", Text, ForeignKey("manuscript.id", ondelete="CASCADE"), primary_key=True),
    Column("picture", LargeBinary, nullable=False),
    Column("small", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("facts", CleanJson, nullable=False),
    *actor(),
    now(),
    comment="Two JPEGs: the cover, and what pages show of it. facts: its pixels, and what shops"
    " will not like of it.",
)

chapter = Table(
    "chapter",
    metadata,
    Column("id", Text, primary_key=True),
    Column("manuscript", Text, ForeignKey("manuscript.id", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    moment("removed_at"),
    Column("thinned", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("id ~ '^[a-z2-7]{26}$'", name="id"),
    Index("chapter_manuscript_idx", "manuscript", "place"),
    comment="A chapter: its place among the others, the version that stands, and up to which its"
    " versions were thinned out.",
)

chapter_version = Table(
    "chapter_version",
    metadata,
    Column("chapter", Text, ForeignKey("chapter.id", ondelete="CASCADE"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("heading", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("words", Integer, nullable=False),
    *actor(),
    now(),
    PrimaryKeyConstraint("chapter", "number"),
    comment="A chapter as it was saved once; none is changed, and none taken away but what says"
    " nothing that a later one does not.",
)

manuscript_name = Table(
    "manuscript_name",
    metadata,
    Column("manuscript", Text, ForeignKey("manuscript.id", ondelete="CASCADE"), nullable=False),
    Column("name", CleanText, nullable=False),
    *actor(),
    now(),
    PrimaryKeyConstraint("manuscript", "name"),
    comment="A state of a manuscript that somebody gave a name.",
)

named_chapter = Table(
    "named_chapter",
    metadata,
    Column("manuscript", Text, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("place", Integer, nullable=False),
    Column("chapter", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("manuscript", "name", "chapter"),
    ForeignKeyConstraint(
        ["manuscript", "name"], ["manuscript_name.manuscript", "manuscript_name.name"],
        ondelete="CASCADE", name="named_chapter_manuscript_fkey",
    ),
    comment="Which version of which chapter a name means.",
)  # fmt: skip
