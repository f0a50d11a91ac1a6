"""What a book was made of when a run took it through every stage."""

from alembic import op

revision = "0172"
down_revision = "0173"
branch_labels = None
depends_on = None

CHANGES = """
CREATE TABLE book_fingerprint (
    book text NOT NULL,
    fingerprint text NOT NULL,
    blobs text[] NOT NULL,
    run text NOT NULL,
    told boolean DEFAULT false NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT book_fingerprint_pkey PRIMARY KEY (book),
    CONSTRAINT book_fingerprint_book_fkey FOREIGN KEY (book) REFERENCES book (id) ON DELETE CASCADE
);
COMMENT ON TABLE book_fingerprint IS 'What a book was made of when a run took it through every'
    ' stage: a digest of all that stages ask of the world. blobs: SHA-256 and length of what its'
    ' records point to. told: all that the run did with it is in the event log.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
