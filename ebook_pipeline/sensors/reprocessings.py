"""Reprocessings: their next books, those of runs that died, their ends, and those that are due."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.execution.dagster_archiving import list_partitions
from ebook_pipeline.jobs import open_runs, reprocess
from ebook_pipeline.jobs import reprocessings as telling
from ebook_pipeline.jobs.open_runs import RUN_KEY
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reprocessing import chunks, reprocessings, schedules
from ebook_pipeline.services.reprocessing.chunks import OpenReprocessing
from ebook_pipeline.services.reprocessing.reprocessings import ReprocessingRequest

_ACTOR = "sensor:reprocessings"
_AHEAD = 2
"""Runs of one reprocessing: one that works, and one that waits for its end."""
_ENDED = frozenset(
    {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}
)
_RUNNING = "running"


def reprocessing_sensor(process_books: dg.JobDefinition) -> dg.SensorDefinition:
    """Hands out the next books of every reprocessing that nobody else hands out."""

    @dg.sensor(
        name="reprocessings",
        jobs=[process_books, telling.tell_reprocessing],
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=__doc__,
    )
    def sensor(
        context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        begin_due(database, datetime.now(UTC))
        waiting = chunks.open_reprocessings(database)
        shells = database.locked(chunks.lock_name(one.id) for one in waiting) if waiting else set()
        requests = [
            request
            for one in waiting
            if chunks.lock_name(one.id) not in shells
            for request in _requests(context.instance, database, one)
        ]
        if not requests:
            yield dg.SkipReason("nothing to hand out")
        yield from requests

    return sensor


def begin_due(database: Database, now: datetime) -> None:
    """Begin what a schedule says, each once."""
    for due in schedules.schedules(database, now):
        if schedules.move_on(database, due, telling.next_time(due.cron, now)):
            request = ReprocessingRequest(
                stage=due.stage,
                condition=due.condition,
                alone=due.alone,
                cause=f"schedule:{due.name}",
            )
            planned = reprocessings.plan(database, request)
            reprocessings.begin(database, request, planned, actor=_ACTOR)


def _requests(
    instance: dg.DagsterInstance, database: Database, one: OpenReprocessing
) -> Iterator[dg.RunRequest]:
    chunks.settle(database, one.id)
    out = 0
    for run in one.runs:
        out += _look_after(instance, database, one, run)
    while one.state == _RUNNING and out < _AHEAD:
        run = f"reprocessing-{one.id}-{uuid.uuid4()}"
        chunk = chunks.hand_out(database, one.id, run)
        if chunk is None:
            break
        out += 1
        list_partitions(instance, PARTITION, chunk.books)
        yield _run_of(run, one.id, chunk)
    if chunks.end_if_done(database, one.id):
        run_config = telling.config(one.id)
        yield dg.RunRequest(f"end-{one.id}", job_name=telling.NAME, run_config=run_config)


def _run_of(run: str, number: int, chunk: chunks.Chunk) -> dg.RunRequest:
    options = {"stages": list(chunk.stages), "reprocessing": number}
    tags = {"dagster/priority": reprocess.BEHIND_ARRIVALS, reprocess.REPROCESSING_TAG: str(number)}
    return dg.RunRequest(
        run,
        job_name=reprocess.NAME,
        run_config=reprocess.config(chunk.books, **options),
        tags=tags,
    )


def _look_after(
    instance: dg.DagsterInstance, database: Database, one: OpenReprocessing, run: str
) -> int:
    """1 where `run` goes on; else what it did not come to waits again, and 0.

    One that was never launched has no record, or was a shell's.
    """
    found = instance.get_run_records(dg.RunsFilter(tags={RUN_KEY: run}), limit=1)
    status = found[0].dagster_run.status if found else None
    stopped = one.state != _RUNNING
    if status is dg.DagsterRunStatus.QUEUED and stopped:
        open_runs.cancel(instance, found[0])
        status = dg.DagsterRunStatus.CANCELED
    if status is not None and status not in _ENDED:
        return 1
    chunks.take_back(database, one.id, run, forgiven=stopped or status is None)
    return 0
