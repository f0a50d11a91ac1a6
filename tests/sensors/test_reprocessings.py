"""The services hand out a reprocessing's books, take back those of lost runs, and tell its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.jobs import reprocess
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.reprocessings import begin_due, reprocessing_sensor
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reprocessing import chunks, reprocessings, schedules, summary
from ebook_pipeline.services.reprocessing.reprocessings import ReprocessingRequest
from ebook_pipeline.services.reprocessing.schedules import ReprocessingSchedule
from ebook_pipeline.settings import Settings
from tests.support.services.submissions import arrive


class Watch:
    """Five books that were described, a reprocessing of them, and the sensor over it."""

    def __init__(
        self, database: Database, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        self.database, self.instance = database, instance
        self.job = reprocess.process_books(Resources(settings, database=database), lambda _: None)
        self.sensor = reprocessing_sensor(self.job)
        self.books = [arrive(database, f"{n}", key=f"b{n}.epub").book for n in range(5)]
        for book in self.books:
            Journal(database).record("before", book, 1, "qa_report", Outcome.DONE, 1.0)
        request = ReprocessingRequest(stage="qa_report", books_per_run=2)
        planned = reprocessings.plan(database, request)
        self.number = reprocessings.begin(database, request, planned, actor="ann").id

    def tick(self) -> list[Any]:
        context = dg.build_sensor_context(
            instance=self.instance, resources={"database": self.database}
        )
        return list(self.sensor.evaluate_tick(context).run_requests or ())

    def launch(self, request: Any, status: dg.DagsterRunStatus) -> str:
        run = self.instance.create_run_for_job(
            self.job,
            run_config=request.run_config,
            status=status,
            tags={**request.tags, "dagster/run_key": request.run_key},
        )
        return run.run_id


@pytest.fixture
def watch(database: Database, settings: Settings, instance: dg.DagsterInstance) -> Watch:
    return Watch(database, settings, instance)


def _keys(request: Any) -> list[str]:
    keys: list[str] = request.run_config["ops"]["process_books_batch"]["config"]["keys"]
    return keys


def test_two_runs_are_asked_for_behind_arrivals_and_the_end_is_told_once(watch: Watch) -> None:
    first, second = watch.tick()
    assert [_keys(first), _keys(second)] == [watch.books[:2], watch.books[2:4]]
    assert first.tags["dagster/priority"] == "-10"
    assert first.tags[reprocess.REPROCESSING_TAG] == str(watch.number)
    run = watch.launch(first, dg.DagsterRunStatus.STARTED)
    watch.launch(second, dg.DagsterRunStatus.NOT_STARTED)
    assert watch.tick() == []
    for book in watch.books[:2]:
        Journal(watch.database).record("r", book, 1, "ingestion_analytics", Outcome.REUSED, 0.0)
    watch.instance.report_run_failed(watch.instance.get_run_by_id(run))  # type: ignore[arg-type]
    (third,) = watch.tick()
    assert _keys(third) == watch.books[4:]
    for book in watch.books[2:]:
        Journal(watch.database).record("r", book, 1, "drm_package", Outcome.FAILED, 0.0)
    (end,) = watch.tick()
    assert (end.job_name, end.run_key) == ("tell_reprocessing", f"end-{watch.number}")
    chunks.told(watch.database, watch.number)
    assert watch.tick() == []
    one = reprocessings.find(watch.database, watch.number)
    assert summary.progress(watch.database, one).counts == {"reused": 2, "failed": 3}


def test_a_request_that_was_lost_and_a_run_that_died_are_made_good(watch: Watch) -> None:
    lost, died = watch.tick()
    run = watch.launch(died, dg.DagsterRunStatus.STARTED)
    watch.instance.report_run_failed(watch.instance.get_run_by_id(run))  # type: ignore[arg-type]
    again, more = watch.tick()
    assert [_keys(again), _keys(more)] == [_keys(lost), _keys(died)]


def test_what_is_paused_leaves_the_queue(watch: Watch) -> None:
    for request in watch.tick():
        watch.launch(request, dg.DagsterRunStatus.STARTED)
    reprocessings.pause(watch.database, watch.number, actor="ann")
    assert watch.tick() == []
    assert len(chunks.open_reprocessings(watch.database)[0].runs) == 2
    for record in watch.instance.get_run_records():
        watch.instance.report_run_canceled(record.dagster_run)
    assert watch.tick() == []
    reprocessings.resume(watch.database, watch.number, actor="ann")
    assert [_keys(request) for request in watch.tick()] == [watch.books[:2], watch.books[2:4]]


def test_a_shell_that_works_at_it_is_left_alone(watch: Watch) -> None:
    with watch.database.lock(chunks.lock_name(watch.number)):
        assert watch.tick() == []
    assert len(watch.tick()) == 2


def test_a_schedule_begins_one_for_the_books_there_are(watch: Watch) -> None:
    due = datetime.now(UTC) - timedelta(hours=5)
    one = ReprocessingSchedule(name="n", stage="qa_report", cron="0 1 * * *", next_at=due)
    schedules.keep(watch.database, one, actor="ann")
    begin_due(watch.database, datetime.now(UTC))
    begin_due(watch.database, datetime.now(UTC))
    newest = reprocessings.list_newest(watch.database)
    assert [(one.cause, one.books) for one in newest] == [("schedule:n", 5), ("asked", 5)]
    assert schedules.schedules(watch.database)[0].next_at > datetime.now(UTC)
