"""Lists find books by parts of titles, people and series, as the shop does."""

from alembic import op

from ebook_pipeline.resources.database import catalog_forms

revision = "0173"
down_revision = "0162"
branch_labels = None
depends_on = None

CHANGES = """
SET LOCAL maintenance_work_mem = '256MB';
ALTER TABLE description ADD COLUMN forms TSVECTOR DEFAULT '' NOT NULL;
COMMENT ON TABLE description IS
    'Every description that an edition ever had, the newest last; sketch: of its text; forms: what'
    ' lists find it by, title, people and series in all their spellings.';
"""
INDEXED = "CREATE INDEX description_forms_idx ON description USING gin (forms)"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(CHANGES)
    catalog_forms.fill_descriptions(connection)
    connection.exec_driver_sql(INDEXED)
    catalog_forms.fill(connection)  # Hangul in pairs, letters spelt out, series
