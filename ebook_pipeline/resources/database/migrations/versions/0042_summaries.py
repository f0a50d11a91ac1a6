"""Summaries of readers' opinions, by the digest of what they were made from."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE opinion_summary (
    work BIGINT NOT NULL,
    digest TEXT NOT NULL,
    document JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT opinion_summary_pkey PRIMARY KEY (work),
    CONSTRAINT opinion_summary_work_fkey FOREIGN KEY (work) REFERENCES work (id) ON DELETE CASCADE
);
COMMENT ON TABLE opinion_summary IS 'Made by a machine of what readers said; digest: of all that'
    ' it was made from.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
