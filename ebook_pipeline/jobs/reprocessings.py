"""The summary of a reprocessing that has ended, as a run of its own that people find in the UI."""

import dagster as dg

from ebook_pipeline.assets.reprocessing_report import REPORT

NAME = "tell_reprocessing"

tell_reprocessing = dg.define_asset_job(
    NAME,
    selection=[REPORT],
    description="What became of each book of a reprocessing that has ended.",
    executor_def=dg.in_process_executor,
)


def config(number: int) -> dict[str, object]:
    """The job's run config for reprocessing `number`."""
    return {"ops": {REPORT: {"config": {"number": number}}}}
