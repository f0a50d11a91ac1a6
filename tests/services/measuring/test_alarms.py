"""Odd days and a lake that stands still are told to the team, each once."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.lake_tables import daily_figure
from ebook_pipeline.services.measuring.alarms import STALE, Alarms, oldest_waiting
from ebook_pipeline.services.measuring.pages import figures_page
from tests.support.services.events import say, shelve
from tests.support.services.notices import NoticeFlow

NOW = datetime.now(UTC)


def keep(database: Database, account: str, ago: int, **values: float) -> None:
    empty = dict.fromkeys(("format", "language", "stage", "rule"), "")
    day = NOW.date() - timedelta(days=ago)
    rows = [
        {"day": day, "account": account, "metric": name, "value": value, "events": 1, **empty}
        for name, value in values.items()
    ]
    with database.begin() as connection:
        connection.execute(insert(daily_figure), rows)


def test_a_jump_of_rejections_is_told_once(database: Database, notice_flow: NoticeFlow) -> None:
    keep(database, "press", 7, editions=100, rejected=2)
    keep(database, "press", 0, editions=20, rejected=15)
    alarms = Alarms(database, notice_flow.composer)
    [odd] = alarms.look(NOW.date())
    assert odd.kind == "rejection_rate"
    alarms.look(NOW.date())
    told = [(one.kind, one.channel) for one in notice_flow.hear()]
    assert {kind for kind, _ in told} == {NoticeKind.FIGURES_ODD}
    assert len(told) == len(set(told))
    assert odd.message in figures_page(database).replace("&#39;", "'")
    assert odd.message not in figures_page(database, accounts=["other"])


def test_events_that_the_lake_does_not_take_are_told(
    database: Database, notice_flow: NoticeFlow
) -> None:
    alarms = Alarms(database, notice_flow.composer)
    assert alarms.look_at_lake(NOW) is None
    shelve(database, "emma")
    say(database, "emma", 1)
    assert oldest_waiting(database) is not None
    now = datetime.now(UTC)
    assert alarms.look_at_lake(now) is None
    assert alarms.look_at_lake(now + STALE + timedelta(minutes=5)) is not None
    told = [(one.kind, one.channel) for one in notice_flow.hear()]
    assert {kind for kind, _ in told} == {NoticeKind.FIGURES_ODD}
    assert len(told) == len(set(told))
