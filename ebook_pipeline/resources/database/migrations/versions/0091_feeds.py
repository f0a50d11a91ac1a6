"""What feeds have told, and when."""

from alembic import op

revision = "0091"
down_revision = "0063"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE feed_turn (
    feed TEXT NOT NULL,
    shown_at timestamptz NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT feed_turn_pkey PRIMARY KEY (feed),
    CONSTRAINT feed_turn_feed_check CHECK (feed IN ('onix', 'opds'))
);
COMMENT ON TABLE feed_turn IS 'shown_at: the moment of the catalogue that the feed shows.';

CREATE TABLE feed_message (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    products INTEGER NOT NULL,
    bytes BIGINT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT feed_message_pkey PRIMARY KEY (id),
    CONSTRAINT feed_message_path_key UNIQUE (path),
    CONSTRAINT feed_message_kind_check CHECK (kind IN ('full', 'delta')),
    CONSTRAINT feed_message_figures_check CHECK (products >= 0 AND bytes > 0)
);
CREATE INDEX feed_message_kind_idx ON feed_message (kind, id);
COMMENT ON TABLE feed_message IS 'ONIX messages at the edge, the oldest first.';

CREATE TABLE onix_sent (
    book TEXT NOT NULL,
    digests JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT onix_sent_pkey PRIMARY KEY (book),
    CONSTRAINT onix_sent_book_fkey FOREIGN KEY (book) REFERENCES book (id) ON DELETE CASCADE
);
COMMENT ON TABLE onix_sent IS 'What the last message that told of a product said, by block.';

CREATE INDEX catalog_changed_idx ON catalog (changed_at);
CREATE INDEX price_at_idx ON price (at);
CREATE INDEX sales_right_at_idx ON sales_right (at);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
