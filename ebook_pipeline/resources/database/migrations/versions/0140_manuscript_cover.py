"""Covers of manuscripts that are written at the desk."""

from alembic import op

revision = "0140"
down_revision = "0150"
branch_labels = None
depends_on = None

CHANGES = """
CREATE TABLE manuscript_cover (
    manuscript TEXT NOT NULL,
    picture BYTEA NOT NULL,
    small BYTEA NOT NULL,
    sha256 TEXT NOT NULL,
    facts JSONB NOT NULL,
    actor TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT manuscript_cover_pkey PRIMARY KEY (manuscript),
    CONSTRAINT manuscript_cover_manuscript_fkey FOREIGN KEY (manuscript)
        REFERENCES manuscript (id) ON DELETE CASCADE,
    CONSTRAINT manuscript_cover_actor_check CHECK (actor <> '')
);
COMMENT ON TABLE manuscript_cover IS 'Two JPEGs: the cover, and what pages show of it. facts: its'
    ' pixels, and what shops will not like of it.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
