"""What verification asked at the edge, whose turn it is, and what is broken there."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

EDGE = """
CREATE TABLE edge_check (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    run TEXT NOT NULL,
    book TEXT NOT NULL,
    release TEXT NOT NULL,
    point TEXT NOT NULL,
    asked TEXT NOT NULL,
    whole BOOLEAN NOT NULL,
    status INTEGER NOT NULL,
    milliseconds FLOAT NOT NULL,
    bytes BIGINT NOT NULL,
    fault TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT edge_check_pkey PRIMARY KEY (id),
    CONSTRAINT edge_check_book_fkey FOREIGN KEY (book) REFERENCES book (id)
);
CREATE INDEX edge_check_at_idx ON edge_check (at, point);
COMMENT ON TABLE edge_check IS
    'Every request that verification made at the edge; status 0: nobody answered in time.';

CREATE TABLE edge_turn (
    book TEXT NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT edge_turn_pkey PRIMARY KEY (book),
    CONSTRAINT edge_turn_book_fkey FOREIGN KEY (book) REFERENCES book (id)
);
CREATE INDEX edge_turn_checked_at_idx ON edge_turn (checked_at);
COMMENT ON TABLE edge_turn IS 'When a book was verified last: the least recent one is next.';

CREATE TABLE edge_incident (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    point TEXT NOT NULL,
    book TEXT NOT NULL,
    scope TEXT NOT NULL,
    faults JSONB NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT edge_incident_pkey PRIMARY KEY (id),
    CONSTRAINT edge_incident_book_fkey FOREIGN KEY (book) REFERENCES book (id)
);
CREATE UNIQUE INDEX edge_incident_open_idx
    ON edge_incident (point, scope)
    WHERE ended_at IS NULL;
COMMENT ON TABLE edge_incident IS
    'From the first failure after a success to the recovery. Scope: the book, or nothing where'
    ' the whole point is away; then the book is the one that it was seen with.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(EDGE)
