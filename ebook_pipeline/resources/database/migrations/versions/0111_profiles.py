"""How people want the desk to look, and their picture."""

from alembic import op

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE profile (
    person TEXT NOT NULL,
    language TEXT DEFAULT '' NOT NULL,
    theme TEXT DEFAULT 'auto' NOT NULL,
    avatar TEXT DEFAULT '' NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT profile_pkey PRIMARY KEY (person),
    CONSTRAINT profile_theme_check CHECK (theme IN ('auto', 'light', 'dark')),
    CONSTRAINT profile_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);

COMMENT ON TABLE profile IS 'Of who has chosen something. language: empty where the browser says'
    ' it; avatar: a small JPEG in base64, sealed, or empty.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
