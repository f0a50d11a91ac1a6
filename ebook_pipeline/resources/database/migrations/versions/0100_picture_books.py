"""Picture books that are ordered at the desk: briefs, their versions, how far each is."""

from alembic import op

revision = "0100"
down_revision = "0062"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE picture_book (
    key TEXT NOT NULL,
    account TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    book TEXT,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT picture_book_pkey PRIMARY KEY (key),
    CONSTRAINT picture_book_actor_check CHECK (actor <> ''),
    CONSTRAINT picture_book_version_check CHECK (version > 0),
    CONSTRAINT picture_book_state_check CHECK (state IN ('waiting', 'making', 'made', 'refused',
        'failed', 'cancelled')),
    CONSTRAINT picture_book_account_fkey FOREIGN KEY (account) REFERENCES account (id)
);
CREATE INDEX picture_book_account_idx ON picture_book (account, changed_at, key);
CREATE INDEX picture_book_state_idx ON picture_book (state, changed_at);

CREATE TABLE picture_book_version (
    picture_book TEXT NOT NULL,
    number INTEGER NOT NULL,
    brief JSONB NOT NULL,
    attempts JSONB NOT NULL,
    made JSONB,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT picture_book_version_pkey PRIMARY KEY (picture_book, number),
    CONSTRAINT picture_book_version_actor_check CHECK (actor <> ''),
    CONSTRAINT picture_book_version_picture_book_fkey FOREIGN KEY (picture_book)
        REFERENCES picture_book (key) ON DELETE CASCADE
);
CREATE INDEX picture_book_version_actor_idx ON picture_book_version (actor, at);

CREATE TABLE picture_book_stage (
    picture_book TEXT NOT NULL,
    stage TEXT NOT NULL,
    outcome TEXT NOT NULL,
    seconds double precision NOT NULL,
    tokens INTEGER DEFAULT 0 NOT NULL,
    detail JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT picture_book_stage_pkey PRIMARY KEY (picture_book, stage),
    CONSTRAINT picture_book_stage_picture_book_fkey FOREIGN KEY (picture_book)
        REFERENCES picture_book (key) ON DELETE CASCADE
);

CREATE TABLE picture_book_name (
    picture_book TEXT NOT NULL,
    field TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT picture_book_name_pkey PRIMARY KEY (picture_book, field, name),
    CONSTRAINT picture_book_name_picture_book_fkey FOREIGN KEY (picture_book)
        REFERENCES picture_book (key) ON DELETE CASCADE
);
CREATE INDEX picture_book_name_name_idx ON picture_book_name (name);

COMMENT ON TABLE picture_book IS 'A picture book that is ordered by a brief. version: the one that'
    ' stands; book: what it was submitted as.';
COMMENT ON TABLE picture_book_version IS 'What was ordered once: a brief, and which of its pages'
    ' were asked for again. made: the files that came of it.';
COMMENT ON TABLE picture_book_stage IS 'How a stage of the newest version ended last, or that it is'
    ' under way; tokens: what a model was paid for.';
COMMENT ON TABLE picture_book_name IS 'Who may be named in a brief, word by word, so that a person'
    ' is found there.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
