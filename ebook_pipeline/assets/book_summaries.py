"""What books on sale are like, in a few sentences each."""

import dagster as dg

from ebook_pipeline.assets.recommendations import DAYS
from ebook_pipeline.books.summarizing.cited import SummaryWriter
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import ObjectStore


@dg.asset(
    group_name="read",
    kinds={"postgres"},
    owners=["team:analytics"],
    partitions_def=DAYS,
)
def book_summaries(
    database: dg.ResourceParam[Database],
    object_store: dg.ResourceParam[ObjectStore],
    summary_writer: dg.ResourceParam[SummaryWriter],
) -> dg.MaterializeResult[None]:
    """Sentences of each book's first three quarters, or a model's about them, where an endpoint is
    set; none where a person has said what stands there."""
    from ebook_pipeline.services.summarizing.book_summaries import write_book_summaries

    made = write_book_summaries(database, object_store, summary_writer)
    by = summary_writer.version or "the books' own words: no endpoint is set"
    return dg.MaterializeResult(metadata={"books": made, "by": by})
