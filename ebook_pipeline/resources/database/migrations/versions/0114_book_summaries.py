"""What a book is like in a few sentences: a machine's, or a person's, who locked it."""

from alembic import op

revision = "0114"
down_revision = "0113"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE book_summary (
    book TEXT NOT NULL,
    release TEXT NOT NULL,
    document JSONB,
    words TEXT DEFAULT '' NOT NULL,
    locked_by TEXT,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT book_summary_pkey PRIMARY KEY (book),
    CONSTRAINT book_summary_locked_check CHECK ((words <> '') = (locked_by IS NOT NULL)),
    CONSTRAINT book_summary_book_fkey FOREIGN KEY (book) REFERENCES book (id) ON DELETE CASCADE
);

COMMENT ON TABLE book_summary IS 'document: a machine''s, of the book as it was in this release, or'
    ' null where nothing can be said; words: a person''s, which stand in its place.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
