"""The tables, as SQLAlchemy core: what the constraints can promise, no code needs to check.

Work, edition, manifestation, release and submission have ids of their own, so that readers'
ratings can hang on the work and an ISBN on the manifestation.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR, UUID

from ebook_pipeline.resources.database.clean import clean_json, clean_text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

SEARCH_VECTOR = (
    "setweight(to_tsvector('simple', folded(title || ' ' || coalesce(isbn13, ''))), 'A') || "
    "setweight(to_tsvector('simple', folded(creators || ' ' || subtitle)), 'B') || "
    "setweight(to_tsvector('simple', folded(subjects)), 'C') || "
    "setweight(to_tsvector('simple', folded(left(description, 20000))), 'D')"
)

HEADING_VECTOR = (
    "to_tsvector('simple', folded("
    "title || ' ' || coalesce(isbn13, '') || ' ' || creators || ' ' || subtitle))"
)


class Words(TypeDecorator[str]):
    """Text from the outside, made fit for Postgres, which takes no NUL and no lone surrogate."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else clean_text(value)


class Document(TypeDecorator[Any]):
    """JSON from the outside, made fit for Postgres alike."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return clean_json(value)


def _id() -> "Column[int]":
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _book(*, unique: bool = False) -> "Column[str]":
    return Column("book", Text, ForeignKey("book.id"), nullable=False, unique=unique)


def _now(name: str = "at") -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _time(name: str) -> Column[Any]:
    return Column(name, DateTime(timezone=True))


def _one_of(column: str, *states: str) -> CheckConstraint:
    allowed = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def _blob() -> "tuple[Column[str], Column[int], Column[str], CheckConstraint]":
    return (
        Column("sha256", Text, nullable=False),
        Column("length", BigInteger, nullable=False),
        Column("media_type", Text, nullable=False),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$' AND length >= 0", name="blob"),
    )


def _edition() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["book", "edition"], ["edition.book", "edition.number"])


def _actor() -> "tuple[Column[str], CheckConstraint]":
    return Column("actor", Words, nullable=False), CheckConstraint("actor <> ''", name="actor")


work = Table("work", metadata, _id(), _now())

book = Table(
    "book",
    metadata,
    Column("id", Text, primary_key=True),
    Column("work", BigInteger, ForeignKey("work.id"), nullable=False, index=True),
    _now(),
    CheckConstraint("id ~ '^[0-9a-z]+(-[0-9a-z]+)*$'", name="id"),
)

source = Table(
    "source",
    metadata,
    Column("landing_key", Words, primary_key=True),
    _book(),
    _now(),
    Index("source_book_idx", "book"),
    comment="Which book a landing key is, for ever.",
)

edition = Table(
    "edition",
    metadata,
    _id(),
    _book(),
    Column("number", Integer, nullable=False),
    *_blob(),
    Column("source", Words, nullable=False),
    Column("claims", Document, nullable=False),
    _now(),
    UniqueConstraint("book", "number"),
    CheckConstraint("number >= 1", name="number"),
    Index("edition_sha256_idx", "sha256"),
)

manifestation = Table(
    "manifestation",
    metadata,
    _id(),
    Column("edition", BigInteger, ForeignKey("edition.id"), nullable=False),
    Column("form", Text, nullable=False),
    Column("isbn13", Text),
    *_blob(),
    _now(),
    UniqueConstraint("edition", "form"),
)

submission = Table(
    "submission",
    metadata,
    _id(),
    _book(),
    Column("landing_key", Words, ForeignKey("source.landing_key"), nullable=False),
    Column("version", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("claims", Document, nullable=False),
    Column("blob", Document),
    Column("origin", Text, nullable=False),
    *_actor(),
    Column("state", Text, nullable=False, server_default="open"),
    Column("edition", BigInteger, ForeignKey("edition.id")),
    Column("run", Text),
    _now(),
    _time("closed_at"),
    UniqueConstraint("landing_key", "version"),
    _one_of("origin", "landing", "cli", "http"),
    _one_of("state", "open", "edition", "unchanged", "superseded"),
    CheckConstraint("(state IN ('edition', 'unchanged')) = (edition IS NOT NULL)", name="closed"),
    Index("submission_open_idx", "book", "id", postgresql_where=text("state = 'open'")),
)

stage_run = Table(
    "stage_run",
    metadata,
    _id(),
    Column("run", Text, nullable=False),
    _book(),
    Column("edition", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("detail", Document, nullable=False),
    _now(),
    _one_of("outcome", "done", "reused", "rejected", "waiting", "failed"),
    CheckConstraint("edition >= 0 AND seconds >= 0", name="figures"),
    Index("stage_run_latest_idx", "book", "edition", "stage", "id"),
    comment="Edition 0: no edition was taken yet.",
)

description = Table(
    "description",
    metadata,
    _id(),
    _book(),
    Column("edition", Integer, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("document", Document, nullable=False),
    Column("title", Words, nullable=False),
    Column("work_key", Text, nullable=False),
    Column("isbns", ARRAY(Text), nullable=False),
    Column("sketch", ARRAY(BigInteger), nullable=False),
    _now(),
    _edition(),
    UniqueConstraint("book", "edition", "data_version"),
    Index("description_work_key_idx", "work_key"),
    Index("description_isbns_idx", "isbns", postgresql_using="gin"),
    Index("description_sketch_idx", "sketch", postgresql_using="gin"),
    comment="Every description that an edition ever had, the newest last; sketch: of its text.",
)

field_lock = Table(
    "field_lock",
    metadata,
    Column("book", Text, ForeignKey("book.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Document, nullable=False),
    *_actor(),
    _now(),
    comment="What a person said of a book: no rerun changes it.",
)

review_task = Table(
    "review_task",
    metadata,
    _id(),
    _book(),
    Column("edition", Integer, nullable=False),
    Column("report", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("evidence", Document, nullable=False),
    _now(),
    _time("closed_at"),
    _edition(),
    UniqueConstraint("book", "edition", "report"),
    _one_of("state", "open", "decided", "voided"),
    Index("review_task_open_idx", "book", unique=True, postgresql_where=text("state = 'open'")),
)

decision = Table(
    "decision",
    metadata,
    _id(),
    Column("task", BigInteger, ForeignKey("review_task.id"), nullable=False, index=True),
    Column("approved", Boolean, nullable=False),
    Column("note", Words, nullable=False),
    *_actor(),
    _now(),
    _time("resumed_at"),
    Index("decision_undelivered_idx", "id", postgresql_where=text("resumed_at IS NULL")),
)

release = Table(
    "release",
    metadata,
    _id(),
    _book(),
    Column("edition", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("entry", Document, nullable=False),
    Column("product", Document, nullable=False),
    Column("distribution", Document, nullable=False),
    _now(),
    _edition(),
    UniqueConstraint("book", "name"),
    UniqueConstraint("book", "id"),
)

catalog = Table(
    "catalog",
    metadata,
    Column("book", Text, ForeignKey("book.id"), primary_key=True),
    Column("release", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="live"),
    Column("rolled_back_from", Integer),
    Column("title", Words, nullable=False),
    Column("subtitle", Words, nullable=False),
    Column("creators", Words, nullable=False),
    Column("subjects", Words, nullable=False),
    Column("description", Words, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("isbn13", Text, index=True),
    Column("published", Date),
    Column("document", Document, nullable=False),
    _now("changed_at"),
    Column("search", TSVECTOR, Computed(SEARCH_VECTOR, persisted=True)),
    Column("facets", ARRAY(Text), nullable=False),
    Column("sold_from", Date),
    Column("barred", ARRAY(Text), nullable=False, server_default="{}"),
    ForeignKeyConstraint(["book", "release"], ["release.book", "release.id"]),
    _one_of("state", "live", "withdrawn"),
    Column("heading", TSVECTOR, Computed(HEADING_VECTOR, persisted=True)),
    Index(
        "catalog_search_idx",
        *("search", "facets", "heading"),
        postgresql_using="gin",
        postgresql_where=text("state = 'live'::text"),
    ),
    Index("catalog_newest_idx", "published", "book", postgresql_where=text("state = 'live'::text")),
    comment="The one release of a book that is on sale: its primary key says so. barred: countries"
    " (ISO 3166) where it may not be sold; sold_from: nobody can buy it before.",
)

catalog_word = Table(
    "catalog_word",
    metadata,
    Column("word", Text, primary_key=True),
    Index("catalog_word_slips_idx", text("slips(word)"), postgresql_using="gin"),
    comment="Every word that a book was ever found by; whether one is on sale is asked of the"
    " catalogue.",
)

content_key = Table(
    "content_key",
    metadata,
    Column("id", Text, primary_key=True),
    _book(),
    Column("edition", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    _now(),
    Column("wrapped_for", Integer),
    _edition(),
    UniqueConstraint("book", "edition"),
)

ingestion_metrics = Table(
    "ingestion_metrics",
    metadata,
    Column("book", Text, primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("seconds", Document, nullable=False),
    Column("bytes", Document, nullable=False),
    Column("findings", Document, nullable=False),
    Column("words", BigInteger, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    _now(),
    _edition(),
    _one_of("verdict", "pass", "needs_review", "reject"),
)

places = Sequence("outbox_position_seq", metadata=metadata)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("event", Text, nullable=False),
    _book(),
    Column("payload", Document, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("uid", UUID(as_uuid=False), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("correlation", Words, nullable=False),
    Column("position", BigInteger),
    Index("outbox_unplaced_idx", "id", postgresql_where=text("position IS NULL")),
    Index(
        "outbox_position_idx",
        "position",
        unique=True,
        postgresql_where=text("position IS NOT NULL"),
    ),
    Index("outbox_at_idx", "at", postgresql_using="brin"),
    comment="Position: the event's place in the order of telling. It is given after the commit,"
    " for an id that is smaller may commit later.",
)

edge_check = Table(
    "edge_check",
    metadata,
    _id(),
    Column("run", Text, nullable=False),
    _book(),
    Column("release", Text, nullable=False),
    Column("point", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("status", Integer, nullable=False),
    Column("milliseconds", Float, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("fault", Words, nullable=False),
    _now(),
    Index("edge_check_at_idx", "at", "point"),
    comment="Every request that verification made at the edge; status 0: nobody answered in time.",
)

edge_turn = Table(
    "edge_turn",
    metadata,
    Column("book", Text, ForeignKey("book.id"), primary_key=True),
    _now("checked_at"),
    Index("edge_turn_checked_at_idx", "checked_at"),
    comment="When a book was verified last: the least recent one is next.",
)

edge_incident = Table(
    "edge_incident",
    metadata,
    _id(),
    Column("point", Text, nullable=False),
    _book(),
    Column("scope", Text, nullable=False),
    Column("faults", Document, nullable=False),
    _now("began_at"),
    _time("ended_at"),
    Index(
        "edge_incident_open_idx",
        "point",
        "scope",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    comment="From the first failure after a success to the recovery. Scope: the book, or nothing"
    " where the whole point is away; then the book is the one that it was seen with.",
)

audit = Table(
    "audit",
    metadata,
    _id(),
    *_actor(),
    Column("action", Text, nullable=False),
    Column("book", Text, nullable=False),
    Column("detail", Document, nullable=False),
    _now(),
    Column("correlation", Words),
    Index("audit_book_idx", "book", "id"),
)
