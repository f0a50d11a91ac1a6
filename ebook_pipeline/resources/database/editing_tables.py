"""Rounds of editing: who edits a manuscript, what each round was about, and comments on passages:
migration 0061."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from ebook_pipeline.resources.database.columns import (
    CleanText,
    actor,
    identity,
    metadata,
    moment,
    now,
    one_of,
)

__all__ = ["edit_comment", "edit_round", "manuscript_editor", "round_chapter"]


def _manuscript() -> "Column[str]":
    key = ForeignKey("manuscript.id", ondelete="CASCADE")
    return Column("manuscript", Text, key, nullable=False)


manuscript_editor = Table(
    "manuscript_editor",
    metadata,
    _manuscript(),
    Column("person", Text, ForeignKey("person.login"), nullable=False),
    *actor(),
    now(),
    PrimaryKeyConstraint("manuscript", "person"),
    Index("manuscript_editor_person_idx", "person"),
)

edit_round = Table(
    "edit_round",
    metadata,
    _manuscript(),
    Column("number", Integer, nullable=False),
    *actor(),
    now(),
    Column("decision", Text),
    Column("decided_by", Text),
    moment("decided_at"),
    Column("note", CleanText, nullable=False, server_default=""),
    PrimaryKeyConstraint("manuscript", "number"),
    one_of("decision", "ask-changes", "accept", "recall"),
    Index("edit_round_open_idx", "manuscript", unique=True,
          postgresql_where=text("decision IS NULL")),
    comment="actor: who submitted; decision: by which step of a manuscript's life it ended.",
)  # fmt: skip

round_chapter = Table(
    "round_chapter",
    metadata,
    Column("manuscript", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("chapter", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("manuscript", "round", "chapter"),
    ForeignKeyConstraint(
        ["manuscript", "round"], ["edit_round.manuscript", "edit_round.number"], ondelete="CASCADE",
        name="round_chapter_manuscript_fkey",
    ),
    comment="Which version of which chapter a round is about.",
)  # fmt: skip

edit_comment = Table(
    "edit_comment",
    metadata,
    identity(),
    _manuscript(),
    Column("round", Integer, nullable=False),
    Column("chapter", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("parent", BigInteger, ForeignKey("edit_comment.id", ondelete="CASCADE")),
    Column("exact", CleanText, nullable=False),
    Column("prefix", CleanText, nullable=False),
    Column("suffix", CleanText, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", CleanText, nullable=False),
    *actor(),
    now(),
    Column("settled_by", Text),
    moment("settled_at"),
    ForeignKeyConstraint(
        ["manuscript", "round"], ["edit_round.manuscript", "edit_round.number"], ondelete="CASCADE",
        name="edit_comment_manuscript_round_fkey",
    ),
    Index("edit_comment_manuscript_idx", "manuscript", "id"),
    Index("edit_comment_parent_idx", "parent"),
    comment="On a passage of a chapter's version, or an answer to another one (parent).",
)  # fmt: skip
