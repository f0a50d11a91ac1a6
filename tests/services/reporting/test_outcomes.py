"""The report over all books: each counted once, by how its newest edition ended."""

import pytest

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting import outcomes
from tests.support.services.submissions import arrive

ENDS = {
    "released": ("ingestion_analytics", Outcome.DONE),
    "again": ("ingestion_analytics", Outcome.REUSED),
    "rejected": ("validated_book", Outcome.REJECTED),
    "broken": ("cdn_release", Outcome.FAILED),
    "killed": ("converted_book", Outcome.DONE),
}


@pytest.fixture
def summary(database: Database) -> outcomes.OutcomeSummary:
    journal = Journal(database)
    for book, (stage, outcome) in ENDS.items():
        arrive(database, book, f"{book}.epub")
        journal.record("run", book, 1, "raw_file", Outcome.DONE, 1.0)
        journal.record("run", book, 1, stage, outcome, 3.0)
    return outcomes.outcome_summary(database)


def test_every_book_is_counted_once_by_how_it_ended(summary: outcomes.OutcomeSummary) -> None:
    counted = {row["outcome"]: row["books"] for row in outcomes.plain_rows(summary.outcomes)}
    assert counted == {"released": 2, "rejected": 1, "failed": 1, "unfinished": 1}
    assert (summary.books, summary.pass_rate) == (5, 0.4)


def test_a_stage_s_durations_are_of_work_that_was_really_done(
    summary: outcomes.OutcomeSummary,
) -> None:
    stages = {row["stage"]: row for row in outcomes.plain_rows(summary.stages)}
    assert (stages["raw_file"]["runs"], stages["raw_file"]["median"]) == (5, 1.0)
    assert stages["ingestion_analytics"]["runs"] == 1


def test_a_day_shows_how_its_books_ended(summary: outcomes.OutcomeSummary) -> None:
    [day] = outcomes.plain_rows(summary.days)
    assert (day["released"], day["failed"]) == (2, 1)


def test_no_books_are_an_empty_report(database: Database) -> None:
    summary = outcomes.outcome_summary(database)
    assert (summary.books, summary.pass_rate) == (0, 0.0)
    assert outcomes.plain_rows(summary.outcomes) == []
