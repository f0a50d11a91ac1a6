"""The chain of assets that every book passes, in order; a book is a key of partition `books`.

    raw_file → validated_book → converted_book → book_metadata → qa_report
        → (release gate) → drm_package → cdn_release → catalog_row → ingestion_analytics

A stage is one function: load, call books/, return a record. A new one is a file here and a name in
`BOOK_CHAIN`; `ingestion_report` stands beside the chain and sums up all books.
"""

from collections.abc import Callable
from functools import partial

import dagster as dg

from ebook_pipeline.assets.analytics import ingestion_analytics
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.assets.book_context import BookContext
from ebook_pipeline.assets.catalog import catalog_row
from ebook_pipeline.assets.converted import converted_book
from ebook_pipeline.assets.distributed import cdn_release
from ebook_pipeline.assets.metadata import book_metadata
from ebook_pipeline.assets.protected import drm_package
from ebook_pipeline.assets.quality import qa_report
from ebook_pipeline.assets.raw import raw_file
from ebook_pipeline.assets.validated import validated_book
from ebook_pipeline.execution import Chain, Event
from ebook_pipeline.execution.dagster_assets import chain_assets
from ebook_pipeline.resources import RESOURCES, Resources

PARTITION = "books"
BOOKS = dg.DynamicPartitionsDefinition(name=PARTITION)

BOOK_CHAIN = Chain(
    "books",
    BookContext,
    [
        raw_file,
        validated_book,
        converted_book,
        book_metadata,
        qa_report,
        drm_package,
        cdn_release,
        catalog_row,
        ingestion_analytics,
    ],
    former_names={"describer": "librarian", "descriptions": "shelf"},
)
"""A parameter that counts in fingerprints and gets another name is put into `former_names`: else
every book of every home would be done again."""

RESOURCES_ASKED = BOOK_CHAIN.from_context() & frozenset(RESOURCES)
"""Resources that stages ask for by name, as Dagster's UI shows them."""


def book_assets(resources: Resources, observe: Callable[[Event], object]) -> dg.AssetsDefinition:
    """The chain as Dagster sees it."""
    return chain_assets(
        BOOK_CHAIN,
        BOOKS,
        partial(book_batch, resources, observe),
        per_run=resources.settings.books_per_run,
        resources=RESOURCES_ASKED,
    )
