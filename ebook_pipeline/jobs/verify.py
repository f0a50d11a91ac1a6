"""The live catalogue verified at the edge, in turns, all the time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from ebook_pipeline.assets import charts
from ebook_pipeline.assets.edge_health import figures_table
from ebook_pipeline.assets.ui_metadata import picture
from ebook_pipeline.execution import scratch
from ebook_pipeline.foundation.events import caused_by
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.recording.run_claims import claim_run
from ebook_pipeline.services.verifying import edge_log
from ebook_pipeline.services.verifying.verification import VerificationRun, verifier

NAME = "verify"
_A_DAY = 24
_LONGEST_ROUND = timedelta(minutes=15)
_BEGUN = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
_COLUMNS = ("book", "point", "asked", "message", "remedy")


def verify(resources: Resources) -> dg.JobDefinition:
    """The job: one round. What it finds is an event and a table, never a failed run."""

    @dg.op(description="Books as readers get them: those whose turn it is, and broken ones.")
    def look_at_the_edge(context: dg.OpExecutionContext) -> dg.Output[None]:
        scratch.claim(resources.settings.scratch, context.run_id)
        if resources.settings.env != "local":
            claim_run(resources.database, context.run_id)
        asking = verifier(resources.settings, resources)
        with caused_by(context.run_id):
            seen = asking.next_ones()
        asking.close()
        return dg.Output(None, metadata=_shown(resources, seen))

    @dg.job(
        name=NAME,
        description="Releases on sale compared, through the edge, with what was released.",
        executor_def=dg.in_process_executor,
        tags={"dagster/priority": "10"},
    )
    def job() -> None:
        look_at_the_edge()

    return job


def verify_live_catalogue(resources: Resources, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """A round every quarter of an hour, unless nothing is on sale or the last one goes on."""

    @dg.schedule(
        name="verify_live_catalogue",
        job=job,
        cron_schedule=resources.settings.verify_cron,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=verify_live_catalogue.__doc__,
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if not edge_log.next_books(resources.database, 1):
            return dg.SkipReason("nothing is on sale")
        if _goes_on(context.instance):
            return dg.SkipReason("the round before goes on")
        return dg.RunRequest()

    return schedule


def _goes_on(instance: dg.DagsterInstance) -> bool:
    """A run that was killed may look begun for ever: it is waited for no longer than a round."""
    since = datetime.now(UTC) - _LONGEST_ROUND
    begun = dg.RunsFilter(job_name=NAME, statuses=_BEGUN, created_after=since)
    return instance.get_runs_count(begun) > 0


def _shown(resources: Resources, seen: VerificationRun) -> dict[str, Any]:
    """The faults, each point's figures, and the day's latency."""
    requests = [request for book in seen.books for request in book.requests]
    plot = charts.latency_png(edge_log.latencies(resources.database, _A_DAY))
    return {
        "edge": seen.edge,
        "books": len(seen.books),
        "broken": sum(not book.whole for book in seen.books),
        "not_looked_at": len(seen.left),
        "requests": len(requests),
        "bytes": sum(request.bytes for request in requests),
        "faults": _faults(seen),
        "points": figures_table(resources.database),
        "open_incidents": len(edge_log.open_incidents(resources.database)),
        "latency": picture(plot, "image/png", "median latency of the last day"),
    }


def _faults(seen: VerificationRun) -> dg.TableMetadataValue:
    rows = [
        dg.TableRecord(
            {"book": book.book} | {name: str(getattr(fault, name)) for name in _COLUMNS[1:]}
        )
        for book in seen.books
        for fault in book.faults
    ]
    columns = [dg.TableColumn(name, "string") for name in _COLUMNS]
    return dg.MetadataValue.table(rows[:50], schema=dg.TableSchema(columns=columns))
