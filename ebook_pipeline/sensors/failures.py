"""Failed runs: the team is told which books failed, why, and what to do; what a dead one was at is
taken up again, once."""

from datetime import UTC, datetime

import dagster as dg

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.jobs.open_runs import RUN_KEY
from ebook_pipeline.jobs.reprocess import REPROCESSING_TAG
from ebook_pipeline.resources import Resources
from ebook_pipeline.sensors.retries import RETRIES
from ebook_pipeline.services.intake import interrupted
from ebook_pipeline.services.notifying.composing import notice_composer

_MOST = 20
_ACTOR = "sensor:failed_runs"
_DIED = "{} was in work when the run's process died, and {}"


def failed_runs(resources: Resources) -> dg.SensorDefinition:
    """One notice for each failed run, with the books that failed and how to retry them."""

    @dg.run_failure_sensor(
        name="failed_runs",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=failed_runs.__doc__,
    )
    def sensor(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        books = [*_reasons(context), *_left_in_the_middle(context, resources)]
        values = {
            "job": run.job_name,
            "run": run.run_id,
            "count": len(books) or "all",
            "books": books[:_MOST] or [context.failure_event.message or "no reason was given"],
            "more": max(0, len(books) - _MOST),
        }
        notice_composer(resources).tell_team(NoticeKind.RUN_FAILED, f"run {run.run_id}", values)

    return sensor


def _left_in_the_middle(context: dg.RunFailureSensorContext, resources: Resources) -> list[str]:
    """A line for each book that the run's death interrupted. A reprocessing asks for its own."""
    run = context.dagster_run
    record = context.instance.get_run_record_by_id(run.run_id)
    if record is None or REPROCESSING_TAG in run.tags:
        return []
    database, since = resources.database, _begun(record)
    if run.tags.get(RUN_KEY, "").startswith(RETRIES):
        given_up = interrupted.give_up(database, run.run_id, since)
        return [_DIED.format(book, "so was one before: it has failed") for book in given_up]
    again = interrupted.take_up_again(database, run.run_id, since, actor=_ACTOR)
    return [_DIED.format(book, "is taken up again") for book in again]


def _begun(record: dg.RunRecord) -> datetime:
    if record.start_time is None:
        return record.create_timestamp
    return datetime.fromtimestamp(record.start_time, UTC)


def _reasons(context: dg.RunFailureSensorContext) -> list[str]:
    """A line for each book that failed, as the batch told it."""
    return [
        f"{key}: {value.value}"
        for event in context.get_step_failure_events()
        for failure in [event.step_failure_data.user_failure_data]
        if failure
        for key, value in failure.metadata.items()
    ]
