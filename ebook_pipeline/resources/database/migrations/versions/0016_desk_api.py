"""Who holds a licence and which shop sold it, reading apps, books by title."""

from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

LICENSES = """
ALTER TABLE license ADD COLUMN holder TEXT REFERENCES person (login);
ALTER TABLE license ADD COLUMN client TEXT;
ALTER TABLE license ADD COLUMN request TEXT;
ALTER TABLE license ADD COLUMN request_digest TEXT;
ALTER TABLE license ADD CONSTRAINT license_request_check
    CHECK (request IS NULL OR client IS NOT NULL);
CREATE INDEX license_holder_idx ON license (holder, issued) WHERE holder IS NOT NULL;
CREATE UNIQUE INDEX license_request_idx ON license (client, request) WHERE request IS NOT NULL;
COMMENT ON TABLE license IS
    'user_key: SHA-256 of the passphrase, sealed by the vault; may_end: renewals end here.'
    ' holder: the person on whose shelf it is; client: the program that asked for it, with its own'
    ' name of that request.';
ALTER TABLE copy ADD COLUMN client TEXT;
CREATE INDEX copy_client_idx ON copy (client, at) WHERE client IS NOT NULL;
"""
REVIEWS = """
ALTER TABLE decision ADD COLUMN reasons TEXT[] NOT NULL DEFAULT '{}';
"""
APPS = """
CREATE TABLE app_password (
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT app_password_pkey PRIMARY KEY (id),
    CONSTRAINT app_password_digest_key UNIQUE (digest),
    CONSTRAINT app_password_digest_check CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT app_password_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX app_password_person_idx ON app_password (person, at);
COMMENT ON TABLE app_password IS
    'digest: SHA-256 of what a reading app holds; it opens its person''s shelf, and no more.';
"""
LISTS = """
CREATE INDEX book_at_idx ON book (at, id);
CREATE INDEX description_title_idx ON description
    USING gin (to_tsvector('simple', folded(title)));
"""


def upgrade() -> None:
    for statements in (LICENSES, REVIEWS, APPS, LISTS):
        op.get_bind().exec_driver_sql(statements)
