"""Figures kept up to date: every hour the days of which something new is known."""

from datetime import date

import dagster as dg

from ebook_pipeline.assets.lake import FIRST_DAY, lake_of
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.measuring.downloads import take_downloads

NAME = "measure"
_SECONDS = 30.0
"""Of the minute that Dagster gives a tick."""
_OLDEST = date.fromisoformat(FIRST_DAY)
_RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")

measure = dg.define_asset_job(
    NAME,
    selection=["event_lake", "daily_figures", "figures_report"],
    description="New events into the lake, the figures of their days, and the page of them.",
    executor_def=dg.in_process_executor,
)


def hourly_figures(resources: Resources) -> dg.ScheduleDefinition:
    """A run where there are new events, of all days that they are of; else none."""

    @dg.schedule(
        name="hourly_figures",
        job=measure,
        cron_schedule=resources.settings.figures_cron,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=hourly_figures.__doc__,
    )
    def schedule() -> dg.RunRequest | dg.SkipReason:
        take_downloads(resources.database, resources.download_log, _SECONDS)
        days = lake_of(resources, 0).new_days()
        if not days:
            return dg.SkipReason("no new events")
        first = max(days[0], _OLDEST)
        tags = dict(zip(_RANGE, (f"{first}", f"{max(days[-1], first)}"), strict=True))
        return dg.RunRequest(tags=tags)

    return schedule
