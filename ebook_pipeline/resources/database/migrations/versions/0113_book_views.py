"""How often a book's page and its excerpt were looked at, by day."""

from alembic import op

revision = "0113"
down_revision = "0112"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE book_view (
    book TEXT NOT NULL,
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    times BIGINT NOT NULL,
    CONSTRAINT book_view_pkey PRIMARY KEY (book, day, kind),
    CONSTRAINT book_view_kind_check CHECK (kind IN ('page', 'excerpt')),
    CONSTRAINT book_view_times_check CHECK (times > 0),
    CONSTRAINT book_view_book_fkey FOREIGN KEY (book) REFERENCES book (id) ON DELETE CASCADE
);

COMMENT ON TABLE book_view IS 'How often a book''s page, and the excerpt on it, were asked for on a'
    ' day (UTC); by whom is not known.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
