"""The nightly job that makes the day's model of what to recommend."""

import dagster as dg

from ebook_pipeline.assets.book_summaries import book_summaries
from ebook_pipeline.assets.opinion_summaries import opinion_summaries
from ebook_pipeline.assets.recommendations import reader_signals, recommendation_model

recommend = dg.define_asset_job(
    "recommend",
    selection=[reader_signals, recommendation_model, opinion_summaries, book_summaries],
    description="What readers did and say, a model that recommends, and what books are like.",
    executor_def=dg.in_process_executor,
)

nightly_recommendations = dg.build_schedule_from_partitioned_job(
    recommend,
    name="nightly_recommendations",
    hour_of_day=3,
    minute_of_hour=30,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
