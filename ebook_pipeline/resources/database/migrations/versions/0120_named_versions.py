"""Versions of manuscripts by name, and which event an event follows from."""

from alembic import op

revision = "0120"
down_revision = "0114"
branch_labels = None
depends_on = None

CHANGES = """
ALTER TABLE outbox ADD COLUMN causation TEXT;

CREATE TABLE manuscript_name (
    manuscript TEXT NOT NULL,
    name TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT manuscript_name_pkey PRIMARY KEY (manuscript, name),
    CONSTRAINT manuscript_name_manuscript_fkey FOREIGN KEY (manuscript)
        REFERENCES manuscript (id) ON DELETE CASCADE,
    CONSTRAINT manuscript_name_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE manuscript_name IS 'A state of a manuscript that somebody gave a name.';

CREATE TABLE named_chapter (
    manuscript TEXT NOT NULL,
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    chapter TEXT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT named_chapter_pkey PRIMARY KEY (manuscript, name, chapter),
    CONSTRAINT named_chapter_manuscript_fkey FOREIGN KEY (manuscript, name)
        REFERENCES manuscript_name (manuscript, name) ON DELETE CASCADE
);
COMMENT ON TABLE named_chapter IS 'Which version of which chapter a name means.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
