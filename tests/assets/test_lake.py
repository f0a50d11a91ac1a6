"""The lake and the figures as Dagster runs them, and when it does."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from ebook_pipeline.assets.lake import REPORT, lake_assets, lake_checks
from ebook_pipeline.jobs.measure import hourly_figures
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.measuring.figures import figures
from ebook_pipeline.settings import Settings
from tests.support.services.events import say
from tests.support.services.submissions import arrive

TODAY = datetime.now(UTC).date()


def test_new_events_become_figures_of_their_day_and_then_nothing_is_asked(
    database: Database, tmp_path: Path
) -> None:
    arrive(database, "emma", "emma.epub")
    say(database, "emma", 1)
    resources = Resources(Settings(home=tmp_path), database=database)
    schedule = hourly_figures(resources)
    context = dg.build_schedule_context(scheduled_execution_time=datetime.now(UTC))
    [request] = schedule.evaluate_tick(context).run_requests or []
    assert set(request.tags.values()) >= {str(TODAY)}
    with dg.instance_for_test() as instance:
        both = [*lake_assets(resources), *lake_checks(resources)]
        done = dg.materialize(both, instance=instance, tags=request.tags)
    assert done.success
    checks = done.get_asset_check_evaluations()
    assert {check.check_name for check in checks} == {"each_event_once", "is_fresh", "as_usual"}
    assert all(check.passed for check in checks)
    assert b"Releases on sale" in resources.object_store.read(REPORT)
    assert [one.value for one in figures(database, TODAY, TODAY, metrics=["released"])] == [1.0]
    assert schedule.evaluate_tick(context).skip_message == "no new events"
