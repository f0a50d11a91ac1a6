"""Who looks after the pipeline is told which books failed, and what to do."""

import json

import dagster as dg
import pytest

from ebook_pipeline.resources.notifier import Outbox
from ebook_pipeline.sensors.failures import failed_runs


@dg.op
def batch():
    raise dg.Failure("1 of 2 failed: emma", {"emma": "cdn_release: Unavailable: the edge is down"})


@dg.job(executor_def=dg.in_process_executor)
def process_books():
    batch()


@pytest.fixture
def notices(instance, tmp_path):
    """The notices after a failed run was seen twice."""
    done = process_books.execute_in_process(instance=instance, raise_on_error=False)
    for _ in range(2):
        with dg.build_run_status_sensor_context(
            sensor_name="failed_runs",
            dagster_event=done.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=done.dagster_run,
            resources={"notifier": Outbox(tmp_path / "outbox")},
        ).for_run_failure() as context:
            failed_runs(context)
    return [json.loads(path.read_text()) for path in (tmp_path / "outbox").glob("*.json")]


def test_a_failed_run_is_one_notice_that_names_books_and_remedy(notices):
    (notice,) = notices
    assert notice["subject"] == "process_books: 1 books failed"
    assert "emma: cdn_release: Unavailable: the edge is down" in notice["text"]
    assert "ebooks retry" in notice["text"]
