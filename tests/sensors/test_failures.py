"""Who looks after the pipeline is told which books failed, and what to do."""

from collections.abc import Iterator, Sequence

import dagster as dg
import pytest

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.jobs.reprocess import REPROCESSING_TAG
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.failures import failed_runs
from ebook_pipeline.sensors.retries import RETRIES
from ebook_pipeline.services.delivering.asked_retries import asked_retries
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.notifying.notices import LoggedNotice
from ebook_pipeline.services.notifying.sending import notice_sender
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.settings import Settings
from tests.support.services.submissions import arrive

_FAILURE = dg.DagsterEventType.RUN_FAILURE


@dg.op
def batch() -> None:
    raise dg.Failure("1 of 2 failed: emma", {"emma": "cdn_release: Unavailable: the edge is down"})


@dg.job(executor_def=dg.in_process_executor)
def process_books() -> None:
    batch()


@pytest.fixture
def resources(database: Database, settings: Settings) -> Iterator[Resources]:
    resources = Resources(settings, database=database)
    yield resources
    resources.cdn.close()


@pytest.fixture
def told(instance: dg.DagsterInstance, resources: Resources) -> Sequence[LoggedNotice]:
    """The notices after a failed run was seen twice."""
    done = process_books.execute_in_process(instance=instance, raise_on_error=False)
    for _ in range(2):
        with dg.build_run_status_sensor_context(
            sensor_name="failed_runs",
            dagster_event=done.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=done.dagster_run,
        ).for_run_failure() as context:
            failed_runs(resources)(context)
    return notices.log(resources.database)


def test_a_failed_run_is_one_notice_that_names_books_and_remedy(
    told: Sequence[LoggedNotice], resources: Resources
) -> None:
    (notice,) = told
    assert notice.message.subject == "process_books: a run failed, 1 books with it"
    assert "emma: cdn_release: Unavailable: the edge is down" in notice.message.text
    assert "ebooks retry" in notice.message.text
    assert notice_sender(resources).send_due().sent == 1
    assert len(list((resources.settings.root / "outbox").glob("*.eml"))) == 1


def _killed(instance: dg.DagsterInstance, **tags: str) -> dg.DagsterRun:
    """A run that has begun and was told as failed since its process is no more."""
    return instance.create_run_for_job(process_books, tags=tags, status=dg.DagsterRunStatus.STARTED)


def _told_of(instance: dg.DagsterInstance, resources: Resources, run: dg.DagsterRun) -> str:
    """What the team reads of it; the sensor sees it twice, as after a lost tick."""
    instance.report_run_failed(run, "The run's process was killed.")
    (event,) = instance.get_records_for_run(run.run_id, of_type=_FAILURE, limit=1).records
    ended = event.event_log_entry.dagster_event
    assert ended is not None
    for _ in range(2):
        with dg.build_run_status_sensor_context(
            sensor_name="failed_runs",
            dagster_event=ended,
            dagster_instance=instance,
            dagster_run=run,
        ).for_run_failure() as context:
            failed_runs(resources)(context)
    return notices.log(resources.database)[0].message.text


def _asked(database: Database) -> list[str]:
    return [retry.book for retry in asked_retries(database, 0, 10)]


def test_what_a_killed_run_was_at_is_taken_up_again_once(
    instance: dg.DagsterInstance, resources: Resources
) -> None:
    database, journal = resources.database, Journal(resources.database)
    inside, between, ended, other = (arrive(database, key, f"{key}.txt").book for key in "abcd")
    run = _killed(instance)
    journal.started(run.run_id, inside, 1, "raw_file")
    for book, outcome in ((between, Outcome.DONE), (ended, Outcome.FAILED)):
        journal.started(run.run_id, book, 1, "raw_file")
        journal.record(run.run_id, book, 1, "raw_file", outcome, 1.0)
    journal.started("another run", other, 1, "raw_file")
    told = _told_of(instance, resources, run)
    assert _asked(database) == sorted([inside, between])
    assert f"{inside} was in work when the run's process died, and is taken up again" in told


def test_a_book_with_which_a_second_run_died_has_failed(
    instance: dg.DagsterInstance, resources: Resources
) -> None:
    database, journal = resources.database, Journal(resources.database)
    book = arrive(database).book
    run = _killed(instance, **{"dagster/run_key": f"{RETRIES}1-1"})
    journal.started(run.run_id, book, 1, "raw_file")
    told = _told_of(instance, resources, run)
    assert "so was one before: it has failed" in told
    assert _asked(database) == []
    last = journal.last([book])[book].stages["raw_file"]
    assert last.outcome is Outcome.FAILED
    assert (
        last.detail["reason"] == f"two runs died while they were at it, the last was {run.run_id}"
    )


def test_a_reprocessing_asks_for_its_own_books(
    instance: dg.DagsterInstance, resources: Resources
) -> None:
    book = arrive(resources.database).book
    run = _killed(instance, **{REPROCESSING_TAG: "1"})
    Journal(resources.database).started(run.run_id, book, 1, "raw_file")
    _told_of(instance, resources, run)
    assert _asked(resources.database) == []
