"""Whoever is asked for at the desk is run once, whatever happens between asking and launching."""

from typing import Any

import dagster as dg

from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.retries import desk_retries
from ebook_pipeline.services.intake.launching import retry
from tests.support.services.submissions import arrive


def _tick(database: Database, instance: dg.DagsterInstance, cursor: str | None = None) -> Any:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"database": database}
    )
    return desk_retries.evaluate_tick(context)


def test_what_is_asked_for_at_the_desk_is_one_run(
    database: Database, instance: dg.DagsterInstance
) -> None:
    book = arrive(database).book
    assert _tick(database, instance).run_requests == []
    retry(database, book, actor="desk:ann")
    retry(database, book, actor="desk:ann")
    first = _tick(database, instance)
    (request,) = first.run_requests
    assert request.run_config["ops"]["process_books_batch"]["config"]["keys"] == [book]
    assert int(request.tags["dagster/priority"]) > 0  # before those that came since
    assert _tick(database, instance).run_requests[0].run_key == request.run_key  # a lost launch
    assert _tick(database, instance, first.cursor).run_requests == []


def test_what_a_shell_asks_for_it_runs_itself(
    database: Database, instance: dg.DagsterInstance
) -> None:
    retry(database, arrive(database).book, actor="cli:ann")
    assert _tick(database, instance).run_requests == []
