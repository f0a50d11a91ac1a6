"""Jobs over assets: books through the whole chain or its selling half, and the nightly report."""

import dagster as dg

from ebook_pipeline.assets import BOOK_CHAIN

RELEASE_STAGES = BOOK_CHAIN.names[BOOK_CHAIN.names.index("drm_package") :]

ingest = dg.define_asset_job(
    "ingest",
    selection=list(BOOK_CHAIN.names),
    description="New books through the whole chain. What is current already is not done again.",
    executor_def=dg.in_process_executor,
)

release = dg.define_asset_job(
    "release",
    selection=list(RELEASE_STAGES),
    description="Books through the release gate into the shop.",
    executor_def=dg.in_process_executor,
)

report = dg.define_asset_job(
    "report",
    selection=["ingestion_report", "stage_versions"],
    description="Counts, pass rates and durations over all books; what stages are made with.",
    executor_def=dg.in_process_executor,
)

nightly_report = dg.ScheduleDefinition(
    name="nightly_report",
    job=report,
    cron_schedule="0 4 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
