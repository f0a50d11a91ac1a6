"""Manuscripts that are written at the desk: chapters, and every version of each."""

from alembic import op

revision = "0060"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE manuscript (
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    claims JSONB NOT NULL,
    job TEXT,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    submitted_at timestamptz,
    CONSTRAINT manuscript_pkey PRIMARY KEY (id),
    CONSTRAINT manuscript_actor_check CHECK (actor <> ''),
    CONSTRAINT manuscript_id_check CHECK (id ~ '^[a-z2-7]{26}$'),
    CONSTRAINT manuscript_account_fkey FOREIGN KEY (account) REFERENCES account (id)
);
CREATE INDEX manuscript_account_idx ON manuscript (account, changed_at, id);
CREATE INDEX manuscript_job_idx ON manuscript (job);

CREATE TABLE chapter (
    id TEXT NOT NULL,
    manuscript TEXT NOT NULL,
    place INTEGER NOT NULL,
    version BIGINT NOT NULL,
    removed_at timestamptz,
    CONSTRAINT chapter_pkey PRIMARY KEY (id),
    CONSTRAINT chapter_id_check CHECK (id ~ '^[a-z2-7]{26}$'),
    CONSTRAINT chapter_manuscript_fkey FOREIGN KEY (manuscript) REFERENCES manuscript (id)
        ON DELETE CASCADE
);
CREATE INDEX chapter_manuscript_idx ON chapter (manuscript, place);

CREATE TABLE chapter_version (
    chapter TEXT NOT NULL,
    number BIGINT NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    words INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT chapter_version_pkey PRIMARY KEY (chapter, number),
    CONSTRAINT chapter_version_actor_check CHECK (actor <> ''),
    CONSTRAINT chapter_version_chapter_fkey FOREIGN KEY (chapter) REFERENCES chapter (id)
        ON DELETE CASCADE
);

COMMENT ON TABLE manuscript IS 'A book that is written at the desk. job: by which it was last'
    ' submitted.';
COMMENT ON TABLE chapter IS 'A chapter: its place among the others, and the version that stands.';
COMMENT ON TABLE chapter_version IS 'A chapter as it was saved once; none is changed or taken away'
    ' while the chapter is kept.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
