"""The demo, once its books have been through the chain."""

import dagster as dg
import pytest
from sqlalchemy import text

from ebook_pipeline.cli.demo import ingested_samples
from ebook_pipeline.cli.running import report_is_current
from ebook_pipeline.services.reporting.status import BookStatus
from tests.support.homes import Home

pytestmark = pytest.mark.prove


def told(home: Home) -> tuple[int, int]:
    """How many runs Dagster knows, and how many lines the journal has."""
    with dg.DagsterInstance.get() as instance, home.resources.database.begin() as connection:
        lines = connection.execute(text("SELECT count(*) FROM stage_run")).scalar_one()
        return instance.get_runs_count(), int(lines)


def without_links(books: list[BookStatus]) -> list[BookStatus]:
    """Links are signed anew whenever they are asked for."""
    return [book.model_copy(update={"links": {}}) for book in books]


def test_a_second_demo_finds_nothing_to_do_and_notes_nothing(home: Home) -> None:
    first = ingested_samples(home.settings)
    before = told(home)
    assert report_is_current(home.resources)
    assert without_links(ingested_samples(home.settings)) == without_links(first)
    assert told(home) == before


def test_a_book_that_a_person_has_changed_is_run_again_by_the_demo(home: Home) -> None:
    ingested_samples(home.settings)
    assert home.ebooks("lock", "flatland", "title", "Flatland, again").code == 0
    [flatland] = [book for book in ingested_samples(home.settings) if book.book == "flatland"]
    assert flatland.title == "Flatland, again"
