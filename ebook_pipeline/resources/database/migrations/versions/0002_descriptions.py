"""Descriptions with their history, and the fields that a person has locked."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE description (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    data_version TEXT NOT NULL,
    document JSONB NOT NULL,
    title TEXT NOT NULL,
    work_key TEXT NOT NULL,
    isbns TEXT[] NOT NULL,
    sketch BIGINT[] NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT description_pkey PRIMARY KEY (id),
    CONSTRAINT description_book_edition_fkey
        FOREIGN KEY(book, edition) REFERENCES edition (book, number),
    CONSTRAINT description_book_edition_data_version_key UNIQUE (book, edition, data_version),
    CONSTRAINT description_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX description_work_key_idx ON description (work_key);
CREATE INDEX description_isbns_idx ON description USING gin (isbns);
CREATE INDEX description_sketch_idx ON description USING gin (sketch);
COMMENT ON TABLE description IS
    'Every description that an edition ever had, the newest last; sketch: of its text.';

CREATE TABLE field_lock (
    book TEXT NOT NULL,
    field TEXT NOT NULL,
    value JSONB NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT field_lock_pkey PRIMARY KEY (book, field),
    CONSTRAINT field_lock_actor_check CHECK (actor <> ''),
    CONSTRAINT field_lock_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
COMMENT ON TABLE field_lock IS 'What a person said of a book: no rerun changes it.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
