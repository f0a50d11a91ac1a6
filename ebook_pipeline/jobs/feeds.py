"""Feeds kept up to date: where something of the catalogue has changed since they looked."""

from datetime import UTC, datetime

import dagster as dg

from ebook_pipeline.assets.feeds import FEEDS
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.selling import feed_turns

NAME = "feeds"

feeds = dg.define_asset_job(
    NAME,
    selection=list(FEEDS),
    description="What changed of the catalogue, as ONIX block updates and OPDS documents.",
    executor_def=dg.in_process_executor,
)


def hourly_feeds(resources: Resources) -> dg.ScheduleDefinition:
    """A run where a change waits, or a day has begun: prices and sales begin by the date."""

    @dg.schedule(
        name="hourly_feeds",
        job=feeds,
        cron_schedule=resources.settings.feeds_cron,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=hourly_feeds.__doc__,
    )
    def schedule() -> dg.RunRequest | dg.SkipReason:
        today = datetime.now(UTC).date()
        for standing in feed_turns.standings(resources.database):
            old = standing.shown_at is not None and standing.shown_at.date() < today
            if standing.waits_since is not None or old:
                return dg.RunRequest()
        return dg.SkipReason("nothing has changed")

    return schedule
