"""Where every book stands, kept by the database itself: lists and figures ask one small table."""

from alembic import op

revision = "0020"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE book_progress (
    book TEXT NOT NULL,
    submitted timestamptz NOT NULL,
    changed timestamptz NOT NULL,
    edition INTEGER NOT NULL,
    stage TEXT NOT NULL,
    outcome TEXT,
    ended_at timestamptz,
    stage_run BIGINT,
    state TEXT NOT NULL,
    lock_key BIGINT NOT NULL,
    CONSTRAINT book_progress_pkey PRIMARY KEY (book),
    CONSTRAINT book_progress_book_fkey FOREIGN KEY (book) REFERENCES book (id) ON DELETE CASCADE,
    CONSTRAINT book_progress_state_check CHECK (state IN (
        'in_progress', 'rejected', 'needs_review', 'failed', 'released', 'withdrawn'))
);
CREATE INDEX book_progress_state_idx ON book_progress (state, submitted, book);
CREATE INDEX book_progress_submitted_idx ON book_progress (submitted, book);
CREATE INDEX book_progress_changed_idx ON book_progress (changed);
CREATE INDEX book_progress_lock_key_idx ON book_progress (lock_key);
COMMENT ON TABLE book_progress IS 'Where a book stands, derived from its submissions, editions,'
    ' stages and its place in the catalogue, whenever one of them changes. state: but for a run'
    ' that holds the book just now, which the lock of lock_key tells. stage_run: the row of its'
    ' last outcome.';

CREATE VIEW book_progress_now AS
    SELECT book.id AS book, book.at AS submitted,
        greatest(book.at, latest.at, catalog.changed_at) AS changed,
        coalesce(newest.number, 0) AS edition, coalesce(latest.stage, '') AS stage,
        latest.outcome, latest.at AS ended_at, latest.id AS stage_run,
        CASE
            WHEN waiting.at IS NOT NULL
                AND NOT coalesce(latest.edition = 0 AND latest.at > waiting.at, false)
                THEN 'in_progress'
            WHEN latest.outcome = 'rejected' THEN 'rejected'
            WHEN latest.outcome = 'waiting' THEN 'needs_review'
            WHEN latest.outcome IN ('done', 'reused') AND latest.stage = 'ingestion_analytics'
                THEN CASE WHEN catalog.state = 'withdrawn' THEN 'withdrawn' ELSE 'released' END
            ELSE 'failed'
        END AS state,
        ('x' || encode(substr(sha256(convert_to('book ' || book.id, 'UTF8')), 1, 8), 'hex')
            )::bit(64)::bigint AS lock_key
    FROM book
    LEFT JOIN LATERAL (
        SELECT number FROM edition WHERE edition.book = book.id ORDER BY number DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT stage_run.* FROM (
            (SELECT * FROM stage_run WHERE stage_run.book = book.id AND stage_run.edition = 0
                ORDER BY id DESC LIMIT 1)
            UNION ALL
            (SELECT * FROM stage_run WHERE stage_run.book = book.id
                AND stage_run.edition = newest.number ORDER BY id DESC LIMIT 1)
        ) AS stage_run ORDER BY id DESC LIMIT 1
    ) AS latest ON true
    LEFT JOIN LATERAL (
        SELECT at FROM submission WHERE submission.book = book.id AND submission.state = 'open'
        ORDER BY id DESC LIMIT 1
    ) AS waiting ON true
    LEFT JOIN catalog ON catalog.book = book.id;
COMMENT ON VIEW book_progress_now IS 'What book_progress is to say.';

CREATE FUNCTION refresh_book_progress(of_book TEXT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever comes second sees what the first one wrote: each statement has a snapshot of its own.
    PERFORM FROM book_progress WHERE book = of_book FOR UPDATE;
    INSERT INTO book_progress SELECT * FROM book_progress_now WHERE book = of_book
    ON CONFLICT (book) DO UPDATE SET submitted = excluded.submitted, changed = excluded.changed,
        edition = excluded.edition, stage = excluded.stage, outcome = excluded.outcome,
        ended_at = excluded.ended_at, stage_run = excluded.stage_run, state = excluded.state
    WHERE book_progress.* IS DISTINCT FROM excluded.*;
END $$;
CREATE FUNCTION book_moved() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM refresh_book_progress(NEW.book); RETURN NULL; END $$;
CREATE FUNCTION book_began() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM refresh_book_progress(NEW.id); RETURN NULL; END $$;
CREATE TRIGGER book_progresses AFTER INSERT ON book
    FOR EACH ROW EXECUTE FUNCTION book_began();
CREATE TRIGGER edition_progresses AFTER INSERT ON edition
    FOR EACH ROW EXECUTE FUNCTION book_moved();
CREATE TRIGGER stage_run_progresses AFTER INSERT ON stage_run
    FOR EACH ROW EXECUTE FUNCTION book_moved();
CREATE TRIGGER submission_progresses AFTER INSERT OR UPDATE OF state ON submission
    FOR EACH ROW EXECUTE FUNCTION book_moved();
CREATE TRIGGER catalog_progresses AFTER INSERT OR UPDATE ON catalog
    FOR EACH ROW EXECUTE FUNCTION book_moved();
CREATE INDEX stage_run_newest_idx ON stage_run (book, edition, id);
CREATE INDEX stage_run_rejected_idx ON stage_run (at) WHERE outcome = 'rejected';
CREATE INDEX stage_run_worked_idx ON stage_run (at) WHERE outcome <> 'reused';
CREATE INDEX submission_at_idx ON submission (at);
INSERT INTO book_progress SELECT * FROM book_progress_now;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
