"""The files of the data lake, and daily figures made of it."""

from alembic import op

revision = "0025"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE lake_file (
    key TEXT NOT NULL,
    day DATE NOT NULL,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    version INTEGER NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT lake_file_pkey PRIMARY KEY (key),
    CONSTRAINT lake_file_figures_check CHECK (rows > 0 AND bytes > 0)
);
CREATE INDEX lake_file_day_idx ON lake_file (day);
COMMENT ON TABLE lake_file IS 'The Parquet files that make up the lake: what lies beside them is of'
    ' no account. version: of their schema.';

CREATE TABLE daily_figure (
    day DATE NOT NULL,
    metric TEXT NOT NULL,
    account TEXT NOT NULL,
    format TEXT NOT NULL,
    language TEXT NOT NULL,
    stage TEXT NOT NULL,
    rule TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    events BIGINT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT daily_figure_pkey
        PRIMARY KEY (day, metric, account, format, language, stage, rule)
);
CREATE INDEX daily_figure_metric_idx ON daily_figure (metric, day);
COMMENT ON TABLE daily_figure IS 'A metric of one day (UTC); what it is not told apart by is ''''.'
    ' events: of how many it is made.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
