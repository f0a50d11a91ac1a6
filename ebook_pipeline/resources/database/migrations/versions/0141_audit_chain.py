"""The audit only grows, and its rows are chained by hash."""

from alembic import op

revision = "0141"
down_revision = "0140"
branch_labels = None
depends_on = None

CHANGES = """
CREATE TABLE audit_unlinked (
    audit BIGINT NOT NULL,
    CONSTRAINT audit_unlinked_pkey PRIMARY KEY (audit)
);
COMMENT ON TABLE audit_unlinked IS 'Rows of the audit that the chain has yet to take up.';

CREATE TABLE audit_link (
    position BIGINT NOT NULL,
    audit BIGINT NOT NULL,
    at timestamptz NOT NULL,
    book_digest TEXT NOT NULL,
    written TEXT NOT NULL,
    facts TEXT NOT NULL,
    before TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT audit_link_pkey PRIMARY KEY (position),
    CONSTRAINT audit_link_audit_key UNIQUE (audit),
    CONSTRAINT audit_link_hash_key UNIQUE (hash)
);
COMMENT ON TABLE audit_link IS 'One link for each row of the audit, by keyed digests. written: of'
    ' what never changes; facts: of what an erasure changes. It outlives its row.';

INSERT INTO audit_unlinked SELECT id FROM audit;

CREATE FUNCTION audit_is_to_be_linked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unlinked VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_is_to_be_linked AFTER INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_to_be_linked();

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('ebooks.taking_away', true), '') <> 'on' THEN
        RAISE EXCEPTION 'the audit only grows: %% of a row was refused', TG_OP;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
