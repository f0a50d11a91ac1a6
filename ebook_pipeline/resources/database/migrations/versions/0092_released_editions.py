"""A book whose newest edition is on sale has not failed where a run did only some of its stages."""

from alembic import op

revision = "0092"
down_revision = "0111"
branch_labels = None
depends_on = None

PROGRESS = """
CREATE OR REPLACE VIEW book_progress_now AS
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
            WHEN latest.outcome IN ('done', 'reused')
                AND (latest.stage = 'ingestion_analytics' OR release.edition = newest.number)
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
    LEFT JOIN catalog ON catalog.book = book.id
    LEFT JOIN release ON release.id = catalog.release;
SELECT count(refresh_book_progress(book)) FROM book_progress
    WHERE state = 'failed' AND outcome IN ('done', 'reused');
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(PROGRESS)
