"""What books are found by in their own script: pairs of signs, stems, other spellings."""

from alembic import op

from ebook_pipeline.resources.database import catalog_forms

revision = "0150"
down_revision = "0120"
branch_labels = None
depends_on = None

COLUMNS = """
SET LOCAL maintenance_work_mem = '256MB';
DROP INDEX catalog_search_idx;
ALTER TABLE catalog DROP COLUMN search, DROP COLUMN heading,
    ADD COLUMN heading_forms TSVECTOR DEFAULT '' NOT NULL,
    ADD COLUMN text_forms TSVECTOR DEFAULT '' NOT NULL;
"""
VECTORS = """
ALTER TABLE catalog
    ADD COLUMN search TSVECTOR GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', folded(title || ' ' || coalesce(isbn13, ''))), 'A') ||
        setweight(to_tsvector('simple', folded(creators || ' ' || subtitle)), 'B') ||
        setweight(to_tsvector('simple', folded(subjects)), 'C') ||
        setweight(to_tsvector('simple', folded(left(description, 20000))), 'D') ||
        setweight(heading_forms, 'B') || setweight(text_forms, 'D')
    ) STORED,
    ADD COLUMN heading TSVECTOR GENERATED ALWAYS AS (
        to_tsvector('simple', folded(
            title || ' ' || coalesce(isbn13, '') || ' ' || creators || ' ' || subtitle)) ||
        heading_forms
    ) STORED;
CREATE INDEX catalog_search_idx ON catalog USING gin (search, facets, heading)
    WITH (fastupdate = off) WHERE state = 'live';
COMMENT ON TABLE catalog IS 'The one release of a book that is on sale: its primary key says so.'
    ' barred: countries (ISO 3166) where it may not be sold; sold_from: nobody can buy it before.'
    ' taken_down: off sale, and nothing of it at the edge that is open to all. heading_forms,'
    ' text_forms: what is found besides the words as they stand: other spellings, stems, pairs of'
    ' signs.';
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(COLUMNS)
    connection.exec_driver_sql(VECTORS)
    catalog_forms.fill(connection)  # last: the trigger that learns words reads `search`
