"""The report over all books, every night and whenever somebody asks."""

import dagster as dg

report = dg.define_asset_job(
    "report",
    selection=["ingestion_report"],
    description="Counts, pass rates and durations over all books.",
    executor_def=dg.in_process_executor,
)

nightly_report = dg.ScheduleDefinition(
    name="nightly_report",
    job=report,
    cron_schedule="0 4 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
