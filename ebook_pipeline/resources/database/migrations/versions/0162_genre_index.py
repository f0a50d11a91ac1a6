"""Descriptions by the Thema codes of their genres and subjects, and by what stands above them."""

from alembic import op

revision = "0162"
down_revision = "0161"
branch_labels = None
depends_on = None

CHANGES = """
CREATE FUNCTION thema_prefixes(document jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT left(subject->>'code', size)), '{}')
    FROM (VALUES (document->'genres'), (document->'subjects')) AS named (subjects),
        LATERAL jsonb_array_elements(
            CASE jsonb_typeof(subjects) WHEN 'array' THEN subjects ELSE '[]' END) AS subject,
        LATERAL generate_series(1, least(8, length(subject->>'code'))) AS size
    WHERE subject->>'scheme' = 'thema'
$$;
CREATE INDEX description_genre_idx ON description USING gin (thema_prefixes(document));
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
