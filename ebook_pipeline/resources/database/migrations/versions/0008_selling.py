"""Prices and rights by territory, the day a book is sold from, previews, and what books mean."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE price (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    territory TEXT NOT NULL,
    type TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount NUMERIC(12, 3) NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT price_pkey PRIMARY KEY (id),
    CONSTRAINT price_book_fkey FOREIGN KEY (book) REFERENCES book (id),
    CONSTRAINT price_book_territory_currency_valid_from_key
        UNIQUE (book, territory, currency, valid_from),
    CONSTRAINT price_territory_check CHECK (territory ~ '^([A-Z]{2}|EU|EEA|ECZ|WORLD)$'),
    CONSTRAINT price_type_check CHECK (type IN ('01', '02', '03', '04')),
    CONSTRAINT price_amount_check CHECK (currency ~ '^[A-Z]{3}$' AND amount >= 0),
    CONSTRAINT price_valid_check CHECK (valid_until >= valid_from),
    CONSTRAINT price_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE price IS 'Days are both inclusive; type: ONIX list 58.';

CREATE TABLE sales_right (
    book TEXT NOT NULL,
    territory TEXT NOT NULL,
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT sales_right_pkey PRIMARY KEY (book, territory),
    CONSTRAINT sales_right_book_fkey FOREIGN KEY (book) REFERENCES book (id),
    CONSTRAINT sales_right_territory_check CHECK (territory ~ '^([A-Z]{2}|EU|EEA|ECZ|WORLD)$'),
    CONSTRAINT sales_right_type_check CHECK (type IN ('01', '02', '03')),
    CONSTRAINT sales_right_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE sales_right IS 'type: ONIX list 46; a book without any is sold everywhere.';

ALTER TABLE catalog
    ADD COLUMN sold_from DATE,
    ADD COLUMN barred TEXT[] DEFAULT '{}' NOT NULL;
COMMENT ON TABLE catalog IS 'The one release of a book that is on sale: its primary key says so.'
    ' barred: countries (ISO 3166) where it may not be sold; sold_from: nobody can buy it before.';

CREATE TABLE preview_link (
    code TEXT NOT NULL,
    book TEXT NOT NULL,
    target TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT preview_link_pkey PRIMARY KEY (code),
    CONSTRAINT preview_link_book_fkey FOREIGN KEY (book) REFERENCES book (id),
    CONSTRAINT preview_link_code_check CHECK (code ~ '^[A-Za-z0-9_-]{12,}$'),
    CONSTRAINT preview_link_actor_check CHECK (actor <> '')
);
CREATE INDEX preview_link_book_idx ON preview_link (book);
CREATE INDEX preview_link_standing_idx ON preview_link (expires_at) WHERE removed_at IS NULL;
COMMENT ON TABLE preview_link IS
    'Who has the code can read the excerpt until then; removed: nothing is at the edge.';

CREATE TABLE meaning (
    book TEXT NOT NULL,
    model TEXT NOT NULL,
    figures REAL[] NOT NULL,
    CONSTRAINT meaning_pkey PRIMARY KEY (book),
    CONSTRAINT meaning_book_fkey FOREIGN KEY (book) REFERENCES catalog (book)
);
COMMENT ON TABLE meaning IS
    'What the release that is on sale is about; those of one model can be compared.';
"""

VECTORS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS vector;
EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege THEN
    RAISE NOTICE 'no pgvector: similar books are found by comparing with every book';
END $$;
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(TABLES)
    connection.exec_driver_sql(VECTORS)
