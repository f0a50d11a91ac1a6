"""Failed runs: the team is told which books failed, why, and what to do."""

import dagster as dg

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.notifying.composing import notice_composer

_MOST = 20


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
        books = _reasons(context)
        values = {
            "job": run.job_name,
            "run": run.run_id,
            "count": len(books) or "all",
            "books": books[:_MOST] or [context.failure_event.message or "no reason was given"],
            "more": max(0, len(books) - _MOST),
        }
        notice_composer(resources).tell_team(NoticeKind.RUN_FAILED, f"run {run.run_id}", values)

    return sensor


def _reasons(context: dg.RunFailureSensorContext) -> list[str]:
    """A line for each book that failed, as the batch told it."""
    return [
        f"{key}: {value.value}"
        for event in context.get_step_failure_events()
        for failure in [event.step_failure_data.user_failure_data]
        if failure
        for key, value in failure.metadata.items()
    ]
