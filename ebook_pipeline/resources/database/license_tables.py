"""What buyers were given, licences or copies of their own, and keys that are not of one book."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    text,
)

from ebook_pipeline.resources.database.columns import CleanText, metadata, moment
from ebook_pipeline.resources.database.personal import PersonalText

__all__ = ["copy", "house_key", "license", "license_event"]


license = Table(
    "license",
    metadata,
    Column("id", Text, primary_key=True),
    Column("book", Text, ForeignKey("book.id"), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("form", Text, nullable=False),
    Column("reader", PersonalText("reader"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("hint", PersonalText("hint"), nullable=False),
    Column("user_key", LargeBinary, nullable=False),
    Column("pages", Integer),
    Column("characters", Integer),
    moment("starts"),
    moment("ends"),
    moment("may_end"),
    moment("issued", needed=True),
    moment("updated", needed=True),
    moment("status_updated", needed=True),
    Column("state", Text, nullable=False),
    Column("holder", Text, ForeignKey("person.login")),
    Column("client", Text),
    Column("request", Text),
    Column("request_digest", Text),
    ForeignKeyConstraint(["book", "edition"], ["edition.book", "edition.number"]),
    CheckConstraint("request IS NULL OR client IS NOT NULL", name="request"),
    CheckConstraint(
        "state IN ('ready', 'active', 'revoked', 'returned', 'cancelled', 'expired')", name="state"
    ),
    CheckConstraint("pages >= 0 AND characters >= 0", name="rights"),
    Index("license_book_idx", "book", "edition"),
    Index("license_reader_idx", "reader"),
    Index("license_holder_idx", "holder", "issued", postgresql_where=text("holder IS NOT NULL")),
    Index(
        "license_request_idx",
        *("client", "request"),
        unique=True,
        postgresql_where=text("request IS NOT NULL"),
    ),
    comment="user_key: SHA-256 of the passphrase, sealed by the vault; may_end: renewals end here."
    " holder: the person on whose shelf it is; client: the program that asked for it, with its own"
    " name of that request.",
)

license_event = Table(
    "license_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("license", Text, ForeignKey("license.id"), nullable=False),
    Column("type", Text, nullable=False),
    Column("device", PersonalText("device")),
    Column("device_name", PersonalText("device")),
    Column("actor", CleanText, nullable=False),
    moment("at", needed=True),
    CheckConstraint("type IN ('register', 'renew', 'return', 'revoke', 'cancel')", name="type"),
    CheckConstraint("actor <> ''", name="actor"),
    Index("license_event_license_idx", "license", "id"),
)

copy = Table(
    "copy",
    metadata,
    Column("book", Text, primary_key=True),
    Column("shop_order", PersonalText("order"), primary_key=True),
    Column("form", Text, primary_key=True),
    Column("release", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("mark", LargeBinary),
    Column("sha256", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("actor", CleanText, nullable=False),
    moment("at", needed=True),
    Column("client", Text),
    ForeignKeyConstraint(["book", "release"], ["release.book", "release.name"]),
    ForeignKeyConstraint(["book", "edition"], ["edition.book", "edition.number"]),
    CheckConstraint("form IN ('epub', 'pdf')", name="form"),
    CheckConstraint("actor <> ''", name="actor"),
    Index("copy_mark_idx", "mark"),
    Index("copy_sha256_idx", "sha256"),
    Index("copy_client_idx", "client", "at", postgresql_where=text("client IS NOT NULL")),
    comment="at: when it was sold; mark: what is hidden in it; sha256: as it was made last.",
)

house_key = Table(
    "house_key",
    metadata,
    Column("name", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Secrets of the house by what they are for, as the vault wrapped them.",
)
