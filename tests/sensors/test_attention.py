"""What stands still is seen once, what is due goes out, and a channel that is down is no loss."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from pydantic import SecretStr

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.attention import due_notices, needs_attention
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.refusals import refuse
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.settings import Settings
from tests.support.existing import existing
from tests.support.servers.fixed_answer import answering
from tests.support.servers.postgres import rows
from tests.support.services.sales import sell
from tests.support.services.submissions import arrive, offer


@pytest.fixture
def resources(database: Database, settings: Settings) -> Iterator[Resources]:
    resources = Resources(settings, database=database)
    yield resources
    resources.cdn.close()


def look(
    resources: Resources, instance: dg.DagsterInstance, cursor: str | None = None
) -> tuple[str | None, str | None]:
    """One tick of the sensor: what it said, and its cursor."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    found = needs_attention(resources).evaluate_tick(context)
    return found.skip_message, found.cursor


def ended(database: Database, book: str, stage: str, outcome: Outcome, hours: float) -> None:
    """`book` came, and its last sign of life is so many hours old."""
    if not submissions_of(database, book):
        arrive(database, book, key=f"{book}.epub")
    Journal(database).record("run", book, 1, stage, outcome, 0)
    query = "UPDATE stage_run SET at = now() - :hours * interval '1 hour' WHERE book = :book"
    rows(database, query + " RETURNING 1", hours=hours, book=book)


def submissions_of(database: Database, book: str) -> list[tuple[Any, ...]]:
    return rows(database, "SELECT 1 FROM submission WHERE book = :book", book=book)


def stuck(database: Database) -> list[str]:
    found = notices.log(database)
    return sorted({str(one.book) for one in found if one.kind.value == "book_stuck"})


def test_a_book_that_failed_or_was_left_is_told_once(
    database: Database, resources: Resources, instance: dg.DagsterInstance
) -> None:
    ended(database, "failed", "qa_report", Outcome.FAILED, 7)
    ended(database, "left", "qa_report", Outcome.DONE, 30)
    ended(database, "fresh", "qa_report", Outcome.DONE, 1)
    sell(database, "sold")
    ended(database, "sold", "qa_report", Outcome.DONE, 7)
    ended(database, "finished", "ingestion_analytics", Outcome.DONE, 7)
    ended(database, "refused", "qa_report", Outcome.REJECTED, 7)
    ended(database, "asked", "drm_package", Outcome.WAITING, 7)
    said, cursor = look(resources, instance)
    assert said == "stuck: left, failed; overdue: none"
    assert look(resources, instance, cursor)[0] == "stuck: none; overdue: none"
    assert look(resources, instance)[0] == "stuck: none; overdue: none"
    assert stuck(database) == ["failed", "left"]


def test_a_file_that_nobody_took_is_told(
    database: Database, resources: Resources, instance: dg.DagsterInstance
) -> None:
    submissions.submit(database, offer("a.epub"), actor="ann")
    rows(database, "UPDATE submission SET at = now() - interval '7 hours' RETURNING 1")
    assert look(resources, instance)[0] == "stuck: a; overdue: none"


def test_a_book_that_stops_again_later_is_news(
    database: Database, resources: Resources, instance: dg.DagsterInstance
) -> None:
    ended(database, "emma", "qa_report", Outcome.FAILED, 9)
    _, cursor = look(resources, instance)
    ended(database, "emma", "qa_report", Outcome.FAILED, 6.001)
    earlier = str((datetime.now(UTC) - timedelta(hours=7)).timestamp())
    earlier = min(existing(cursor), earlier)
    assert look(resources, instance, earlier)[0] == "stuck: emma; overdue: none"


def test_a_late_review_is_escalated(
    database: Database, resources: Resources, instance: dg.DagsterInstance
) -> None:
    ended(database, "emma", "drm_package", Outcome.WAITING, 1)
    rows(database, "UPDATE review_route SET due = now() - interval '1 minute' RETURNING 1")
    assert look(resources, instance)[0] == "stuck: none; overdue: emma"
    assert look(resources, instance)[0] == "stuck: none; overdue: none"


def send(resources: Resources, instance: dg.DagsterInstance) -> str:
    context = dg.build_sensor_context(instance=instance)
    return str(due_notices(resources).evaluate_tick(context).skip_message)


def test_what_is_due_is_written_to_the_outbox_and_no_second_time(
    database: Database, resources: Resources, instance: dg.DagsterInstance
) -> None:
    ended(database, "emma", "qa_report", Outcome.FAILED, 7)
    look(resources, instance)
    assert send(resources, instance) == "1 sent, 0 later, 0 failed"
    assert send(resources, instance) == "0 sent, 0 later, 0 failed"
    (path,) = (resources.settings.root / "outbox").glob("*.json")
    assert json.loads(path.read_text())["to"] == "team@localhost"


def test_slack_that_is_down_holds_up_no_mail_and_hears_of_it_later(
    database: Database, settings: Settings, instance: dg.DagsterInstance
) -> None:
    arrive(database, claims=Claims(contact="jane@example.org"))
    with answering(503) as (url, _):
        hooked = settings.model_copy(update={"slack_webhook_url": secret(url)})
        resources = Resources(hooked, database=database)
        ended(database, "emma", "qa_report", Outcome.FAILED, 7)
        look(resources, instance)
        assert send(resources, instance) == "1 sent, 1 later, 0 failed"
        (waiting,) = notices.log(database, state="queued")
        assert "hidden" not in waiting.why
    with answering(200, b"ok") as (url, received):
        hooked = settings.model_copy(update={"slack_webhook_url": secret(url)})
        resources.cdn.close()
        resources = Resources(hooked, database=database)
        rows(database, "UPDATE notice SET due = now() - interval '1 second' RETURNING 1")
        assert send(resources, instance) == "1 sent, 0 later, 0 failed"
        resources.cdn.close()
    assert len(received) == 1


def secret(url: str) -> SecretStr:
    return SecretStr(f"{url}/hidden")


def test_the_team_is_told_once_of_a_file_that_can_not_be_taken(
    database: Database, resources: Resources, instance: dg.DagsterInstance
) -> None:
    finding = Finding(
        rule="landing.name", severity=Severity.FATAL, message="No.", place="x", remedy="Rename it."
    )
    refuse(database, [("x", "landing.name", finding)], actor="sensor:new_submissions")
    said, cursor = look(resources, instance)
    assert "refused: x" in str(said)
    assert "refused" not in str(look(resources, instance, cursor)[0])
    assert [one.kind.value for one in notices.log(database)] == ["file_refused"]
