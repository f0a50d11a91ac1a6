"""A plan counts the books that have been through a stage, and what it took of them."""

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting.book_list import BookFilter
from ebook_pipeline.services.reprocessing.plan import plan_reprocessing
from tests.support.services.submissions import arrive


def test_a_plan_names_who_was_there_and_how_long_it_takes(database: Database) -> None:
    journal = Journal(database)
    for book, outcome in (("emma", Outcome.DONE), ("faust", Outcome.DONE), ("no", Outcome.FAILED)):
        arrive(database, book, key=f"{book}.epub")
        journal.record("run", book, 1, "qa_report", outcome, 1800.0)
    plan = plan_reprocessing(database, "qa_report", BookFilter())
    assert (plan.books, plan.hours) == (("emma", "faust"), 1.0)
    assert plan_reprocessing(database, "qa_report", BookFilter(where="book = emma")).hours == 0.5
    assert plan_reprocessing(database, "raw_file", BookFilter()).books == ()
