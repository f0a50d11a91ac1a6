"""Sums of stars are written at a transaction's end: who writes of one book waits for nobody."""

from alembic import op

revision = "0112"
down_revision = "0092"
branch_labels = None
depends_on = None

TRIGGER = """
DROP TRIGGER opinion_rates ON opinion;
CREATE CONSTRAINT TRIGGER opinion_rates AFTER INSERT OR UPDATE OR DELETE ON opinion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rate_work();
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TRIGGER)
