"""What is recommended to each reader, kept until they or the model know better."""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE reader_recommendations (
    person TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    document JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT reader_recommendations_pkey PRIMARY KEY (person),
    CONSTRAINT reader_recommendations_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
COMMENT ON TABLE reader_recommendations IS 'Works in order with their reasons; fingerprint: of what'
    ' the reader had done by then, and of the model.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
