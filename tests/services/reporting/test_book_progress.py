"""The table of progress follows whatever happens, also at once from two sides."""

from concurrent.futures import ThreadPoolExecutor

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.releasing import releases
from tests.support.servers.postgres import rows
from tests.support.services.sales import sell
from tests.support.services.submissions import arrive

DIFFERENT = "SELECT * FROM book_progress_now EXCEPT SELECT * FROM book_progress"


def test_it_says_what_its_view_says_after_every_change(database: Database) -> None:
    journal = Journal(database)
    sell(database, "sold")
    arrive(database, "one", key="emma.epub")
    for outcome in (Outcome.WAITING, Outcome.FAILED, Outcome.DONE):
        journal.record("run", "emma", 1, "qa_report", outcome, 0.0)
        assert rows(database, DIFFERENT) == []
    arrive(database, "two", key="emma.epub")
    releases.withdraw(database, "sold", actor="ann")
    assert rows(database, DIFFERENT) == []
    assert len(rows(database, "SELECT * FROM book_progress")) == 2


def test_some_stages_of_an_edition_that_is_on_sale_leave_it_released(database: Database) -> None:
    def stood(outcome: Outcome) -> str:
        Journal(database).record("run", "sold", 1, "qa_report", outcome, 0.0)
        assert rows(database, DIFFERENT) == []
        return str(rows(database, "SELECT state FROM book_progress WHERE book = 'sold'")[0][0])

    sell(database, "sold")
    states = {outcome: stood(outcome) for outcome in Outcome if outcome is not Outcome.CANCELLED}
    assert states == {
        Outcome.DONE: "released",
        Outcome.REUSED: "released",
        Outcome.REJECTED: "rejected",
        Outcome.WAITING: "needs_review",
        Outcome.FAILED: "failed",
    }
    releases.withdraw(database, "sold", actor="ann")
    assert stood(Outcome.DONE) == "withdrawn"
    arrive(database, "two", key="sold.epub")
    Journal(database).record("run", "sold", 2, "qa_report", Outcome.DONE, 0.0)
    assert rows(database, "SELECT edition, state FROM book_progress") == [(2, "failed")]


def test_changes_of_one_book_at_once_are_all_seen(database: Database) -> None:
    sell(database, "sold")
    journal = Journal(database)

    def record(at: int) -> None:
        journal.record(f"run {at}", "sold", 1, "ingestion_analytics", Outcome.DONE, float(at))

    def turn(at: int) -> None:
        change = releases.withdraw if at % 2 else releases.release
        change(database, "sold", actor="ann")

    with ThreadPoolExecutor(4) as pool:
        for at in range(10):
            pool.submit(record, at)
            pool.submit(turn, at)
    assert rows(database, DIFFERENT) == []
