"""What readers say of works in a few sentences, where a model's endpoint is set."""

import dagster as dg

from ebook_pipeline.assets.recommendations import DAYS
from ebook_pipeline.books.summarizing.cited import SummaryWriter
from ebook_pipeline.resources.database import Database


@dg.asset(
    group_name="read",
    kinds={"postgres"},
    owners=["team:analytics"],
    partitions_def=DAYS,
)
def opinion_summaries(
    database: dg.ResourceParam[Database],
    summary_writer: dg.ResourceParam[SummaryWriter],
) -> dg.MaterializeResult[None]:
    """Sentences that each name opinions, of works whose opinions have changed; without an endpoint
    none, for then readers' own words are put together when they are asked for."""
    from ebook_pipeline.services.summarizing.summaries import write_summaries

    written = write_summaries(database, summary_writer)
    by = summary_writer.version or "nobody: no endpoint is set"
    return dg.MaterializeResult(metadata={"works": written, "by": by})
