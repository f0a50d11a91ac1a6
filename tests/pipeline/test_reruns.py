"""Books that nothing has happened to, taken through the chain once more."""

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import event, text

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.execution.settled import is_settled
from ebook_pipeline.resources.database.all_tables import metadata
from ebook_pipeline.services.recording.fingerprints import MADE_OF
from tests.support.homes import Home, samples
from tests.support.in_process import CommandResult

pytestmark = pytest.mark.prove

RELEASED = "flatland"
DECIDES_NOTHING = {
    "content_key": "a stage that is current is not made anew for another key",
    "release": "a release does not change, and the catalogue says which one it is",
    "stage_run": "how long stages took is told, and decides nothing",
}
"""Tables that a rerun reads and a fingerprint does not, and why."""


def tables_in(statement: str) -> set[str]:
    named = re.findall(r'\b(?:FROM|JOIN)\s+"?(\w+)', statement, re.IGNORECASE)
    return set(named) & set(metadata.tables)


def lines_of(home: Home, book: str) -> int:
    query = text("SELECT count(*) FROM stage_run WHERE book = :book")
    with home.resources.database.begin() as connection:
        return int(connection.execute(query, {"book": book}).scalar_one())


def test_unchanged_books_are_passed_over_and_shown_as_they_stand(
    home: Home, ingested: CommandResult
) -> None:
    before = lines_of(home, RELEASED)
    again = home.ebooks("ingest", *samples(), "--json")
    assert {book: one["state"] for book, one in again.books.items()} == {
        book: one["state"] for book, one in ingested.books.items()
    }
    assert lines_of(home, RELEASED) == before


def test_a_fingerprint_is_of_every_table_that_decides_whether_a_stage_is_current(
    home: Home, ingested: CommandResult
) -> None:
    assert RELEASED in ingested.books
    read: set[str] = set()
    resources = home.resources

    def hear(_: Any, __: Any, statement: str, *___: Any) -> None:
        read.update(tables_in(statement))

    context = book_batch(resources, lambda _: None, str(uuid.uuid4()))
    event.listen(resources.database.engine, "before_cursor_execute", hear)
    try:
        assert is_settled(BOOK_CHAIN, context, RELEASED)
    finally:
        event.remove(resources.database.engine, "before_cursor_execute", hear)
    assert read - tables_in(MADE_OF) == set(DECIDES_NOTHING)
