"""The page of figures: whose it is, and that it may hold its own style and nothing else."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from ebook_pipeline.resources.database.lake_tables import daily_figure
from tests.support.desk_shop import DeskShop


def keep(shop: DeskShop, *accounts: str) -> None:
    empty = dict.fromkeys(("format", "language", "stage", "rule"), "")
    day = datetime.now(UTC).date()
    rows = [
        {"day": day, "account": account, "metric": "editions", "value": 3, "events": 3, **empty}
        for account in accounts
    ]
    with shop.database.begin() as connection:
        connection.execute(insert(daily_figure), rows)


def test_operators_see_all_accounts_and_publishers_their_own(shop: DeskShop) -> None:
    keep(shop, "press", "some-other-account")
    whole = shop.by("olga").get("/figures")
    assert "style-src 'unsafe-inline'" in whole.headers["Content-Security-Policy"]
    assert "script-src" not in whole.headers["Content-Security-Policy"]
    assert "some-other-account" in whole.text
    own = shop.by("paul").get("/figures?days=7")
    assert "press" in own.text
    assert "some-other-account" not in own.text
    assert shop.by("olga").get("/figures?days=0").status_code == 422


@pytest.mark.parametrize("login", ["pat", "edna", "rita"])
def test_figures_are_nobody_elses(shop: DeskShop, login: str) -> None:
    assert shop.by(login).get("/figures").status_code == 403
