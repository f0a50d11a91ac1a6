"""Picture books that were ordered: their briefs become partitions, one run makes all of a tick."""

import dagster as dg

from ebook_pipeline.assets.picture_books import JOB, PARTITION
from ebook_pipeline.execution.dagster_assets import job_config
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.picture_books import progress
from ebook_pipeline.services.picture_books.order_list import launched_key, waiting

_MOST = 50
"""Briefs of one run."""


@dg.sensor(
    job_name=JOB,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=__doc__,
)
def ordered_picture_books(
    database: dg.ResourceParam[Database],
) -> dg.SensorResult | dg.SkipReason:
    """The same orders have the same run key until one of them changes: none is made twice."""
    progress.give_up_lost(database)
    orders = waiting(database, _MOST)
    if not orders:
        return dg.SkipReason("nothing is ordered")
    keys = [one.key for one in orders]
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(run_key=launched_key(orders), run_config=job_config(JOB, keys))
        ],
        dynamic_partitions_requests=[
            dg.AddDynamicPartitionsRequest(partitions_def_name=PARTITION, partition_keys=keys)
        ],
    )
