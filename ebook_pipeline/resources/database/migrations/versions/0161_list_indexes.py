"""Lists of all manuscripts, all jobs, and one imprint's books, by an index each."""

from alembic import op

revision = "0161"
down_revision = "0160"
branch_labels = None
depends_on = None

CHANGES = """
CREATE INDEX manuscript_changed_idx ON manuscript (changed_at, id);
CREATE INDEX job_at_idx ON job (at, id);
CREATE INDEX book_imprint_idx ON book (imprint) WHERE imprint IS NOT NULL;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
