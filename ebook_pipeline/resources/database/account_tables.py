"""Whose books are: accounts, their imprints, people with their roles, and confirmed contacts."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ebook_pipeline.resources.database.columns import (
    CleanText,
    actor,
    identity,
    metadata,
    moment,
    now,
    one_of,
)
from ebook_pipeline.resources.database.personal import PersonalText

__all__ = [
    "account",
    "contact",
    "erasure",
    "imprint",
    "membership",
    "person",
    "tombstone",
    "unsealed",
]

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("texts_per_day", Integer),
    Column("price_fall", Float),
    *actor(),
    now(),
    CheckConstraint("id ~ '^[0-9a-z]+(-[0-9a-z]+)*$' AND length(id) <= 63", name="id"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("texts_per_day >= 0 AND price_fall >= 0 AND price_fall <= 1", name="limits"),
    comment="A person or a firm that submits; its id is its folder in the landing store. Limits"
    " that are unset are those of the settings.",
)

imprint = Table(
    "imprint",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("account", Text, ForeignKey("account.id"), nullable=False),
    *actor(),
    now(),
    CheckConstraint("key <> ''", name="key"),
    Index("imprint_account_idx", "account", "at"),
    comment="Policies know an imprint by its name; key: the name as names are compared.",
)

person = Table(
    "person",
    metadata,
    identity(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", PersonalText("name"), nullable=False, server_default=""),
    *actor(),
    now(),
    moment("left_at"),
    Column("email", PersonalText("who")),
    moment("email_confirmed_at"),
    CheckConstraint("login ~ '^[a-z0-9][a-z0-9._-]{0,62}$'", name="login"),
    CheckConstraint("email <> ''", name="email"),
    CheckConstraint("email_confirmed_at IS NULL OR email IS NOT NULL", name="email_confirmed"),
    Index(
        "person_email_idx",
        "email",
        unique=True,
        postgresql_where=text("email_confirmed_at IS NOT NULL"),
    ),
    comment="left_at: since then nothing can be done in this name. email: where the desk writes;"
    " nobody signs in by it, and no review is theirs by it, before it is confirmed.",
)

membership = Table(
    "membership",
    metadata,
    Column("person", Text, ForeignKey("person.login"), primary_key=True),
    Column("account", Text, ForeignKey("account.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    *actor(),
    now(),
    one_of("role", "author", "editor", "publisher", "reader", "operator"),
    CheckConstraint("role <> 'operator' OR account = 'house'", name="operator"),
    Index("membership_account_idx", "account"),
    comment="Operators look after the pipeline: they are the house's.",
)

contact = Table(
    "contact",
    metadata,
    Column("account", Text, ForeignKey("account.id"), primary_key=True),
    Column("address", PersonalText("who"), primary_key=True),
    Column("code", Text, nullable=False),
    now("asked_at"),
    moment("confirmed_at"),
    Column("confirmed_by", CleanText),
    Index("contact_address_idx", "address"),
    comment="An address that submissions of the account gave; code: SHA-256 of what was sent"
    " there. Until it is confirmed nothing else is sent.",
)

tombstone = Table(
    "tombstone",
    metadata,
    identity(),
    Column("digest", Text, nullable=False, unique=True),
    Column("contents", ARRAY(Text), nullable=False, server_default="{}"),
    Column("arrivals", ARRAY(Text), nullable=False, server_default="{}"),
    Column("reason", CleanText, nullable=False),
    *actor(),
    now(),
    moment("ended_at"),
    CheckConstraint("reason <> ''", name="reason"),
    comment="What is left of a purged book; digest: SHA-256 of its id; contents, arrivals: of its"
    " manuscripts, and of landing keys with versions. ended_at: when the last of it was gone.",
)

erasure = Table(
    "erasure",
    metadata,
    identity(),
    Column("digest", Text, nullable=False, unique=True),
    Column("pseudonym", Text, nullable=False),
    *actor(),
    now(),
    moment("ended_at"),
    comment="What is left of an erased person; digest: a keyed hash of the login or address, by"
    " which a restored backup is erased again. ended_at: when the last of it was gone.",
)

unsealed = Table(
    "unsealed",
    metadata,
    Column("table", Text, primary_key=True),
    comment="Tables in which rows of an earlier release may hold persons' fields in the clear.",
)
