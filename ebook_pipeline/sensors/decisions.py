"""The review desk's decisions: an approved book goes on where it stopped, a rejected one ends."""

from collections.abc import Iterator

import dagster as dg

from ebook_pipeline.jobs import reprocess
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services import reviews


@dg.sensor(
    job_name=reprocess.NAME,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def review_decisions(
    database: dg.ResourceParam[Database],
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Takes decided books up again: one run for all of a tick."""
    undelivered = reviews.undelivered_decisions(database)
    if not undelivered:
        yield dg.SkipReason("no new decisions")
        return
    books = sorted({one.decision.book for one in undelivered})
    latest = max(one.id for one in undelivered)
    yield dg.RunRequest(run_key=f"decision-{latest}", run_config=reprocess.config(books))
    reviews.mark_resumed(database, [one.id for one in undelivered])
