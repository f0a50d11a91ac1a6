"""New files in the landing store: submitted, given a partition, and asked for in few runs."""

from collections.abc import Iterator, Sequence

import dagster as dg

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.jobs import reprocess
from ebook_pipeline.jobs.ingest import ingest
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingStore
from ebook_pipeline.services import arriving, launching
from ebook_pipeline.settings import Settings

MOST_PER_TICK = 1000
_RANGE_START = "dagster/asset_partition_range_start"
_RANGE_END = "dagster/asset_partition_range_end"
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def new_submissions(settings: Settings, process_books: dg.JobDefinition) -> dg.SensorDefinition:
    """The sensor over the landing store: new books by range, new editions by name."""

    @dg.sensor(
        name="new_submissions",
        jobs=[ingest, process_books],
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=__doc__,
    )
    def sensor(
        context: dg.SensorEvaluationContext,
        database: dg.ResourceParam[Database],
        landing_store: dg.ResourceParam[LandingStore],
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        instance = context.instance
        arriving.submit_arrivals(database, landing_store, actor=_ACTOR, most=MOST_PER_TICK)
        if not instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY), limit=1):
            arriving.forget_lost_runs(database)
        with database.lock("launch"):
            yield from _requests(instance, database, settings.books_per_run)

    return sensor


_ACTOR = "sensor:new_submissions"


def _requests(
    instance: dg.DagsterInstance, database: Database, per_run: int
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    waiting = arriving.waiting_books(database)
    if not waiting:
        yield dg.SkipReason("no new files")
        return
    before = instance.get_dynamic_partitions(PARTITION)
    fresh = [book for book in waiting if book not in set(before)]
    instance.add_dynamic_partitions(PARTITION, fresh)
    keys = instance.get_dynamic_partitions(PARTITION)
    run_key = f"submission-{max(max(ids) for ids in waiting.values())}"
    yield from _by_range(keys, set(fresh), per_run, run_key)
    known = [book for book in waiting if book not in set(fresh)]
    if known:
        config = reprocess.config(known)
        yield dg.RunRequest(f"{run_key}-known", job_name=reprocess.NAME, run_config=config)
    arriving.launched(database, waiting, run_key)


def _by_range(
    keys: Sequence[str], fresh: set[str], per_run: int, run_key: str
) -> Iterator[dg.RunRequest]:
    for part in launching.ranges(keys, fresh, per_run):
        tags = {_RANGE_START: part.first, _RANGE_END: part.last}
        yield dg.RunRequest(f"{run_key}-{part.first}", job_name=ingest.name, tags=tags)
