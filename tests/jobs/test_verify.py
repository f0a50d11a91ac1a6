"""The job and its schedule as Dagster runs them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ebook_pipeline.assets.report import ingestion_report
from ebook_pipeline.jobs import verify
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings
from tests.support.dagster_metadata import markdown, table
from tests.support.existing import existing
from tests.support.servers.edge import ProxiedShop, edge_url, home, shop, wire
from tests.support.servers.faulty_proxy import refused, whenever
from tests.support.servers.postgres import rows

__all__ = ["edge_url", "home", "shop", "wire"]


@pytest.fixture
def resources(shop: ProxiedShop, tmp_path: Path) -> Resources:
    settings = Settings(home=tmp_path / "home", edge_seconds=2)
    return Resources(settings, database=shop.database, cdn=shop.cdn, object_store=shop.store)


def ran(resources: Resources, instance: dg.DagsterInstance) -> tuple[str, dict[str, Any]]:
    done = verify.verify(resources).execute_in_process(instance=instance)
    assert done.success
    [event] = [one for one in done.all_events if one.is_successful_output]
    metadata = event.step_output_data.metadata
    return done.run_id, dict(metadata)


def asked(resources: Resources, instance: dg.DagsterInstance) -> Sequence[dg.RunRequest]:
    schedule = verify.verify_live_catalogue(resources, verify.verify(resources))
    context = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=datetime(2026, 11, 21, tzinfo=UTC)
    )
    return existing(schedule.evaluate_tick(context).run_requests)


def test_a_run_shows_what_it_saw_and_its_events_name_it(
    shop: ProxiedShop, resources: Resources, instance: dg.DagsterInstance
) -> None:
    shop.sell()
    shop.wire.plan = whenever(lambda call: call.path.startswith("/books/"), refused(404, "x"))
    run, shown = ran(resources, instance)
    assert (shown["books"].value, shown["broken"].value) == (1, 1)
    [fault, *_] = table(shown["faults"])
    assert (fault["book"], fault["message"]) == ("emma", "answered 404")
    assert table(shown["points"])[0]["available_percent"] < 100
    assert markdown(shown["latency"]).startswith("![median latency of the last day](data:image/png")
    query = "SELECT event, correlation FROM outbox WHERE event LIKE 'edge.%'"
    assert rows(shop.database, query) == [("edge.broken", run)]


def test_the_report_shows_the_edge(
    shop: ProxiedShop, resources: Resources, instance: dg.DagsterInstance
) -> None:
    shop.sell()
    ran(resources, instance)
    done = dg.materialize([ingestion_report], resources={"database": shop.database})
    [made] = done.get_asset_materialization_events()
    day, month = table(made.materialization.metadata["edge"])
    assert (day["point"], day["last_hours"], day["available_percent"]) == ("edge", 24, 100.0)
    assert month["requests"] == day["requests"] == 3


def test_the_schedule_asks_for_a_round_once_something_is_on_sale(
    shop: ProxiedShop, resources: Resources, instance: dg.DagsterInstance
) -> None:
    assert asked(resources, instance) == []
    shop.sell()
    assert len(asked(resources, instance)) == 1


def test_the_schedule_does_not_overtake_a_round(
    shop: ProxiedShop, resources: Resources, instance: dg.DagsterInstance
) -> None:
    shop.sell()
    job = verify.verify(resources)
    instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert asked(resources, instance) == []
