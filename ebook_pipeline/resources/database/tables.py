"""The tables, as SQLAlchemy core: what the constraints can promise, no code needs to check.

Work, edition, manifestation, release and submission have ids of their own, so that readers'
ratings can hang on the work and an ISBN on the manifestation.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, UUID

from ebook_pipeline.resources.database.account_tables import account, imprint
from ebook_pipeline.resources.database.columns import (
    CleanJson,
    CleanText,
    actor,
    blob_columns,
    book_id,
    edition_key,
    identity,
    metadata,
    moment,
    now,
    one_of,
)
from ebook_pipeline.resources.database.personal import PartlyPersonalJson, PersonalText

_PEOPLE = ("reader", "order", "assignee", "before")
"""What an event or a line of the audit calls a person by."""

SEARCH_VECTOR = (
    "setweight(to_tsvector('simple', folded(title || ' ' || coalesce(isbn13, ''))), 'A') || "
    "setweight(to_tsvector('simple', folded(creators || ' ' || subtitle)), 'B') || "
    "setweight(to_tsvector('simple', folded(subjects)), 'C') || "
    "setweight(to_tsvector('simple', folded(left(description, 20000))), 'D') || "
    "setweight(heading_forms, 'B') || setweight(text_forms, 'D')"
)

HEADING_VECTOR = (
    "to_tsvector('simple', folded("
    "title || ' ' || coalesce(isbn13, '') || ' ' || creators || ' ' || subtitle)) || "
    "heading_forms"
)

work = Table("work", metadata, identity(), now())

book = Table(
    "book",
    metadata,
    Column("id", Text, primary_key=True),
    Column("work", BigInteger, ForeignKey("work.id"), nullable=False, index=True),
    now(),
    Column(
        "account",
        Text,
        ForeignKey(account.c.id),
        nullable=False,
        server_default="house",
        index=True,
    ),
    Column("imprint", Text, ForeignKey(imprint.c.key)),
    CheckConstraint("id ~ '^[0-9a-z]+(-[0-9a-z]+)*$'", name="id"),
    Index("book_at_idx", "at", "id"),
    Index("book_imprint_idx", "imprint", postgresql_where=text("imprint IS NOT NULL")),
)

source = Table(
    "source",
    metadata,
    Column("landing_key", CleanText, primary_key=True),
    book_id(),
    now(),
    Index("source_book_idx", "book"),
    comment="Which book a landing key is, for ever.",
)

edition = Table(
    "edition",
    metadata,
    identity(),
    book_id(),
    Column("number", Integer, nullable=False),
    *blob_columns(),
    Column("source", CleanText, nullable=False),
    Column("claims", PartlyPersonalJson("contact"), nullable=False),
    now(),
    UniqueConstraint("book", "number"),
    CheckConstraint("number >= 1", name="number"),
    Index("edition_sha256_idx", "sha256"),
)

manifestation = Table(
    "manifestation",
    metadata,
    identity(),
    Column("edition", BigInteger, ForeignKey("edition.id"), nullable=False),
    Column("form", Text, nullable=False),
    Column("isbn13", Text),
    *blob_columns(),
    now(),
    UniqueConstraint("edition", "form"),
)

submission = Table(
    "submission",
    metadata,
    identity(),
    book_id(),
    Column("landing_key", CleanText, ForeignKey("source.landing_key"), nullable=False),
    Column("version", CleanText, nullable=False),
    Column("source", CleanText, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("claims", PartlyPersonalJson("contact"), nullable=False),
    Column("blob", CleanJson),
    Column("origin", Text, nullable=False),
    *actor(),
    Column("state", Text, nullable=False, server_default="open"),
    Column("edition", BigInteger, ForeignKey("edition.id")),
    Column("run", Text),
    now(),
    moment("closed_at"),
    UniqueConstraint("landing_key", "version"),
    one_of("origin", "landing", "cli", "http"),
    one_of("state", "open", "edition", "unchanged", "superseded"),
    CheckConstraint("(state IN ('edition', 'unchanged')) = (edition IS NOT NULL)", name="closed"),
    Index("submission_open_idx", "book", "id", postgresql_where=text("state = 'open'")),
    Index("submission_at_idx", "at"),
)

SUBMITTED_CONTACT = type_coerce(submission.c.claims["contact"].astext, PersonalText("contact"))
"""The address that a submission gave, opened when it is read."""

refused_arrival = Table(
    "refused_arrival",
    metadata,
    identity(),
    Column("digest", Text, nullable=False, unique=True),
    Column("landing_key", CleanText, nullable=False),
    Column("finding", CleanJson, nullable=False),
    *actor(),
    now(),
    comment="digest: SHA-256 of the whole key and its version; landing_key: as it can be shown.",
)

stage_run = Table(
    "stage_run",
    metadata,
    identity(),
    Column("run", Text, nullable=False),
    book_id(),
    Column("edition", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("detail", CleanJson, nullable=False),
    now(),
    one_of("outcome", "done", "reused", "rejected", "waiting", "failed"),
    CheckConstraint("edition >= 0 AND seconds >= 0", name="figures"),
    Index("stage_run_latest_idx", "book", "edition", "stage", "id"),
    Index("stage_run_newest_idx", "book", "edition", "id"),
    Index("stage_run_rejected_idx", "at", postgresql_where=text("outcome = 'rejected'")),
    Index("stage_run_worked_idx", "at", postgresql_where=text("outcome <> 'reused'")),
    comment="Edition 0: no edition was taken yet.",
)

description = Table(
    "description",
    metadata,
    identity(),
    book_id(),
    Column("edition", Integer, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("document", CleanJson, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("work_key", Text, nullable=False),
    Column("isbns", ARRAY(Text), nullable=False),
    Column("sketch", ARRAY(BigInteger), nullable=False),
    Column("forms", TSVECTOR, nullable=False, server_default=""),
    now(),
    edition_key(),
    UniqueConstraint("book", "edition", "data_version"),
    Index("description_work_key_idx", "work_key"),
    Index("description_isbns_idx", "isbns", postgresql_using="gin"),
    Index("description_sketch_idx", "sketch", postgresql_using="gin"),
    Index(
        "description_title_idx",
        text("to_tsvector('simple', folded(title))"),
        postgresql_using="gin",
    ),
    Index("description_forms_idx", "forms", postgresql_using="gin"),
    Index("description_genre_idx", text("thema_prefixes(document)"), postgresql_using="gin"),
    comment="Every description that an edition ever had, the newest last; sketch: of its text;"
    " forms: what lists find it by, title, people and series in all their spellings.",
)

field_lock = Table(
    "field_lock",
    metadata,
    Column("book", Text, ForeignKey("book.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", CleanJson, nullable=False),
    *actor(),
    now(),
    comment="What a person said of a book: no rerun changes it.",
)

review_task = Table(
    "review_task",
    metadata,
    identity(),
    book_id(),
    Column("edition", Integer, nullable=False),
    Column("report", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("evidence", CleanJson, nullable=False),
    now(),
    moment("closed_at"),
    edition_key(),
    UniqueConstraint("book", "edition", "report"),
    one_of("state", "open", "decided", "voided"),
    Index("review_task_open_idx", "book", unique=True, postgresql_where=text("state = 'open'")),
)

decision = Table(
    "decision",
    metadata,
    identity(),
    Column("task", BigInteger, ForeignKey("review_task.id"), nullable=False, index=True),
    Column("approved", Boolean, nullable=False),
    Column("note", CleanText, nullable=False),
    *actor(),
    now(),
    moment("resumed_at"),
    Column("reasons", ARRAY(CleanText), nullable=False, server_default="{}"),
    Index("decision_undelivered_idx", "id", postgresql_where=text("resumed_at IS NULL")),
)

release = Table(
    "release",
    metadata,
    identity(),
    book_id(),
    Column("edition", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("entry", CleanJson, nullable=False),
    Column("product", CleanJson, nullable=False),
    Column("distribution", CleanJson, nullable=False),
    now(),
    edition_key(),
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
    Column("title", CleanText, nullable=False),
    Column("subtitle", CleanText, nullable=False),
    Column("creators", CleanText, nullable=False),
    Column("subjects", CleanText, nullable=False),
    Column("description", CleanText, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("isbn13", Text, index=True),
    Column("published", Date),
    Column("document", CleanJson, nullable=False),
    now("changed_at"),
    Column("facets", ARRAY(Text), nullable=False),
    Column("sold_from", Date),
    Column("barred", ARRAY(Text), nullable=False, server_default="{}"),
    Column("taken_down", Boolean, nullable=False, server_default="false"),
    CheckConstraint("NOT taken_down OR state = 'withdrawn'", name="taken_down"),
    ForeignKeyConstraint(["book", "release"], ["release.book", "release.id"]),
    one_of("state", "live", "withdrawn"),
    Column("heading_forms", TSVECTOR, nullable=False, server_default=""),
    Column("text_forms", TSVECTOR, nullable=False, server_default=""),
    Column("search", TSVECTOR, Computed(SEARCH_VECTOR, persisted=True)),
    Column("heading", TSVECTOR, Computed(HEADING_VECTOR, persisted=True)),
    Index(
        "catalog_search_idx",
        *("search", "facets", "heading"),
        postgresql_using="gin",
        postgresql_where=text("state = 'live'::text"),
    ),
    Index("catalog_changed_idx", "changed_at"),
    Index("catalog_newest_idx", "published", "book", postgresql_where=text("state = 'live'::text")),
    comment="The one release of a book that is on sale: its primary key says so. barred: countries"
    " (ISO 3166) where it may not be sold; sold_from: nobody can buy it before. taken_down: off"
    " sale, and nothing of it at the edge that is open to all. heading_forms, text_forms: what is"
    " found besides the words as they stand: other spellings, stems, pairs of signs.",
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
    book_id(),
    Column("edition", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    now(),
    Column("wrapped_for", Integer),
    edition_key(),
    UniqueConstraint("book", "edition"),
)

ingestion_metrics = Table(
    "ingestion_metrics",
    metadata,
    Column("book", Text, primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("seconds", CleanJson, nullable=False),
    Column("bytes", CleanJson, nullable=False),
    Column("findings", CleanJson, nullable=False),
    Column("words", BigInteger, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    now(),
    edition_key(),
    one_of("verdict", "pass", "needs_review", "reject"),
)

places = Sequence("outbox_position_seq", metadata=metadata)

outbox = Table(
    "outbox",
    metadata,
    identity(),
    Column("event", Text, nullable=False),
    Column("book", Text, nullable=False),
    Column("payload", PartlyPersonalJson(*_PEOPLE), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("uid", UUID(as_uuid=False), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("correlation", CleanText, nullable=False),
    Column("position", BigInteger),
    Column("causation", Text),
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

audit = Table(
    "audit",
    metadata,
    identity(),
    *actor(),
    Column("action", Text, nullable=False),
    Column("book", Text, nullable=False),
    Column("detail", PartlyPersonalJson(*_PEOPLE), nullable=False),
    now(),
    Column("correlation", CleanText),
    Index("audit_book_idx", "book", "id"),
    Index("audit_at_idx", "at", "id"),
)
