"""Failed runs: the team is told which books failed, why, and what to do."""

import dagster as dg

from ebook_pipeline.resources.notifier import Notice, Notifier


@dg.run_failure_sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def failed_runs(context: dg.RunFailureSensorContext, notifier: dg.ResourceParam[Notifier]) -> None:
    """One notice per failed run, with the books that failed and how to retry them."""
    run = context.dagster_run
    reasons = [
        f"{key}: {value.value}"
        for event in context.get_step_failure_events()
        for failure in [event.step_failure_data.user_failure_data]
        if failure
        for key, value in failure.metadata.items()
    ]
    notifier.send(
        Notice(
            id=f"run-{run.run_id}",
            to="",
            subject=f"{run.job_name}: {len(reasons) or 'all'} books failed",
            text="\n".join(
                [*(reasons or [context.failure_event.message or ""]), "", "ebooks retry BOOK"]
            ),
        )
    )
