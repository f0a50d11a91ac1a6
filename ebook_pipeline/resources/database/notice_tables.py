"""Who answers a review and by when, who is told what by which channel, and what was told."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ebook_pipeline.resources.database.columns import CleanText, metadata, moment, now
from ebook_pipeline.resources.database.personal import PersonalJson, PersonalText
from ebook_pipeline.resources.database.tables import outbox, stage_run

__all__ = ["notice", "recipient", "review_flag", "review_route"]


review_route = Table(
    "review_route",
    metadata,
    Column("task", BigInteger, ForeignKey("review_task.id"), primary_key=True),
    Column("assignee", PersonalText("reviewer", fold_addresses=True)),
    Column("priority", Text, nullable=False),
    moment("due", needed=True),
    Column("escalate_to", PersonalText("reviewer")),
    Column("rules", ARRAY(Text), nullable=False),
    Column("assignments", Integer, nullable=False, server_default="0"),
    moment("escalated_at"),
    CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name="priority"),
    CheckConstraint("assignee <> '' AND escalate_to <> ''", name="people"),
    Index("review_route_assignee_idx", "assignee"),
    comment="One row a review task; rules: those of the policy that said so; assignments: how"
    " often somebody else got it.",
)

review_flag = Table(
    "review_flag",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("book", Text, ForeignKey("book.id"), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("actor", CleanText, nullable=False),
    now(),
    moment("settled_at"),
    ForeignKeyConstraint(["book", "edition"], ["edition.book", "edition.number"]),
    CheckConstraint("reason <> '' AND actor <> ''", name="said"),
    Index("review_flag_open_idx", "book", "edition", postgresql_where=text("settled_at IS NULL")),
    comment="Editions that somebody wants reviewed whatever quality says; a decision settles it.",
)

recipient = Table(
    "recipient",
    metadata,
    Column("who", PersonalText("who"), primary_key=True),
    Column("preferences", PersonalJson("preferences"), nullable=False),
    now("changed_at"),
    CheckConstraint("who <> ''", name="who"),
    comment="What a person, or a role, wants to be told of and how; an address names a person.",
)

notice = Table(
    "notice",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("about", CleanText, nullable=False),
    Column("book", Text, ForeignKey("book.id")),
    Column("who", PersonalText("who"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", PersonalText("address"), nullable=False),
    Column("language", Text, nullable=False),
    Column("message", PersonalJson("message"), nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    now(),
    moment("due", needed=True),
    moment("claimed_at"),
    moment("closed_at"),
    Column("sent_as", Text),
    Column("why", CleanText, nullable=False, server_default=""),
    Column("account", Text, ForeignKey("account.id")),
    CheckConstraint("state IN ('queued', 'held', 'sent', 'failed', 'suppressed')", name="state"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index("notice_due_idx", "due", postgresql_where=text("state = 'queued'")),
    Index("notice_book_idx", "book", "at"),
    Index("notice_at_idx", "at"),
    Index("notice_who_idx", "who", "at"),
    Index("notice_account_idx", "account", "due", postgresql_where=text("account IS NOT NULL")),
    comment="One row an event, recipient and channel. claimed_at without an end: somebody is"
    " sending it, or died meanwhile; sent_as: the message that it went out in; held: its"
    " contact is not confirmed; account: on whose behalf an author is told.",
)

Index("stage_run_at_idx", stage_run.c.at)  # what has not moved for long is looked for by time
Index("outbox_book_idx", outbox.c.book, outbox.c.id)  # was this said of the book before?
