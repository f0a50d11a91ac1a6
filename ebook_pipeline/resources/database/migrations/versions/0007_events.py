"""Events with ids, versions, causes and places, and how far each subscriber has heard."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OUTBOX = """
DROP INDEX outbox_undelivered_idx;
ALTER TABLE outbox DROP COLUMN delivered_at;
ALTER TABLE outbox ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE outbox ADD COLUMN uid UUID NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE outbox ALTER COLUMN uid DROP DEFAULT;
ALTER TABLE outbox ADD CONSTRAINT outbox_uid_key UNIQUE (uid);
ALTER TABLE outbox ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE outbox ALTER COLUMN version DROP DEFAULT;
ALTER TABLE outbox ADD COLUMN correlation TEXT;
ALTER TABLE outbox ADD COLUMN position BIGINT;
CREATE SEQUENCE outbox_position_seq;
UPDATE outbox SET correlation = uid::text, position = id;
SELECT setval('outbox_position_seq', max(position)) FROM outbox;
ALTER TABLE outbox ALTER COLUMN correlation SET NOT NULL;
CREATE INDEX outbox_unplaced_idx ON outbox (id) WHERE position IS NULL;
CREATE UNIQUE INDEX outbox_position_idx ON outbox (position) WHERE position IS NOT NULL;
CREATE INDEX outbox_at_idx ON outbox USING brin (at);
ALTER TABLE audit ADD COLUMN correlation TEXT;
COMMENT ON TABLE outbox IS
    'Position: the event''s place in the order of telling. It is given after the commit,'
    ' for an id that is smaller may commit later.';
"""

DELIVERY = """
CREATE TABLE subscriber (
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    paused_until TIMESTAMP WITH TIME ZONE,
    disabled TEXT,
    CONSTRAINT subscriber_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE subscriber IS
    'Who has been told everything up to position, but for what delivery says; disabled:'
    ' why nothing more is told.';

CREATE TABLE delivery (
    subscriber TEXT NOT NULL,
    event BIGINT NOT NULL,
    position BIGINT NOT NULL,
    book TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE,
    dead_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT delivery_pkey PRIMARY KEY (subscriber, event),
    CONSTRAINT delivery_subscriber_fkey FOREIGN KEY (subscriber) REFERENCES subscriber (name),
    CONSTRAINT delivery_event_fkey FOREIGN KEY (event) REFERENCES outbox (id) ON DELETE CASCADE,
    CONSTRAINT delivery_state_check CHECK (dead_at IS NULL OR next_at IS NULL)
);
CREATE INDEX delivery_event_idx ON delivery (event);
CREATE INDEX delivery_waiting_idx ON delivery (subscriber, book, position) WHERE dead_at IS NULL;
CREATE INDEX delivery_due_idx ON delivery (subscriber, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX delivery_dead_idx ON delivery (subscriber, position) WHERE dead_at IS NOT NULL;
COMMENT ON TABLE delivery IS
    'What a subscriber has not taken yet. Of a book the first one has next_at, the others'
    ' wait behind it; dead: set aside after days.';
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(OUTBOX)
    connection.exec_driver_sql(DELIVERY)
