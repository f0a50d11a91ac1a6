"""Accounts, imprints, people, contacts: what exists is the house's, imprints as they were named."""

import unicodedata

from alembic import op
from sqlalchemy import text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE account (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    texts_per_day INTEGER,
    price_fall FLOAT,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT account_pkey PRIMARY KEY (id),
    CONSTRAINT account_id_check CHECK (id ~ '^[0-9a-z]+(-[0-9a-z]+)*$' AND length(id) <= 63),
    CONSTRAINT account_name_check CHECK (name <> ''),
    CONSTRAINT account_limits_check
        CHECK (texts_per_day >= 0 AND price_fall >= 0 AND price_fall <= 1),
    CONSTRAINT account_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE account IS 'A person or a firm that submits; its id is its folder in the landing'
    ' store. Limits that are unset are those of the settings.';
INSERT INTO account (id, name, actor) VALUES ('house', 'House', 'setup');

CREATE TABLE imprint (
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT imprint_pkey PRIMARY KEY (key),
    CONSTRAINT imprint_account_fkey FOREIGN KEY (account) REFERENCES account (id),
    CONSTRAINT imprint_key_check CHECK (key <> ''),
    CONSTRAINT imprint_actor_check CHECK (actor <> '')
);
CREATE INDEX imprint_account_idx ON imprint (account, at);
COMMENT ON TABLE imprint IS
    'Policies know an imprint by its name; key: the name as names are compared.';

CREATE TABLE person (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    login TEXT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    left_at timestamptz,
    CONSTRAINT person_pkey PRIMARY KEY (id),
    CONSTRAINT person_login_key UNIQUE (login),
    CONSTRAINT person_login_check CHECK (login ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    CONSTRAINT person_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE person IS 'left_at: since then nothing can be done in this name.';

CREATE TABLE membership (
    person TEXT NOT NULL,
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT membership_pkey PRIMARY KEY (person, account, role),
    CONSTRAINT membership_person_fkey FOREIGN KEY (person) REFERENCES person (login),
    CONSTRAINT membership_account_fkey FOREIGN KEY (account) REFERENCES account (id),
    CONSTRAINT membership_role_check
        CHECK (role IN ('author', 'editor', 'publisher', 'reader', 'operator')),
    CONSTRAINT membership_operator_check CHECK (role <> 'operator' OR account = 'house'),
    CONSTRAINT membership_actor_check CHECK (actor <> '')
);
CREATE INDEX membership_account_idx ON membership (account);
COMMENT ON TABLE membership IS 'Operators look after the pipeline: they are the house''s.';

CREATE TABLE contact (
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    code TEXT NOT NULL,
    asked_at timestamptz DEFAULT now() NOT NULL,
    confirmed_at timestamptz,
    confirmed_by TEXT,
    CONSTRAINT contact_pkey PRIMARY KEY (account, address),
    CONSTRAINT contact_account_fkey FOREIGN KEY (account) REFERENCES account (id)
);
CREATE INDEX contact_address_idx ON contact (address);
COMMENT ON TABLE contact IS 'An address that submissions of the account gave; code: SHA-256 of what'
    ' was sent there. Until it is confirmed nothing else is sent.';

CREATE TABLE tombstone (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    digest TEXT NOT NULL,
    contents TEXT[] DEFAULT '{}' NOT NULL,
    arrivals TEXT[] DEFAULT '{}' NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    ended_at timestamptz,
    CONSTRAINT tombstone_pkey PRIMARY KEY (id),
    CONSTRAINT tombstone_digest_key UNIQUE (digest),
    CONSTRAINT tombstone_reason_check CHECK (reason <> ''),
    CONSTRAINT tombstone_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE tombstone IS 'What is left of a purged book; digest: SHA-256 of its id; contents,'
    ' arrivals: of its manuscripts, and of landing keys with versions. ended_at: when the last of'
    ' it was gone.';

ALTER TABLE book
    ADD COLUMN account TEXT DEFAULT 'house' NOT NULL,
    ADD COLUMN imprint TEXT,
    ADD CONSTRAINT book_account_fkey FOREIGN KEY (account) REFERENCES account (id),
    ADD CONSTRAINT book_imprint_fkey FOREIGN KEY (imprint) REFERENCES imprint (key);
CREATE INDEX book_account_idx ON book (account);

ALTER TABLE notice
    ADD COLUMN account TEXT,
    ADD CONSTRAINT notice_account_fkey FOREIGN KEY (account) REFERENCES account (id),
    DROP CONSTRAINT notice_state_check,
    ADD CONSTRAINT notice_state_check
        CHECK (state IN ('queued', 'held', 'sent', 'failed', 'suppressed'));
CREATE INDEX notice_account_idx ON notice (account, due) WHERE account IS NOT NULL;
COMMENT ON TABLE notice IS 'One row an event, recipient and channel. claimed_at without an end:'
    ' somebody is sending it, or died meanwhile; sent_as: the message that it went out in; held:'
    ' its contact is not confirmed; account: on whose behalf an author is told.';

ALTER TABLE catalog
    ADD COLUMN taken_down BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT catalog_taken_down_check CHECK (NOT taken_down OR state = 'withdrawn');
COMMENT ON TABLE catalog IS 'The one release of a book that is on sale: its primary key says so.'
    ' barred: countries (ISO 3166) where it may not be sold; sold_from: nobody can buy it before.'
    ' taken_down: off sale, and nothing of it at the edge that is open to all.';

-- Who was written to before goes on being told.
INSERT INTO contact (account, address, code, confirmed_at, confirmed_by)
    SELECT DISTINCT 'house', who, '', now(), 'setup' FROM notice
    WHERE state = 'sent' AND kind IN
        ('book_received', 'book_rejected', 'book_waiting', 'book_on_sale', 'book_withdrawn');
"""

# Policies went by a book's first publisher: each becomes an imprint of the house.
NAMED = """
SELECT book, name FROM (
    SELECT DISTINCT ON (book) book, document -> 'publishers' ->> 0 AS name
    FROM description ORDER BY book, id DESC
) AS latest WHERE name IS NOT NULL
"""
IMPRINT = """
INSERT INTO imprint (key, name, account, actor) VALUES (:key, :name, 'house', 'setup')
ON CONFLICT DO NOTHING
"""
BOOK = "UPDATE book SET imprint = :key WHERE id = :book"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(TABLES)
    for book, name in connection.exec_driver_sql(NAMED).all():
        key = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        if key:
            connection.execute(text(IMPRINT), {"key": key, "name": name})
            connection.execute(text(BOOK), {"key": key, "book": book})
