"""What programs sign in with, and persons at other providers: migration 0014 says the same."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ebook_pipeline.resources.database.account_tables import account, person
from ebook_pipeline.resources.database.columns import CleanText, metadata, moment, now, one_of
from ebook_pipeline.resources.database.personal import PersonalText

__all__ = [
    "api_key",
    "authorization_code",
    "identity",
    "oauth_client",
    "refresh_token",
    "revoked_token",
    "signing_key",
    "token_family",
]

_ROLES = ("author", "editor", "publisher", "reader", "operator", "client")


def _digest() -> "tuple[Column[str], CheckConstraint]":
    """SHA-256 of a secret that its holder alone has."""
    check = CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest")
    return Column("digest", Text, primary_key=True), check


def _rights() -> "tuple[Column[str], Column[str], Column[list[str]], Column[str], CheckConstraint]":
    """What a program is in which account, how much of that it may, and who made it."""
    return (
        Column("account", Text, ForeignKey(account.c.id), nullable=False),
        Column("role", Text, nullable=False),
        Column("scopes", ARRAY(Text), nullable=False),
        Column("person", Text, ForeignKey(person.c.login), nullable=False),
        CheckConstraint("role <> 'operator' OR account = 'house'", name="operator"),
    )


oauth_client = Table(
    "oauth_client",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", CleanText, nullable=False),
    *_rights(),
    one_of("role", *_ROLES),
    Column("redirect_uris", ARRAY(Text), nullable=False, server_default="{}"),
    Column("secret", Text),
    now(),
    moment("ended_at"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("secret IS NOT NULL OR redirect_uris <> '{}'", name="secret"),
    Index("oauth_client_person_idx", "person"),
    comment="secret: SHA-256; without one it is a program on people's own machines, which signs in"
    " in their name alone. person: who made it, with whom it ends.",
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("name", CleanText, nullable=False),
    *_rights(),
    one_of("role", *_ROLES),
    now(),
    moment("last_used_at"),
    moment("ends_at"),
    moment("ended_at"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
    Index("api_key_person_idx", "person"),
    comment="id: what the key begins with, by which it is found; digest: SHA-256 of the whole."
    " person: who made it, with whom it ends.",
)

token_family = Table(
    "token_family",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client", Text, ForeignKey(oauth_client.c.id), nullable=False),
    Column("person", Text, ForeignKey(person.c.login), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    now(),
    moment("ended_at"),
    Column("why", Text, nullable=False, server_default=""),
    Index("token_family_person_idx", "person"),
    comment="What a person let a client do: all tokens that came of one consent end together.",
)

authorization_code = Table(
    "authorization_code",
    metadata,
    *_digest(),
    Column("family", Text, ForeignKey(token_family.c.id), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    moment("ends_at", needed=True),
    moment("used_at"),
    Index("authorization_code_ends_at_idx", "ends_at"),
    comment="challenge: of PKCE (RFC 7636), by S256.",
)

refresh_token = Table(
    "refresh_token",
    metadata,
    *_digest(),
    Column("family", Text, ForeignKey(token_family.c.id), nullable=False, index=True),
    now(),
    moment("ends_at", needed=True),
    moment("used_at"),
    Index("refresh_token_ends_at_idx", "ends_at"),
    comment="One that comes again after used_at was stolen, or copied: it ends the family.",
)

revoked_token = Table(
    "revoked_token",
    metadata,
    Column("jti", Text, primary_key=True),
    moment("ends_at", needed=True),
    comment="Access tokens that were taken back before they ended by themselves.",
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public", JSONB, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    now(),
    moment("retired_at"),
    comment="public: a JWK (RFC 7517); sealed: the private one, as the vault sealed it."
    " retired_at: it signs no more, and checks as long as its last token lives.",
)

identity = Table(
    "identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", PersonalText("subject"), primary_key=True),
    Column("person", Text, ForeignKey(person.c.login), nullable=False),
    now(),
    Index("identity_person_idx", "person"),
    comment="Who signs in by OpenID Connect as whom: a subject is one person for ever.",
)
