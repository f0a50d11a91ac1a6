"""Words of the title page apart from all others, and one index for words and facets together."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

HEADINGS = """
SET LOCAL maintenance_work_mem = '256MB';
DROP INDEX catalog_search_idx;
DROP INDEX catalog_facets_idx;
ALTER TABLE catalog ADD COLUMN heading TSVECTOR GENERATED ALWAYS AS (
    to_tsvector('simple', folded(
        title || ' ' || coalesce(isbn13, '') || ' ' || creators || ' ' || subtitle))
) STORED;
CREATE INDEX catalog_search_idx ON catalog USING gin (search, facets, heading)
    WITH (fastupdate = off) WHERE state = 'live';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(HEADINGS)
