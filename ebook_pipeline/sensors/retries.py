"""Books that the desk wants tried again, or that a dead run was at: one run for all of a tick."""

from collections.abc import Iterator

import dagster as dg

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.execution.dagster_archiving import list_partitions
from ebook_pipeline.jobs import reprocess
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.delivering.asked_retries import asked_retries

RETRIES = "retries-"
"""How the keys of these runs begin."""
_MOST = 500
"""Books of one run."""


@dg.sensor(
    job_name=reprocess.NAME,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=__doc__,
)
def desk_retries(
    context: dg.SensorEvaluationContext,
    database: dg.ResourceParam[Database],
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """The cursor is the place of the last event that was taken up.

    Dagster keeps it only once the tick's run was launched: where the launch was lost, the same
    events are asked for again under the same key.
    """
    asked = asked_retries(database, int(context.cursor or "0"), _MOST)
    if not asked:
        yield dg.SkipReason("nobody has asked")
        return
    last = asked[-1].place
    context.update_cursor(str(last))
    books = sorted({retry.book for retry in asked})
    list_partitions(context.instance, PARTITION, books)
    run_key = f"{RETRIES}{asked[0].place}-{last}"
    tags, run_config = reprocess.AHEAD_OF_ARRIVALS, reprocess.config(books)
    yield dg.RunRequest(run_key=run_key, run_config=run_config, tags=tags)
