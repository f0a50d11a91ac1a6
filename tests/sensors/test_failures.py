"""Who looks after the pipeline is told which books failed, and what to do."""

from collections.abc import Iterator, Sequence

import dagster as dg
import pytest

from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.failures import failed_runs
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.notifying.notices import LoggedNotice
from ebook_pipeline.services.notifying.sending import notice_sender
from ebook_pipeline.settings import Settings


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
