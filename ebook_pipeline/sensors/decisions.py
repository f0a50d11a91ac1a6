"""Decisions of reviews: an approved book goes on where it stopped, a rejected one ends."""

import json
from collections.abc import Iterator

import dagster as dg

from ebook_pipeline.jobs import reprocess
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reviewing import reviews


@dg.sensor(
    job_name=reprocess.NAME,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=__doc__,
)
def review_decisions(
    context: dg.SensorEvaluationContext,
    database: dg.ResourceParam[Database],
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Takes decided books up again: one run for all of a tick.

    The cursor names the decisions of the last tick, and Dagster keeps it only after that tick's
    run was launched: they are delivered now, and none is where the launch was lost.
    """
    reviews.mark_resumed(database, json.loads(context.cursor or "[]"))
    undelivered = reviews.undelivered_decisions(database)
    asked = [delivery.id for delivery in undelivered]
    context.update_cursor(json.dumps(asked))
    if not undelivered:
        yield dg.SkipReason("no new decisions")
        return
    books = sorted({delivery.decision.book for delivery in undelivered})
    run_key = f"decisions-{'-'.join(map(str, _ends(asked)))}"
    yield dg.RunRequest(run_key=run_key, run_config=reprocess.config(books))


def _ends(asked: list[int]) -> tuple[int, int, int]:
    """Asked again after a lost launch, the same decisions have the same key."""
    return asked[0], asked[-1], len(asked)
