"""Readers' shelves, what they dismissed, and the model that recommends books to them."""

from alembic import op

revision = "0041"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE shelf_entry (
    work BIGINT NOT NULL,
    person TEXT NOT NULL,
    shelf TEXT NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT shelf_entry_pkey PRIMARY KEY (work, person),
    CONSTRAINT shelf_entry_shelf_check CHECK (shelf IN ('to-read', 'reading', 'read')),
    CONSTRAINT shelf_entry_work_fkey FOREIGN KEY (work) REFERENCES work (id) ON DELETE CASCADE,
    CONSTRAINT shelf_entry_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX shelf_entry_person_idx ON shelf_entry (person, changed_at);

CREATE TABLE dismissal (
    work BIGINT NOT NULL,
    person TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT dismissal_pkey PRIMARY KEY (work, person),
    CONSTRAINT dismissal_work_fkey FOREIGN KEY (work) REFERENCES work (id) ON DELETE CASCADE,
    CONSTRAINT dismissal_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX dismissal_person_idx ON dismissal (person);

CREATE TABLE work_links (
    work BIGINT NOT NULL,
    signals INTEGER NOT NULL,
    others BIGINT[] NOT NULL,
    weights REAL[] NOT NULL,
    CONSTRAINT work_links_pkey PRIMARY KEY (work),
    CONSTRAINT work_links_weights_check CHECK (cardinality(others) = cardinality(weights)),
    CONSTRAINT work_links_work_fkey FOREIGN KEY (work) REFERENCES work (id) ON DELETE CASCADE
);
CREATE INDEX work_links_signals_idx ON work_links (signals, work);

CREATE TABLE recommendation_model (
    day TEXT NOT NULL,
    signals INTEGER NOT NULL,
    readers INTEGER NOT NULL,
    works INTEGER NOT NULL,
    ndcg DOUBLE PRECISION,
    popular_ndcg DOUBLE PRECISION,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT recommendation_model_pkey PRIMARY KEY (day)
);
CREATE INDEX recommendation_model_at_idx ON recommendation_model (at);

COMMENT ON TABLE dismissal IS 'What is recommended to a reader no more.';
COMMENT ON TABLE work_links IS 'What having taken up a work says for others; signals: how many'
    ' readers the model knew that from. Replaced as a whole by the next model.';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
