"""Rounds of editing: states of manuscripts, their editors, rounds, comments on passages."""

from alembic import op

revision = "0061"
down_revision = "0090"
branch_labels = None
depends_on = None

TABLES = """
-- An event may be of a manuscript, which is no book yet.
ALTER TABLE outbox DROP CONSTRAINT outbox_book_fkey;

ALTER TABLE manuscript ADD COLUMN state TEXT DEFAULT 'draft' NOT NULL;
ALTER TABLE manuscript ADD CONSTRAINT manuscript_state_check
    CHECK (state IN ('draft', 'submitted', 'ready', 'sent'));

CREATE TABLE manuscript_editor (
    manuscript TEXT NOT NULL,
    person TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT manuscript_editor_pkey PRIMARY KEY (manuscript, person),
    CONSTRAINT manuscript_editor_actor_check CHECK (actor <> ''),
    CONSTRAINT manuscript_editor_manuscript_fkey FOREIGN KEY (manuscript)
        REFERENCES manuscript (id) ON DELETE CASCADE,
    CONSTRAINT manuscript_editor_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX manuscript_editor_person_idx ON manuscript_editor (person);

CREATE TABLE edit_round (
    manuscript TEXT NOT NULL,
    number INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    decision TEXT,
    decided_by TEXT,
    decided_at timestamptz,
    note TEXT DEFAULT '' NOT NULL,
    CONSTRAINT edit_round_pkey PRIMARY KEY (manuscript, number),
    CONSTRAINT edit_round_actor_check CHECK (actor <> ''),
    CONSTRAINT edit_round_decision_check CHECK (decision IN ('ask-changes', 'accept', 'recall')),
    CONSTRAINT edit_round_manuscript_fkey FOREIGN KEY (manuscript) REFERENCES manuscript (id)
        ON DELETE CASCADE
);
CREATE UNIQUE INDEX edit_round_open_idx ON edit_round (manuscript) WHERE decision IS NULL;

CREATE TABLE round_chapter (
    manuscript TEXT NOT NULL,
    round INTEGER NOT NULL,
    place INTEGER NOT NULL,
    chapter TEXT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT round_chapter_pkey PRIMARY KEY (manuscript, round, chapter),
    CONSTRAINT round_chapter_manuscript_fkey FOREIGN KEY (manuscript, round)
        REFERENCES edit_round (manuscript, number) ON DELETE CASCADE
);

CREATE TABLE edit_comment (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    manuscript TEXT NOT NULL,
    round INTEGER NOT NULL,
    chapter TEXT NOT NULL,
    version BIGINT NOT NULL,
    parent BIGINT,
    exact TEXT NOT NULL,
    prefix TEXT NOT NULL,
    suffix TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    settled_by TEXT,
    settled_at timestamptz,
    CONSTRAINT edit_comment_pkey PRIMARY KEY (id),
    CONSTRAINT edit_comment_actor_check CHECK (actor <> ''),
    CONSTRAINT edit_comment_manuscript_fkey FOREIGN KEY (manuscript) REFERENCES manuscript (id)
        ON DELETE CASCADE,
    CONSTRAINT edit_comment_parent_fkey FOREIGN KEY (parent) REFERENCES edit_comment (id)
        ON DELETE CASCADE,
    CONSTRAINT edit_comment_manuscript_round_fkey FOREIGN KEY (manuscript, round)
        REFERENCES edit_round (manuscript, number) ON DELETE CASCADE
);
CREATE INDEX edit_comment_manuscript_idx ON edit_comment (manuscript, id);
CREATE INDEX edit_comment_parent_idx ON edit_comment (parent);

COMMENT ON TABLE manuscript IS 'A book that is written at the desk. job: by which it was last'
    ' submitted. state: before its processing; what is on sale, the catalogue says.';
COMMENT ON TABLE edit_round IS 'actor: who submitted; decision: by which step of a manuscript''s'
    ' life it ended.';
COMMENT ON TABLE round_chapter IS 'Which version of which chapter a round is about.';
COMMENT ON TABLE edit_comment IS 'On a passage of a chapter''s version, or an answer to another'
    ' one (parent).';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
