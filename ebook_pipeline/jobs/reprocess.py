"""Scattered books: new editions, approvals, retries, and whatever the command line asks for."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dagster as dg

from ebook_pipeline.assets import BOOK_CHAIN, RESOURCES_ASKED
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.execution import Event
from ebook_pipeline.execution.dagster_assets import chain_job, job_config
from ebook_pipeline.resources import Resources

NAME = "process_books"


def process_books(resources: Resources, observe: Callable[[Event], object]) -> dg.JobDefinition:
    """The job whose config lists books; its events land on the same partitions as a backfill's."""
    return chain_job(
        BOOK_CHAIN,
        NAME,
        partial(book_batch, resources, observe),
        description="Named books through the chain: new editions, approvals, retries.",
        resources=RESOURCES_ASKED,
    )


def config(books: Sequence[str], **options: Any) -> dict[str, Any]:
    """The job's run config; options are ``stages`` and ``force``."""
    return job_config(NAME, books, **options)
