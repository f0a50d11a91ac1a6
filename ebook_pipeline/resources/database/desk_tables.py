"""How people sign in at the desk, and how much may be asked of it: migration 0013 says the same."""

from sqlalchemy import Boolean, CheckConstraint, Column, Double, ForeignKey, Index, Table, Text

from ebook_pipeline.resources.database.account_tables import person
from ebook_pipeline.resources.database.columns import (
    CleanText,
    actor,
    metadata,
    moment,
    now,
    one_of,
)
from ebook_pipeline.resources.database.personal import PersonalText

__all__ = ["app_password", "credential", "one_time_link", "profile", "rate_limit", "session"]


def _digest() -> "tuple[Column[str], CheckConstraint]":
    """SHA-256 of a secret that its holder alone has."""
    check = CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest")
    return Column("digest", Text, primary_key=True), check


def _person() -> "Column[str]":
    return Column("person", Text, ForeignKey(person.c.login), nullable=False)


credential = Table(
    "credential",
    metadata,
    Column("person", Text, ForeignKey(person.c.login), primary_key=True),
    Column("password", Text, nullable=False),
    now("changed_at"),
    CheckConstraint("password LIKE '$argon2id$%'", name="password"),
    comment="password: argon2id with its parameters and salt (RFC 9106).",
)

session = Table(
    "session",
    metadata,
    *_digest(),
    _person(),
    Column("method", Text, nullable=False),
    now(),
    now("seen_at"),
    moment("ends_at", needed=True),
    Index("session_person_idx", "person"),
    Index("session_ends_at_idx", "ends_at"),
    comment="digest: SHA-256 of what the browser holds; method: how they signed in."
    " It ends at ends_at, and earlier where it was not seen for a while.",
)

profile = Table(
    "profile",
    metadata,
    Column("person", Text, ForeignKey(person.c.login), primary_key=True),
    Column("language", Text, nullable=False, server_default=""),
    Column("theme", Text, nullable=False, server_default="auto"),
    Column("avatar", PersonalText("avatar"), nullable=False, server_default=""),
    now("changed_at"),
    one_of("theme", "auto", "light", "dark"),
    comment="Of who has chosen something. language: empty where the browser says it; avatar: a"
    " small JPEG in base64, sealed, or empty.",
)

one_time_link = Table(
    "one_time_link",
    metadata,
    *_digest(),
    _person(),
    Column("purpose", Text, nullable=False),
    Column("address", PersonalText("who")),
    *actor(),
    now(),
    moment("ends_at", needed=True),
    moment("used_at"),
    one_of("purpose", "welcome", "reset", "confirm"),
    CheckConstraint("(purpose = 'confirm') = (address IS NOT NULL)", name="address"),
    Index("one_time_link_person_idx", "person", "purpose"),
    comment="digest: SHA-256 of the link's token; address: the one to be confirmed.",
)

app_password = Table(
    "app_password",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    _person(),
    Column("name", CleanText, nullable=False),
    now(),
    moment("last_used_at"),
    moment("ended_at"),
    CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
    Index("app_password_person_idx", "person", "at"),
    comment="digest: SHA-256 of what a reading app holds; it opens its person's shelf,"
    " and no more.",
)

rate_limit = Table(
    "rate_limit",
    metadata,
    Column("key", Text, primary_key=True),
    Column("due", Double, nullable=False),
    Column("step", Double, nullable=False),
    Column("span", Double, nullable=False),
    Column("allowed", Boolean, nullable=False),
    comment="GCRA: due is the theoretical arrival time, seconds since 1970; step, span: seconds for"
    " a request, and ahead of now at most; allowed: whether the last was. A crash empties it.",
    prefixes=["UNLOGGED"],
)
