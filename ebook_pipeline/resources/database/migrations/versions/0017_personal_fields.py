"""Persons' fields are sealed from now on; what is in the clear is sealed by the application.

A migration has no vault: it names the tables, and `Database.migrate` seals their rows. A contact
that looks as if it was sealed reaches nobody, and goes.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE unsealed (
    "table" TEXT NOT NULL,
    CONSTRAINT unsealed_pkey PRIMARY KEY ("table")
);
COMMENT ON TABLE unsealed IS
    'Tables in which rows of an earlier release may hold persons'' fields in the clear.';
DO $$ DECLARE name text; filled boolean; BEGIN
    FOREACH name IN ARRAY ARRAY['audit', 'contact', 'copy', 'edition', 'identity', 'license',
        'license_event',
        'notice', 'one_time_link', 'outbox', 'person', 'recipient', 'review_route', 'submission']
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN INSERT INTO unsealed VALUES (name); END IF;
    END LOOP;
END $$;
UPDATE notice SET cause = 'contact ' || coalesce(account, '') || ' ' || left(id, 16)
    WHERE kind = 'contact_confirm';
UPDATE submission SET claims = claims - 'contact' WHERE claims ->> 'contact' LIKE 'p1:%';
UPDATE edition SET claims = claims - 'contact' WHERE claims ->> 'contact' LIKE 'p1:%';
ALTER TABLE person DROP CONSTRAINT person_email_check,
    ADD CONSTRAINT person_email_check CHECK (email <> '');

CREATE TABLE erasure (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    digest TEXT NOT NULL,
    pseudonym TEXT NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT erasure_pkey PRIMARY KEY (id),
    CONSTRAINT erasure_digest_key UNIQUE (digest),
    CONSTRAINT erasure_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE erasure IS
    'What is left of an erased person; digest: a keyed hash of the login or address, by which a'
    ' restored backup is erased again. ended_at: when the last of it was gone.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES.replace("%", "%%"))
