"""New files in the landing store: submitted, given a partition, and asked for in few runs."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence

import dagster as dg

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.execution import scratch
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.jobs import dead_runs, reprocess
from ebook_pipeline.jobs.ingest import ingest
from ebook_pipeline.jobs.open_runs import RUN_KEY
from ebook_pipeline.resources.arrival_queue import ArrivalQueue
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingStore
from ebook_pipeline.services.intake import arrivals, launching, notified_arrivals
from ebook_pipeline.services.intake.arrivals import Waiting
from ebook_pipeline.services.intake.notified_arrivals import SweepCursor
from ebook_pipeline.services.intake.submissions import AGAIN
from ebook_pipeline.settings import Settings

MOST_PER_TICK = 1000
_SECONDS = 4
"""The daemon looks every five seconds which sensors are due, and this one always is: a file is seen
within ten, its rest of `EBOOK_QUIET_SECONDS` included."""
_NOTIFIED_SECONDS = 25.0
"""A tick has a minute: so much of it is for what the queue tells."""
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def new_submissions(
    settings: Settings,
    process_books: dg.JobDefinition,
    queue_of_arrivals: Callable[[], ArrivalQueue | None] = lambda: None,
) -> dg.SensorDefinition:
    """The sensor over the landing store: new books by range, new editions by name.

    Where a queue tells of new files, the store is listed seldom, and a part at a time: the cursor
    says how far.
    """

    @dg.sensor(
        name="new_submissions",
        jobs=[ingest, process_books],
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=__doc__,
    )
    def sensor(
        context: dg.SensorEvaluationContext,
        database: dg.ResourceParam[Database],
        landing_store: dg.ResourceParam[LandingStore],
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        instance = context.instance
        queue = queue_of_arrivals()
        if queue is None:
            arrivals.submit_arrivals(database, landing_store, actor=_ACTOR, most=MOST_PER_TICK)
        else:
            _take_notified(context, settings, database, landing_store, queue)
        _look_after_ended_runs(instance, database, settings)
        if not arrivals.waiting_books(database):
            yield dg.SkipReason("no new files")
            return
        with database.lock("launch"):
            yield from _requests(instance, database, settings.books_per_run)

    return sensor


_ACTOR = "sensor:new_submissions"


def _take_notified(
    context: dg.SensorEvaluationContext,
    settings: Settings,
    database: Database,
    landing: LandingStore,
    queue: ArrivalQueue,
) -> None:
    notified_arrivals.submit_notified(
        database, landing, queue, actor=_ACTOR, seconds=_NOTIFIED_SECONDS
    )
    before = SweepCursor.model_validate_json(context.cursor or "{}")
    every = settings.landing_sweep_minutes * 60
    cursor = notified_arrivals.sweep(database, landing, before, actor=_ACTOR, every=every)
    context.update_cursor(cursor.model_dump_json())


def _look_after_ended_runs(
    instance: dg.DagsterInstance, database: Database, settings: Settings
) -> None:
    """What a run left untaken is asked for once more; what was cancelled, or left twice, is not."""
    one_machine = settings.env == "local"
    dead_runs.fail_dead_runs(instance, settings.scratch, None if one_machine else database)
    for run in arrivals.asked_runs(database):
        if _is_under_way(instance, run) or scratch.lives(settings.scratch, run):
            continue
        ended = _found(instance, run)
        if ended is not None and ended.status is dg.DagsterRunStatus.CANCELED:
            arrivals.give_up(database, run, arrivals.CANCELLED)
        elif ended is not None and run.startswith(AGAIN):
            reason = f"two runs ended before they came to it, the last was {ended.run_id}"
            arrivals.give_up(database, run, reason)
        else:
            arrivals.forget_run(database, run, again=ended is not None)


def _is_under_way(instance: dg.DagsterInstance, run: str) -> bool:
    return _found(instance, run, _UNDER_WAY) is not None


def _found(
    instance: dg.DagsterInstance, run: str, statuses: Sequence[dg.DagsterRunStatus] | None = None
) -> dg.DagsterRun | None:
    """`run` is the key under which a sensor asked for it, or the id of a shell's run."""
    by_key = dg.RunsFilter(tags={RUN_KEY: run}, statuses=statuses)
    by_id = dg.RunsFilter(run_ids=[run], statuses=statuses)
    found = (instance.get_runs(wanted, limit=1) for wanted in (by_key, by_id))
    return next((runs[0] for runs in found if runs), None)


def _requests(
    instance: dg.DagsterInstance, database: Database, per_run: int
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    waiting = arrivals.waiting_books(database)
    if not waiting:  # somebody else has launched them since they were seen
        yield dg.SkipReason("no new files")
        return
    before = set(instance.get_dynamic_partitions(PARTITION))
    fresh = {book: ids for book, ids in waiting.items() if book not in before}
    known = {book: ids for book, ids in waiting.items() if book in before}
    instance.add_dynamic_partitions(PARTITION, list(fresh))
    keys = instance.get_dynamic_partitions(PARTITION)
    yield from _by_range(database, keys, fresh, per_run)
    yield from _by_name(database, known, per_run)


def _by_range(
    database: Database, keys: Sequence[str], fresh: Mapping[str, Waiting], per_run: int
) -> Iterator[dg.RunRequest]:
    for part in launching.ranges(keys, set(fresh), per_run):
        books = keys[keys.index(part.first) : keys.index(part.last) + 1]
        tags = {_RANGE_START: part.first, _RANGE_END: part.last}
        run_key = _ask(database, [submission for book in books for submission in fresh[book]])
        yield dg.RunRequest(run_key, job_name=ingest.name, tags=tags)


def _by_name(
    database: Database, known: Mapping[str, Waiting], per_run: int
) -> Iterator[dg.RunRequest]:
    for part in slices(list(known), per_run):
        run_key = _ask(database, [submission for book in part for submission in known[book]])
        config = reprocess.config(part)
        tags = reprocess.AHEAD_OF_ARRIVALS if run_key.startswith(AGAIN) else {}
        yield dg.RunRequest(run_key, job_name=reprocess.NAME, run_config=config, tags=tags)


def _ask(database: Database, waiting: Waiting) -> str:
    """Note the request before it is made; its key is new each time, for Dagster refuses old ones.

    The note keeps the next tick from asking again; where the request is lost, it is forgotten.
    """
    second = any(submission.run == AGAIN for submission in waiting)
    run_key = f"{AGAIN if second else 'submissions'}-{uuid.uuid4()}"
    arrivals.launched(database, [submission.id for submission in waiting], run_key)
    return run_key
