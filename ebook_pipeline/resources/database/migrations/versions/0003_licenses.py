"""Licences of readers, secrets of the house, and content keys that a corrected edition keeps."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE license (
    id TEXT NOT NULL,
    book TEXT NOT NULL,
    edition INTEGER NOT NULL,
    form TEXT NOT NULL,
    reader TEXT NOT NULL,
    provider TEXT NOT NULL,
    hint TEXT NOT NULL,
    user_key BYTEA NOT NULL,
    pages INTEGER,
    characters INTEGER,
    starts timestamptz,
    ends timestamptz,
    may_end timestamptz,
    issued timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    status_updated timestamptz NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT license_pkey PRIMARY KEY (id),
    CONSTRAINT license_book_edition_fkey
        FOREIGN KEY(book, edition) REFERENCES edition (book, number),
    CONSTRAINT license_book_fkey FOREIGN KEY(book) REFERENCES book (id),
    CONSTRAINT license_state_check CHECK (
        state IN ('ready', 'active', 'revoked', 'returned', 'cancelled', 'expired')),
    CONSTRAINT license_rights_check CHECK (pages >= 0 AND characters >= 0)
);
CREATE INDEX license_book_idx ON license (book, edition);
CREATE INDEX license_reader_idx ON license (reader);
COMMENT ON TABLE license IS
    'user_key: SHA-256 of the passphrase, sealed by the vault; may_end: renewals end here.';

CREATE TABLE license_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    license TEXT NOT NULL,
    type TEXT NOT NULL,
    device TEXT,
    device_name TEXT,
    actor TEXT NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT license_event_pkey PRIMARY KEY (id),
    CONSTRAINT license_event_license_fkey FOREIGN KEY(license) REFERENCES license (id),
    CONSTRAINT license_event_type_check CHECK (
        type IN ('register', 'renew', 'return', 'revoke', 'cancel')),
    CONSTRAINT license_event_actor_check CHECK (actor <> '')
);
CREATE INDEX license_event_license_idx ON license_event (license, id);

CREATE TABLE house_key (
    name TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT house_key_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE house_key IS
    'Secrets of the house by what they are for, as the vault wrapped them.';

ALTER TABLE content_key ADD COLUMN wrapped_for INTEGER;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
