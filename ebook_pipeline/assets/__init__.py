"""The chain of assets that every book passes, in order; a book is a key of partition `books`.

    raw_file → validated_book → converted_book → book_metadata → qa_report
        → (release gate) → drm_package → cdn_release → catalog_row → ingestion_analytics

A stage is one function: load, call books/, return a record. A new one is a file here and a name in
`BOOK_CHAIN`; `ingestion_report` stands beside the chain and sums up all books.
"""

from collections.abc import Callable

import dagster as dg

from ebook_pipeline.assets.analytics import ingestion_analytics
from ebook_pipeline.assets.book_context import BEHIND_FACTS, FACTS, outfitter
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
from ebook_pipeline.settings import Settings

PARTITION = "books"
BOOKS = dg.DynamicPartitionsDefinition(name=PARTITION)

BOOK_CHAIN = Chain(
    "books",
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
)

NEEDED = (BOOK_CHAIN.outside() - FACTS) | BEHIND_FACTS
"""The resources that the chain and its workshop ask for."""


def book_assets(settings: Settings, observe: Callable[[Event], object]) -> dg.AssetsDefinition:
    """The chain as Dagster sees it."""
    return chain_assets(
        BOOK_CHAIN,
        BOOKS,
        outfitter(settings, observe),
        resources=NEEDED,
        per_run=settings.books_per_run,
    )
