"""The executor: stages of one item each, and the batch that drives many items through them.

`stage` and `chain` declare, `batch` runs, `reuse` decides what need not run again; all are plain
Python and know neither books nor any asset's name. `dagster_assets` shows a chain to Dagster as
assets of one partition per item, `dagster_events` writes what happened into its event log,
`dagster_storage` keeps its connections.
"""

from ebook_pipeline.execution.batch import Batch
from ebook_pipeline.execution.batch_context import BatchContext, Journal
from ebook_pipeline.execution.chain import Chain
from ebook_pipeline.execution.item_context import ItemContext
from ebook_pipeline.execution.progress import Done, Ended, Event, Stopped
from ebook_pipeline.execution.stage import Stage, stage
from ebook_pipeline.foundation.outcome import Outcome

__all__ = [
    "Batch",
    "BatchContext",
    "Chain",
    "Done",
    "Ended",
    "Event",
    "ItemContext",
    "Journal",
    "Outcome",
    "Stage",
    "Stopped",
    "stage",
]
