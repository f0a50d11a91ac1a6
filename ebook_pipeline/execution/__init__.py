"""The heart: stages of one item each, and the batch that drives many items through them.

`stage` declares, `batch` runs, `reuse` decides what need not run again; all three are plain Python
and know no asset's name. `dagster_assets` shows a chain to Dagster as assets of one partition per
item, `dagster_events` writes what happened into its event log.
"""

from ebook_pipeline.execution.batch import Batch
from ebook_pipeline.execution.batch_context import Journal, Scope, Workshop
from ebook_pipeline.execution.progress import Done, Ended, Event, Stopped
from ebook_pipeline.execution.stage import Chain, Stage, stage
from ebook_pipeline.foundation.outcome import Outcome

__all__ = [
    "Batch",
    "Chain",
    "Done",
    "Ended",
    "Event",
    "Journal",
    "Outcome",
    "Scope",
    "Stage",
    "Stopped",
    "Workshop",
    "stage",
]
