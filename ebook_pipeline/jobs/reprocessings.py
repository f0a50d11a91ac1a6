"""Reprocessings: their ends, as runs that people find in the UI, and when they begin."""

from datetime import UTC, datetime

import dagster as dg
from dagster._utils.schedules import cron_string_iterator, is_valid_cron_string

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


def next_time(cron: str, after: datetime) -> datetime:
    """When the cron line is due next (UTC), after `after`. ValueError where it is no cron line."""
    if not is_valid_cron_string(cron):
        raise ValueError(f"{cron!r} is no cron line, such as `0 1 * * 6`")
    found = next(iter(cron_string_iterator(after.timestamp(), cron, "UTC")))
    return found.astimezone(UTC)
