"""Picture books that somebody ordered, with every version of their briefs: migration 0100."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.resources.database.account_tables import account
from ebook_pipeline.resources.database.columns import (
    CleanJson,
    actor,
    metadata,
    now,
    one_of,
)
from ebook_pipeline.resources.database.personal import PersonalJson, PersonalText

__all__ = ["picture_book", "picture_book_name", "picture_book_stage", "picture_book_version"]


def _picture_book() -> "Column[str]":
    key = ForeignKey("picture_book.key", ondelete="CASCADE")
    return Column("picture_book", Text, key, nullable=False)


picture_book = Table(
    "picture_book",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", Text, ForeignKey(account.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("book", Text),
    *actor(),
    now(),
    now("changed_at"),
    CheckConstraint("version > 0", name="version"),
    one_of("state", "waiting", "making", "made", "refused", "failed", "cancelled"),
    Index("picture_book_account_idx", "account", "changed_at", "key"),
    Index("picture_book_state_idx", "state", "changed_at"),
    comment="A picture book that is ordered by a brief. version: the one that stands; book: what"
    " it was submitted as.",
)

picture_book_version = Table(
    "picture_book_version",
    metadata,
    _picture_book(),
    Column("number", Integer, nullable=False),
    Column("brief", PersonalJson("brief"), nullable=False),
    Column("attempts", JSONB, nullable=False),
    Column("made", CleanJson),
    *actor(),
    now(),
    PrimaryKeyConstraint("picture_book", "number"),
    Index("picture_book_version_actor_idx", "actor", "at"),
    comment="What was ordered once: a brief, and which of its pages were asked for again. made:"
    " the files that came of it.",
)

picture_book_stage = Table(
    "picture_book_stage",
    metadata,
    _picture_book(),
    Column("stage", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("tokens", Integer, nullable=False, server_default="0"),
    Column("detail", CleanJson, nullable=False),
    now(),
    PrimaryKeyConstraint("picture_book", "stage"),
    comment="How a stage of the newest version ended last, or that it is under way; tokens: what a"
    " model was paid for.",
)

picture_book_name = Table(
    "picture_book_name",
    metadata,
    _picture_book(),
    Column("field", Text, nullable=False),
    Column("name", PersonalText("brief-name"), nullable=False),
    Index("picture_book_name_name_idx", "name"),
    PrimaryKeyConstraint("picture_book", "field", "name"),
    comment="Who may be named in a brief, word by word, so that a person is found there.",
)
