"""The only place where the project is put together for Dagster."""

from collections.abc import Callable
from typing import Any

import dagster as dg

from ebook_pipeline.assets import book_assets
from ebook_pipeline.assets.book_summaries import book_summaries
from ebook_pipeline.assets.feeds import feed_assets, feed_checks
from ebook_pipeline.assets.lake import lake_assets, lake_checks
from ebook_pipeline.assets.opinion_summaries import opinion_summaries
from ebook_pipeline.assets.picture_books import picture_book_assets, picture_book_job
from ebook_pipeline.assets.recommendations import (
    better_than_popular,
    reader_signals,
    recommendation_model,
)
from ebook_pipeline.assets.report import ingestion_report
from ebook_pipeline.assets.reprocessing_report import nothing_left, reprocessing_report
from ebook_pipeline.assets.stage_versions import stage_versions_asset
from ebook_pipeline.execution import Event
from ebook_pipeline.jobs import reprocess
from ebook_pipeline.jobs.feeds import feeds, hourly_feeds
from ebook_pipeline.jobs.ingest import ingest, nightly_report, release, report
from ebook_pipeline.jobs.measure import hourly_figures, measure
from ebook_pipeline.jobs.recommend import nightly_recommendations, recommend
from ebook_pipeline.jobs.reprocessings import tell_reprocessing
from ebook_pipeline.jobs.review import review_books
from ebook_pipeline.jobs.verify import verify, verify_live_catalogue
from ebook_pipeline.resources import RESOURCES, Resources
from ebook_pipeline.sensors.arrivals import new_submissions
from ebook_pipeline.sensors.attention import due_notices, needs_attention
from ebook_pipeline.sensors.audit_heads import noted_audit
from ebook_pipeline.sensors.decisions import review_decisions
from ebook_pipeline.sensors.deliveries import event_deliveries
from ebook_pipeline.sensors.failures import failed_runs
from ebook_pipeline.sensors.picture_books import ordered_picture_books
from ebook_pipeline.sensors.purges import purged_books
from ebook_pipeline.sensors.reprocessings import reprocessing_sensor
from ebook_pipeline.sensors.retention import retention
from ebook_pipeline.sensors.retries import desk_retries
from ebook_pipeline.settings import Settings


def build_defs(
    settings: Settings,
    *,
    observe: Callable[[Event], object] = lambda _: None,
    **overrides: Any,
) -> dg.Definitions:
    """Assets, jobs, sensors and resources; `overrides` replace resources by name.

    Nothing is opened here: a resource is made when a run or a tick first asks for it.
    """
    resources = Resources(settings, **overrides)
    process_books = reprocess.process_books(resources, observe)
    verify_edge = verify(resources)
    return dg.Definitions(
        assets=_assets(resources, observe),
        asset_checks=_checks(resources),
        jobs=[
            ingest,
            release,
            process_books,
            picture_book_job(resources, observe),
            review_books(settings),
            report,
            verify_edge,
            measure,
            recommend,
            tell_reprocessing,
            feeds,
        ],
        sensors=_sensors(settings, resources, process_books),
        schedules=_schedules(resources, verify_edge),
        resources={name: _resource(resources, name) for name in RESOURCES},
        executor=dg.in_process_executor,
    )


def _assets(resources: Resources, observe: Callable[[Event], object]) -> list[Any]:
    return [
        book_assets(resources, observe),
        picture_book_assets(resources, observe),
        ingestion_report,
        reprocessing_report,
        stage_versions_asset(resources),
        *lake_assets(resources),
        *feed_assets(resources),
        reader_signals,
        recommendation_model,
        opinion_summaries,
        book_summaries,
    ]


def _checks(resources: Resources) -> list[dg.AssetChecksDefinition]:
    return [*lake_checks(resources), *feed_checks(resources), better_than_popular, nothing_left]


def _schedules(resources: Resources, verify_edge: dg.JobDefinition) -> list[Any]:
    return [
        nightly_report,
        verify_live_catalogue(resources, verify_edge),
        hourly_figures(resources),
        nightly_recommendations,
        hourly_feeds(resources),
    ]


def _sensors(
    settings: Settings, resources: Resources, process_books: dg.JobDefinition
) -> list[dg.SensorDefinition]:
    return [
        new_submissions(settings, process_books, lambda: resources.arrival_queue),
        review_decisions,
        desk_retries,
        reprocessing_sensor(process_books),
        ordered_picture_books,
        purged_books,
        failed_runs(resources),
        event_deliveries(resources),
        due_notices(resources),
        needs_attention(resources),
        retention(resources),
        noted_audit(resources),
    ]


def _resource(resources: Resources, name: str) -> dg.ResourceDefinition:
    return dg.ResourceDefinition(lambda _: getattr(resources, name))


defs = build_defs(Settings())
