"""Authors whom readers follow; notices found by whom they are for."""

from alembic import op

revision = "0110"
down_revision = "0091"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE followed_author (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    person TEXT NOT NULL,
    author TEXT NOT NULL,
    name TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT followed_author_pkey PRIMARY KEY (id),
    CONSTRAINT followed_author_person_author_key UNIQUE (person, author),
    CONSTRAINT followed_author_author_check CHECK (author <> ''),
    CONSTRAINT followed_author_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX followed_author_author_idx ON followed_author (author, id);
CREATE INDEX notice_who_idx ON notice (who, at);

COMMENT ON TABLE followed_author IS 'Of whose new books a reader is told. author: the name as names'
    ' are compared; name: as it stood on the book.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
