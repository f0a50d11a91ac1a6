"""Copies that were made for buyers: which order has which release, and what is hidden in it."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE copy (
    book TEXT NOT NULL,
    shop_order TEXT NOT NULL,
    form TEXT NOT NULL,
    release TEXT NOT NULL,
    edition INTEGER NOT NULL,
    mark BYTEA,
    sha256 TEXT NOT NULL,
    length BIGINT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT copy_pkey PRIMARY KEY (book, shop_order, form),
    CONSTRAINT copy_book_release_fkey
        FOREIGN KEY(book, release) REFERENCES release (book, name),
    CONSTRAINT copy_book_edition_fkey
        FOREIGN KEY(book, edition) REFERENCES edition (book, number),
    CONSTRAINT copy_form_check CHECK (form IN ('epub', 'pdf')),
    CONSTRAINT copy_actor_check CHECK (actor <> '')
);
CREATE INDEX copy_mark_idx ON copy (mark);
CREATE INDEX copy_sha256_idx ON copy (sha256);
COMMENT ON TABLE copy IS
    'at: when it was sold; mark: what is hidden in it; sha256: as it was made last.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLE)
