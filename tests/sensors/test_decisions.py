"""A decision is one run, whatever happens between asking and launching."""

from typing import Any

import dagster as dg
import pytest

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.decisions import review_decisions
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import reviews
from tests.support.services.submissions import arrive


@pytest.fixture
def decided(database: Database) -> str:
    edition = arrive(database)
    Journal(database).record(
        "run", edition.book, 1, "drm_package", Outcome.WAITING, 0, data_version="r1"
    )
    reviews.decide(database, edition.book, approved=True, actor="ann")
    return edition.book


def _tick(database: Database, instance: dg.DagsterInstance, cursor: str | None = None) -> Any:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"database": database}
    )
    return review_decisions.evaluate_tick(context)


def test_an_approved_book_is_one_run_and_no_second_one(
    database: Database, instance: dg.DagsterInstance, decided: str
) -> None:
    first = _tick(database, instance)
    (request,) = first.run_requests
    assert request.run_config["ops"]["process_books_batch"]["config"]["keys"] == [decided]
    second = _tick(database, instance, first.cursor)
    assert second.run_requests == []
    assert reviews.undelivered_decisions(database) == ()


def test_a_launch_that_was_lost_is_asked_for_again_under_the_same_key(
    database: Database, instance: dg.DagsterInstance, decided: str
) -> None:
    (lost,) = _tick(database, instance).run_requests
    (again,) = _tick(database, instance).run_requests
    assert again.run_key == lost.run_key


def test_no_decision_is_no_run(database: Database, instance: dg.DagsterInstance) -> None:
    assert _tick(database, instance).run_requests == []
