"""Up to which version a chapter's saves were thinned out."""

from alembic import op

revision = "0063"
down_revision = "0100"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE chapter ADD COLUMN thinned BIGINT DEFAULT 0 NOT NULL;
COMMENT ON TABLE chapter IS 'A chapter: its place among the others, the version that stands, and up'
    ' to which its versions were thinned out.';
COMMENT ON TABLE chapter_version IS 'A chapter as it was saved once; none is changed, and none'
    ' taken away but what says nothing that a later one does not.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
