"""Files in the landing store that can't be taken: each told once, with what to do."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE refused_arrival (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    digest TEXT NOT NULL,
    landing_key TEXT NOT NULL,
    finding JSONB NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT refused_arrival_pkey PRIMARY KEY (id),
    CONSTRAINT refused_arrival_digest_key UNIQUE (digest),
    CONSTRAINT refused_arrival_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE refused_arrival IS
    'digest: SHA-256 of the whole key and its version; landing_key: as it can be shown.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLE)
