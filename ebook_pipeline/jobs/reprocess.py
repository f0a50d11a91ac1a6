"""Scattered books: new editions, approvals, retries, and whatever the command line asks for."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dagster as dg

from ebook_pipeline.assets import BOOK_CHAIN, RESOURCES_ASKED
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.execution import Event
from ebook_pipeline.execution.dagster_assets import chain_job, job_config
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.reprocessing import chunks

NAME = "process_books"
REPROCESSING_TAG = "ebooks/reprocessing"
"""Names the reprocessing whose books a run has."""
BEHIND_ARRIVALS = "-10"
"""The priority of its runs: Dagster starts what has more of it first, and fresh arrivals have 0."""
AHEAD_OF_ARRIVALS = {"dagster/priority": "1"}
"""Tags of runs whose books have waited before: their run was lost, or somebody asks once more."""
_LOOK_SECONDS = 1.0


def process_books(resources: Resources, observe: Callable[[Event], object]) -> dg.JobDefinition:
    """The job whose config lists books; its events land on the same partitions as a backfill's."""
    return chain_job(
        BOOK_CHAIN,
        NAME,
        partial(book_batch, resources, observe),
        description="Named books through the chain: new editions, approvals, retries.",
        resources=RESOURCES_ASKED,
        goes_on=_Standing(resources).goes_on,
    )


def config(books: Sequence[str], **options: Any) -> dict[str, Any]:
    """The job's run config; options are ``stages``, ``force`` and ``reprocessing``."""
    return job_config(NAME, books, **options)


class _Standing:
    """Whether a reprocessing goes on, asked of the database once a second at the most."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._seen: dict[int, tuple[float, bool]] = {}

    def goes_on(self, number: int) -> bool:
        at, answer = self._seen.get(number, (float("-inf"), True))
        now = time.monotonic()
        if now - at >= _LOOK_SECONDS:
            answer = chunks.goes_on(self._resources.database, number)
            self._seen[number] = (now, answer)
        return answer
