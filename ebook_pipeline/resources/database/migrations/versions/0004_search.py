"""Facets, the newest books first, and the words that a misspelt query is corrected to."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FACETS = """
ALTER TABLE catalog ADD COLUMN facets TEXT[] NOT NULL DEFAULT '{}';
UPDATE catalog SET facets = ARRAY(
    SELECT 'language=' || lower(split_part(tag, '-', 1)) FROM unnest(languages) AS tag
    UNION SELECT 'genre=' || (one ->> 'code')
        FROM jsonb_array_elements(document -> 'genres') AS one
    UNION SELECT 'genre=' || (one ->> 'code')
        FROM jsonb_array_elements(document -> 'subjects') AS one
        WHERE one ->> 'scheme' = 'thema' AND one ->> 'code' IS NOT NULL
    UNION SELECT 'audience=' || (document #>> '{audience,code}')
        WHERE document #>> '{audience,code}' IS NOT NULL
    UNION SELECT CASE document ->> 'layout'
        WHEN 'pre-paginated' THEN 'format=epub-fixed' ELSE 'format=epub' END
    UNION SELECT 'publisher=' || left(btrim(regexp_replace(name, '\\s+', ' ', 'g')), 120)
        FROM jsonb_array_elements_text(document -> 'publishers') AS name
    ORDER BY 1
);
ALTER TABLE catalog ALTER COLUMN facets DROP DEFAULT;
CREATE INDEX catalog_facets_idx ON catalog USING gin (facets);
CREATE INDEX catalog_newest_idx ON catalog (published, book) WHERE state = 'live';
"""

WORDS = r"""
CREATE FUNCTION slips(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
COST 10000
RETURN word || ARRAY(
    SELECT left(word, at - 1) || substr(word, at + 1) FROM generate_series(1, length(word)) AS at
);
COMMENT ON FUNCTION slips IS
    'The word, and the word without each of its letters: two words a slip apart share one of them.'
    ' So dear that the planner asks the index, whatever the limit.';

CREATE TABLE catalog_word (
    word TEXT NOT NULL,
    CONSTRAINT catalog_word_pkey PRIMARY KEY (word)
);
CREATE INDEX catalog_word_slips_idx ON catalog_word USING gin (slips(word))
    WITH (fastupdate = off);
COMMENT ON TABLE catalog_word IS
    'Every word that a book was ever found by; whether one is on sale is asked of the catalogue.';

CREATE FUNCTION learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_word
        SELECT lexeme FROM unnest(NEW.search) WHERE lexeme ~ '^[[:alpha:]]{4,30}$'
        EXCEPT SELECT word FROM catalog_word WHERE word = ANY (tsvector_to_array(NEW.search))
        ORDER BY 1
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION learn_words IS 'In one order, so that two who write books never deadlock.';
CREATE TRIGGER learn_words AFTER INSERT OR UPDATE ON catalog
    FOR EACH ROW EXECUTE FUNCTION learn_words();
INSERT INTO catalog_word
    SELECT word FROM ts_stat('SELECT search FROM catalog') WHERE word ~ '^[[:alpha:]]{4,30}$';
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(FACETS)
    connection.exec_driver_sql(WORDS)
