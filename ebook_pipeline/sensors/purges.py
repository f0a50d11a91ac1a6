"""Purged books that Dagster still knows: what the desk has begun is brought to its end here."""

import dagster as dg

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.execution.dagster_forgetting import forget_partition
from ebook_pipeline.foundation.record import text_digest
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.owning import tombstones


@dg.sensor(
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=__doc__,
)
def purged_books(
    context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]
) -> dg.SkipReason:
    """Forgets the partitions of books that are gone; a tombstone knows its book by a digest."""
    gone = tombstones.unfinished(database)
    if not gone:
        return dg.SkipReason("no book was purged")
    keys = context.instance.get_dynamic_partitions(PARTITION)
    forgotten = [key for key in keys if text_digest(key) in gone]
    for key in forgotten:
        forget_partition(context.instance, PARTITION, key)
    tombstones.end(database, gone)
    return dg.SkipReason(f"{len(gone)} purged, {len(forgotten)} of them forgotten here")
