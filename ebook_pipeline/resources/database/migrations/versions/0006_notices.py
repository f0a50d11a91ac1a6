"""Reviews routed to people, flags, who wants to be told what, and the log of what was told."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE review_route (
    task BIGINT NOT NULL,
    assignee TEXT,
    priority TEXT NOT NULL,
    due timestamptz NOT NULL,
    escalate_to TEXT,
    rules TEXT[] NOT NULL,
    assignments INTEGER DEFAULT '0' NOT NULL,
    escalated_at timestamptz,
    CONSTRAINT review_route_pkey PRIMARY KEY (task),
    CONSTRAINT review_route_priority_check CHECK (
        priority IN ('urgent', 'high', 'normal', 'low')),
    CONSTRAINT review_route_people_check CHECK (assignee <> '' AND escalate_to <> ''),
    CONSTRAINT review_route_task_fkey FOREIGN KEY(task) REFERENCES review_task (id)
);
CREATE INDEX review_route_assignee_idx ON review_route (assignee);
COMMENT ON TABLE review_route IS
    'One row a review task; rules: those of the policy that said so; '
    'assignments: how often somebody else got it.';

CREATE TABLE review_flag (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    settled_at timestamptz,
    CONSTRAINT review_flag_pkey PRIMARY KEY (id),
    CONSTRAINT review_flag_book_edition_fkey
        FOREIGN KEY(book, edition) REFERENCES edition (book, number),
    CONSTRAINT review_flag_said_check CHECK (reason <> '' AND actor <> ''),
    CONSTRAINT review_flag_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX review_flag_open_idx ON review_flag (book, edition) WHERE settled_at IS NULL;
COMMENT ON TABLE review_flag IS
    'Editions that somebody wants reviewed whatever quality says; a decision settles it.';

CREATE TABLE recipient (
    who TEXT NOT NULL,
    preferences JSONB NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT recipient_pkey PRIMARY KEY (who),
    CONSTRAINT recipient_who_check CHECK (who <> '')
);
COMMENT ON TABLE recipient IS
    'What a person, or a role, wants to be told of and how; an address names a person.';

CREATE TABLE notice (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    about TEXT NOT NULL,
    book TEXT,
    who TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    message JSONB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    due timestamptz NOT NULL,
    claimed_at timestamptz,
    closed_at timestamptz,
    sent_as TEXT,
    why TEXT DEFAULT '' NOT NULL,
    CONSTRAINT notice_pkey PRIMARY KEY (id),
    CONSTRAINT notice_state_check CHECK (
        state IN ('queued', 'sent', 'failed', 'suppressed')),
    CONSTRAINT notice_attempts_check CHECK (attempts >= 0),
    CONSTRAINT notice_book_fkey FOREIGN KEY(book) REFERENCES book (id)
);
CREATE INDEX notice_at_idx ON notice (at);
CREATE INDEX notice_book_idx ON notice (book, at);
CREATE INDEX notice_due_idx ON notice (due) WHERE state = 'queued';
COMMENT ON TABLE notice IS
    'One row an event, recipient and channel. claimed_at without an end: somebody is '
    'sending it, or died meanwhile; sent_as: the message that it went out in.';

INSERT INTO review_route (task, priority, due, rules)
    SELECT id, 'normal', at + interval '5 days', '{}' FROM review_task;
CREATE INDEX stage_run_at_idx ON stage_run (at);
CREATE INDEX outbox_book_idx ON outbox (book, id);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
