"""Ingestion jobs and uploads; whoever listens hears of new events and of uploads that move."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE job (
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    claims JSONB NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    cancelled_at timestamptz,
    CONSTRAINT job_pkey PRIMARY KEY (id),
    CONSTRAINT job_actor_check CHECK (actor <> ''),
    CONSTRAINT job_id_check CHECK (id ~ '^[a-z2-7]{26}$'),
    CONSTRAINT job_account_fkey FOREIGN KEY (account) REFERENCES account (id)
);
CREATE INDEX job_account_idx ON job (account, at, id);

CREATE TABLE upload (
    id TEXT NOT NULL,
    job TEXT NOT NULL,
    sender TEXT NOT NULL,
    way TEXT NOT NULL,
    name TEXT NOT NULL,
    landing_key TEXT NOT NULL,
    length BIGINT NOT NULL,
    received BIGINT DEFAULT 0 NOT NULL,
    promised TEXT,
    sha256 TEXT,
    place TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    finding JSONB,
    holder TEXT,
    at timestamptz DEFAULT now() NOT NULL,
    moved_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT upload_pkey PRIMARY KEY (id),
    CONSTRAINT upload_id_check CHECK (id ~ '^[a-z2-7]{26}$'),
    CONSTRAINT upload_length_check CHECK (received >= 0 AND received <= length AND length > 0),
    CONSTRAINT upload_digests_check
        CHECK (promised ~ '^[0-9a-f]{64}$' AND sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT upload_refused_check CHECK ((state = 'refused') = (finding IS NOT NULL)),
    CONSTRAINT upload_landed_check CHECK (state <> 'landed' OR sha256 IS NOT NULL),
    CONSTRAINT upload_sender_check CHECK (sender <> ''),
    CONSTRAINT upload_way_check CHECK (way IN ('tus', 'direct')),
    CONSTRAINT upload_state_check
        CHECK (state IN ('open', 'whole', 'landed', 'refused', 'terminated', 'expired')),
    CONSTRAINT upload_job_fkey FOREIGN KEY (job) REFERENCES job (id)
);
CREATE INDEX upload_expires_at_idx ON upload (expires_at) WHERE state IN ('open', 'whole');
CREATE UNIQUE INDEX upload_job_idx ON upload (job) WHERE state IN ('open', 'whole', 'landed');
CREATE INDEX upload_landing_key_idx ON upload (landing_key);
CREATE INDEX upload_of_job_idx ON upload (job, at);
CREATE INDEX upload_sender_idx ON upload (sender, at);
CREATE INDEX upload_sha256_idx ON upload (sha256);

COMMENT ON TABLE job IS 'What somebody wants to submit, described before there is a file. How far'
    ' it is follows from its upload, its submission and its book.';
COMMENT ON TABLE upload IS 'A file on its way: received of its length bytes are durable. open:'
    ' bytes are missing; whole: it has yet to appear in the landing store; landed: it lies there'
    ' as landing_key, or the same bytes do. sender: whose quota it counts for; promised: the'
    ' SHA-256 that they named; holder: the process that receives it; place: what the store calls'
    ' it.';

CREATE FUNCTION tell_outbox() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('outbox', ''); RETURN NULL; END $$;
CREATE TRIGGER outbox_told AFTER INSERT ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION tell_outbox();

CREATE FUNCTION tell_job() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('job', NEW.job); RETURN NULL; END $$;
CREATE TRIGGER upload_told AFTER INSERT OR UPDATE OF received, state ON upload
    FOR EACH ROW EXECUTE FUNCTION tell_job();

CREATE FUNCTION tell_own() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('job', NEW.id); RETURN NULL; END $$;
CREATE TRIGGER job_told AFTER UPDATE OF cancelled_at ON job
    FOR EACH ROW EXECUTE FUNCTION tell_own();
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
