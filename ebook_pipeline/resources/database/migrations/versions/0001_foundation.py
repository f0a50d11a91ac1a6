"""The first tables: books and what arrives, stages, reviews, releases, the catalogue, events."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FOLDED = r"""
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g');
COMMENT ON FUNCTION folded IS 'Text without accents, so that Bronte finds Brontë.';
"""

TABLES = r"""
CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    book TEXT NOT NULL,
    detail JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT audit_pkey PRIMARY KEY (id),
    CONSTRAINT audit_actor_check CHECK (actor <> '')
);
CREATE INDEX audit_book_idx ON audit (book, id);

CREATE TABLE work (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT work_pkey PRIMARY KEY (id)
);

CREATE TABLE book (
    id TEXT NOT NULL,
    work BIGINT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT book_pkey PRIMARY KEY (id),
    CONSTRAINT book_id_check CHECK (id ~ '^[0-9a-z]+(-[0-9a-z]+)*$'),
    CONSTRAINT book_work_fkey FOREIGN KEY(work) REFERENCES work (id)
);
CREATE INDEX book_work_idx ON book (work);

CREATE TABLE edition (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    number INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    length BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    source TEXT NOT NULL,
    claims JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT edition_pkey PRIMARY KEY (id),
    CONSTRAINT edition_blob_check CHECK (sha256 ~ '^[0-9a-f]{64}$' AND length >= 0),
    CONSTRAINT edition_book_number_key UNIQUE (book, number),
    CONSTRAINT edition_number_check CHECK (number >= 1),
    CONSTRAINT edition_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX edition_sha256_idx ON edition (sha256);

CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    event TEXT NOT NULL,
    book TEXT NOT NULL,
    payload JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    delivered_at timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX outbox_undelivered_idx ON outbox (id) WHERE delivered_at IS NULL;

CREATE TABLE source (
    landing_key TEXT NOT NULL,
    book TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT source_pkey PRIMARY KEY (landing_key),
    CONSTRAINT source_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX source_book_idx ON source (book);
COMMENT ON TABLE source IS 'Which book a landing key is, for ever.';

CREATE TABLE stage_run (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    run TEXT NOT NULL,
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    stage TEXT NOT NULL,
    outcome TEXT NOT NULL,
    seconds FLOAT NOT NULL,
    data_version TEXT NOT NULL,
    detail JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT stage_run_pkey PRIMARY KEY (id),
    CONSTRAINT stage_run_outcome_check
        CHECK (outcome IN ('done', 'reused', 'rejected', 'waiting', 'failed')),
    CONSTRAINT stage_run_figures_check CHECK (edition >= 0 AND seconds >= 0),
    CONSTRAINT stage_run_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX stage_run_latest_idx ON stage_run (book, edition, stage, id);
COMMENT ON TABLE stage_run IS 'Edition 0: no edition was taken yet.';

CREATE TABLE content_key (
    id TEXT NOT NULL,
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    wrapped BYTEA NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT content_key_pkey PRIMARY KEY (id),
    CONSTRAINT content_key_book_edition_fkey FOREIGN KEY(book, edition)
        REFERENCES edition (book, number),
    CONSTRAINT content_key_book_edition_key UNIQUE (book, edition),
    CONSTRAINT content_key_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);

CREATE TABLE ingestion_metrics (
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    seconds JSONB NOT NULL,
    bytes JSONB NOT NULL,
    findings JSONB NOT NULL,
    words BIGINT NOT NULL,
    pages INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT ingestion_metrics_pkey PRIMARY KEY (book, edition),
    CONSTRAINT ingestion_metrics_book_edition_fkey FOREIGN KEY(book, edition)
        REFERENCES edition (book, number),
    CONSTRAINT ingestion_metrics_verdict_check CHECK (verdict IN ('pass', 'needs_review', 'reject'))
);

CREATE TABLE manifestation (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    edition BIGINT NOT NULL,
    form TEXT NOT NULL,
    isbn13 TEXT,
    sha256 TEXT NOT NULL,
    length BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT manifestation_pkey PRIMARY KEY (id),
    CONSTRAINT manifestation_blob_check CHECK (sha256 ~ '^[0-9a-f]{64}$' AND length >= 0),
    CONSTRAINT manifestation_edition_form_key UNIQUE (edition, form),
    CONSTRAINT manifestation_edition_fkey FOREIGN KEY(edition) REFERENCES edition (id)
);

CREATE TABLE release (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    name TEXT NOT NULL,
    entry JSONB NOT NULL,
    product JSONB NOT NULL,
    distribution JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT release_pkey PRIMARY KEY (id),
    CONSTRAINT release_book_edition_fkey FOREIGN KEY(book, edition)
        REFERENCES edition (book, number),
    CONSTRAINT release_book_name_key UNIQUE (book, name),
    CONSTRAINT release_book_id_key UNIQUE (book, id),
    CONSTRAINT release_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);

CREATE TABLE review_task (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    report TEXT NOT NULL,
    stage TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    evidence JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    closed_at timestamptz,
    CONSTRAINT review_task_pkey PRIMARY KEY (id),
    CONSTRAINT review_task_book_edition_fkey FOREIGN KEY(book, edition)
        REFERENCES edition (book, number),
    CONSTRAINT review_task_book_edition_report_key UNIQUE (book, edition, report),
    CONSTRAINT review_task_state_check CHECK (state IN ('open', 'decided', 'voided')),
    CONSTRAINT review_task_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE UNIQUE INDEX review_task_open_idx ON review_task (book) WHERE state = 'open';

CREATE TABLE submission (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    landing_key TEXT NOT NULL,
    version TEXT NOT NULL,
    source TEXT NOT NULL,
    length BIGINT NOT NULL,
    claims JSONB NOT NULL,
    blob JSONB,
    origin TEXT NOT NULL,
    actor TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    edition BIGINT,
    run TEXT,
    at timestamptz DEFAULT now() NOT NULL,
    closed_at timestamptz,
    CONSTRAINT submission_pkey PRIMARY KEY (id),
    CONSTRAINT submission_actor_check CHECK (actor <> ''),
    CONSTRAINT submission_landing_key_version_key UNIQUE (landing_key, version),
    CONSTRAINT submission_origin_check CHECK (origin IN ('landing', 'cli', 'http')),
    CONSTRAINT submission_state_check
        CHECK (state IN ('open', 'edition', 'unchanged', 'superseded')),
    CONSTRAINT submission_closed_check
        CHECK ((state IN ('edition', 'unchanged')) = (edition IS NOT NULL)),
    CONSTRAINT submission_book_fkey FOREIGN KEY(book) REFERENCES book (id),
    CONSTRAINT submission_landing_key_fkey FOREIGN KEY(landing_key) REFERENCES source (landing_key),
    CONSTRAINT submission_edition_fkey FOREIGN KEY(edition) REFERENCES edition (id)
);
CREATE INDEX submission_open_idx ON submission (book, id) WHERE state = 'open';

CREATE TABLE catalog (
    book TEXT NOT NULL,
    release BIGINT NOT NULL,
    state TEXT DEFAULT 'live' NOT NULL,
    rolled_back_from INTEGER,
    title TEXT NOT NULL,
    subtitle TEXT NOT NULL,
    creators TEXT NOT NULL,
    subjects TEXT NOT NULL,
    description TEXT NOT NULL,
    languages TEXT[] NOT NULL,
    isbn13 TEXT,
    published DATE,
    document JSONB NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', folded(title || ' ' || coalesce(isbn13, ''))), 'A')
        || setweight(to_tsvector('simple', folded(creators || ' ' || subtitle)), 'B')
        || setweight(to_tsvector('simple', folded(subjects)), 'C')
        || setweight(to_tsvector('simple', folded(left(description, 20000))), 'D')
    ) STORED,
    CONSTRAINT catalog_pkey PRIMARY KEY (book),
    CONSTRAINT catalog_book_release_fkey FOREIGN KEY(book, release) REFERENCES release (book, id),
    CONSTRAINT catalog_state_check CHECK (state IN ('live', 'withdrawn')),
    CONSTRAINT catalog_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX catalog_isbn13_idx ON catalog (isbn13);
CREATE INDEX catalog_search_idx ON catalog USING gin (search);
COMMENT ON TABLE catalog IS 'The one release of a book that is on sale: its primary key says so.';

CREATE TABLE decision (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    task BIGINT NOT NULL,
    approved BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    resumed_at timestamptz,
    CONSTRAINT decision_pkey PRIMARY KEY (id),
    CONSTRAINT decision_actor_check CHECK (actor <> ''),
    CONSTRAINT decision_task_fkey FOREIGN KEY(task) REFERENCES review_task (id)
);
CREATE INDEX decision_task_idx ON decision (task);
CREATE INDEX decision_undelivered_idx ON decision (id) WHERE resumed_at IS NULL;
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(FOLDED)
    connection.exec_driver_sql(TABLES)
