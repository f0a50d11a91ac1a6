"""The dashboard's figures: days are UTC's, whatever zone the database's session is in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.reporting.desk_figures import desk_figures
from tests.support.services.submissions import offer

ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York")


def live_in(database: Database, zone: str) -> None:
    """Every connection from now on thinks that it is in this zone."""

    def checked_out(connection: Any, *_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET TIME ZONE '{zone}'")

    event.listen(database.engine, "checkout", checked_out)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_begins_at_midnight_utc(database: Database, zone: str) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (today, today - timedelta(seconds=1), today - timedelta(days=14))
    for number, at in enumerate(moments):
        submit(database, offer(f"{number}.epub"), actor="eve")
        with database.begin() as connection:
            change = text("UPDATE submission SET at = :at WHERE landing_key = :key")
            connection.execute(change, {"at": at, "key": f"{number}.epub"})
    live_in(database, zone)
    arrivals = desk_figures(database).arrivals
    days = [(today - timedelta(days=ago)).date() for ago in reversed(range(14))]
    assert [one.day for one in arrivals] == days
    assert [one.arrived for one in arrivals] == [0] * 12 + [1, 1]
