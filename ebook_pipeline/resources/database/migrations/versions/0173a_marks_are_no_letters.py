"""Quotation marks, dashes and typographic apostrophes part words, as ASCII ones do.

Postgres takes every sign beyond ASCII for a letter where its locale is C, as the embedded one's is:
*L’Étranger* was one word.
"""

from alembic import op

from ebook_pipeline.resources.database import catalog_forms

revision = "0173a"
down_revision = "0172"
branch_labels = None
depends_on = None

CHANGES = r"""
SET LOCAL maintenance_work_mem = '256MB';
CREATE OR REPLACE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(
    translate(
        regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g'),
        U&'\2018\2019\02bc\2010', '-'),
    '[¡-©«-±´-¸»¿‑-⁞、-〄〈-〠]',
    ' ', 'g');
REINDEX INDEX description_title_idx;
UPDATE catalog SET title = title;
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(CHANGES)
    catalog_forms.fill_descriptions(connection)
    catalog_forms.fill(connection)
