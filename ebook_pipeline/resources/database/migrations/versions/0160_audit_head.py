"""The end of the audit's chain, as it was noted last outside the database."""

from alembic import op

revision = "0160"
down_revision = "0141"
branch_labels = None
depends_on = None

CHANGES = """
CREATE TABLE audit_head (
    position BIGINT NOT NULL,
    hash TEXT NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT audit_head_pkey PRIMARY KEY (position)
);
COMMENT ON TABLE audit_head IS 'One row: the link of which the object store was told last.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
