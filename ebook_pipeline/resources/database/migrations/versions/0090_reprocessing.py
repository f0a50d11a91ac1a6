"""Reprocessings, their books and schedules, and the versions that stages were made with."""

from alembic import op

revision = "0090"
down_revision = "0060"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE reprocessing (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    stage TEXT NOT NULL,
    alone BOOLEAN NOT NULL,
    condition TEXT NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL,
    books_per_run INTEGER NOT NULL,
    books INTEGER NOT NULL,
    planned_hours DOUBLE PRECISION NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    resumed_at timestamptz,
    ended_at timestamptz,
    told_at timestamptz,
    CONSTRAINT reprocessing_pkey PRIMARY KEY (id),
    CONSTRAINT reprocessing_actor_check CHECK (actor <> ''),
    CONSTRAINT reprocessing_state_check CHECK (state IN (
        'running', 'paused', 'cancelled', 'ended')),
    CONSTRAINT reprocessing_figures_check CHECK (
        books_per_run > 0 AND books >= 0 AND planned_hours >= 0)
);
CREATE INDEX reprocessing_open_idx ON reprocessing (id) WHERE told_at IS NULL;
COMMENT ON TABLE reprocessing IS 'A stage of many books again. cause: asked, retry:ID,'
    ' schedule:NAME or version:STAGE. told_at: since when its summary is in Dagster.';

CREATE TABLE reprocessing_book (
    reprocessing BIGINT NOT NULL,
    place INTEGER NOT NULL,
    book TEXT NOT NULL,
    run TEXT,
    attempts SMALLINT DEFAULT '0' NOT NULL,
    handed_at timestamptz,
    outcome TEXT,
    stage TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    ended_at timestamptz,
    CONSTRAINT reprocessing_book_pkey PRIMARY KEY (reprocessing, place),
    CONSTRAINT reprocessing_book_reprocessing_fkey FOREIGN KEY (reprocessing)
        REFERENCES reprocessing (id) ON DELETE CASCADE,
    CONSTRAINT reprocessing_book_book_fkey FOREIGN KEY (book)
        REFERENCES book (id) ON DELETE CASCADE,
    CONSTRAINT reprocessing_book_outcome_check CHECK (outcome IN (
        'done', 'reused', 'rejected', 'waiting', 'failed', 'cancelled'))
);
CREATE INDEX reprocessing_book_book_idx ON reprocessing_book (book);
CREATE INDEX reprocessing_book_left_idx ON reprocessing_book (reprocessing, place)
    WHERE outcome IS NULL AND run IS NULL;
CREATE INDEX reprocessing_book_out_idx ON reprocessing_book (reprocessing, run)
    WHERE outcome IS NULL AND run IS NOT NULL;
CREATE INDEX reprocessing_book_ended_idx ON reprocessing_book (reprocessing, ended_at);
COMMENT ON TABLE reprocessing_book IS 'run: who has the book now; attempts: how many runs had it.';

CREATE TABLE reprocessing_schedule (
    name TEXT NOT NULL,
    stage TEXT NOT NULL,
    alone BOOLEAN NOT NULL,
    condition TEXT NOT NULL,
    cron TEXT NOT NULL,
    next_at timestamptz NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT reprocessing_schedule_pkey PRIMARY KEY (name),
    CONSTRAINT reprocessing_schedule_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE reprocessing_schedule IS 'Reprocessings that begin by themselves. cron: of UTC.';

CREATE TABLE stage_version (
    stage TEXT NOT NULL,
    version TEXT NOT NULL,
    facts JSONB NOT NULL,
    is_first BOOLEAN NOT NULL,
    books INTEGER NOT NULL,
    hours DOUBLE PRECISION NOT NULL,
    answer TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT stage_version_pkey PRIMARY KEY (stage, version),
    CONSTRAINT stage_version_answer_check CHECK (answer IN ('open', 'taken', 'dismissed'))
);
COMMENT ON TABLE stage_version IS 'What stages were made with, when it was first seen, and how many'
    ' books were made with something else by then.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
