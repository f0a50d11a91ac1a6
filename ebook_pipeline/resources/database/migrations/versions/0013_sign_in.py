"""How people sign in: addresses, passwords, sessions, links that work once; limits of requests."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE person
    ADD COLUMN email TEXT,
    ADD COLUMN email_confirmed_at timestamptz,
    ADD CONSTRAINT person_email_check CHECK (email <> '' AND email = lower(email)),
    ADD CONSTRAINT person_email_confirmed_check
        CHECK (email_confirmed_at IS NULL OR email IS NOT NULL);
CREATE UNIQUE INDEX person_email_idx ON person (email) WHERE email_confirmed_at IS NOT NULL;
COMMENT ON TABLE person IS 'left_at: since then nothing can be done in this name. email: where the'
    ' desk writes; nobody signs in by it, and no review is theirs by it, before it is confirmed.';

CREATE TABLE credential (
    person TEXT NOT NULL,
    password TEXT NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT credential_pkey PRIMARY KEY (person),
    CONSTRAINT credential_person_fkey FOREIGN KEY (person) REFERENCES person (login),
    CONSTRAINT credential_password_check CHECK (password LIKE '$argon2id$%')
);
COMMENT ON TABLE credential IS 'password: argon2id with its parameters and salt (RFC 9106).';

CREATE TABLE session (
    digest TEXT NOT NULL,
    person TEXT NOT NULL,
    method TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    seen_at timestamptz DEFAULT now() NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT session_pkey PRIMARY KEY (digest),
    CONSTRAINT session_person_fkey FOREIGN KEY (person) REFERENCES person (login),
    CONSTRAINT session_digest_check CHECK (digest ~ '^[0-9a-f]{64}$')
);
CREATE INDEX session_person_idx ON session (person);
CREATE INDEX session_ends_at_idx ON session (ends_at);
COMMENT ON TABLE session IS 'digest: SHA-256 of what the browser holds; method: how they signed in.'
    ' It ends at ends_at, and earlier where it was not seen for a while.';

CREATE TABLE one_time_link (
    digest TEXT NOT NULL,
    person TEXT NOT NULL,
    purpose TEXT NOT NULL,
    address TEXT,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT one_time_link_pkey PRIMARY KEY (digest),
    CONSTRAINT one_time_link_person_fkey FOREIGN KEY (person) REFERENCES person (login),
    CONSTRAINT one_time_link_purpose_check CHECK (purpose IN ('welcome', 'reset', 'confirm')),
    CONSTRAINT one_time_link_digest_check CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT one_time_link_address_check CHECK ((purpose = 'confirm') = (address IS NOT NULL)),
    CONSTRAINT one_time_link_actor_check CHECK (actor <> '')
);
CREATE INDEX one_time_link_person_idx ON one_time_link (person, purpose);
COMMENT ON TABLE one_time_link IS 'digest: SHA-256 of the link''s token; address: the one to be'
    ' confirmed.';

CREATE UNLOGGED TABLE rate_limit (
    key TEXT NOT NULL,
    due double precision NOT NULL,
    step double precision NOT NULL,
    span double precision NOT NULL,
    allowed BOOLEAN NOT NULL,
    CONSTRAINT rate_limit_pkey PRIMARY KEY (key)
);
COMMENT ON TABLE rate_limit IS 'GCRA: due is the theoretical arrival time, seconds since 1970;'
    ' step, span: seconds for a request, and ahead of now at most; allowed: whether the last was.'
    ' A crash empties it.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES.replace("%", "%%"))
