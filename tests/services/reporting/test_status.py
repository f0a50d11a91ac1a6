"""A book's state is derived from what is on record, and says what to do next."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebook_pipeline.books.records import BookFormat, ValidationReport
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting.status import BookState, BookStatuses
from tests.support.services.submissions import arrive, offer


@pytest.fixture
def records(tmp_path: Path) -> RecordStore:
    return RecordStore(LocalObjectStore(tmp_path / "objects"))


@pytest.fixture
def statuses(database: Database, records: RecordStore, tmp_path: Path) -> Iterator[BookStatuses]:
    edge = LocalEdge(tmp_path / "released", tmp_path / "edge.secret", "http://edge")
    yield BookStatuses(database, records, edge)
    edge.close()


@pytest.mark.parametrize(
    ("stage", "outcome", "state"),
    [
        ("validated_book", Outcome.REJECTED, BookState.REJECTED),
        ("drm_package", Outcome.WAITING, BookState.NEEDS_REVIEW),
        ("cdn_release", Outcome.FAILED, BookState.FAILED),
        ("ingestion_analytics", Outcome.DONE, BookState.RELEASED),
        ("ingestion_analytics", Outcome.REUSED, BookState.RELEASED),
        ("converted_book", Outcome.DONE, BookState.FAILED),
    ],
)
def test_the_last_outcome_says_where_a_book_stands(
    database: Database, statuses: BookStatuses, stage: str, outcome: Outcome, state: BookState
) -> None:
    arrive(database)
    Journal(database).record("run", "emma", 1, stage, outcome, 1.0)
    [status] = statuses.statuses(["emma"])
    assert (status.state, status.stage) == (state, stage)


def test_a_book_that_nobody_took_yet_is_in_progress(
    database: Database, statuses: BookStatuses
) -> None:
    submit(database, offer("emma.epub"), actor="ann")
    assert [one.state for one in statuses.statuses()] == [BookState.IN_PROGRESS]


def test_a_book_that_a_run_holds_is_in_progress(database: Database, statuses: BookStatuses) -> None:
    arrive(database)
    Journal(database).record("run", "emma", 1, "raw_file", Outcome.DONE, 1.0)
    with database.lock("book emma"):
        assert [one.state for one in statuses.statuses(["emma"])] == [BookState.IN_PROGRESS]


def test_an_interrupted_book_says_how_to_go_on(database: Database, statuses: BookStatuses) -> None:
    arrive(database)
    Journal(database).record("run", "emma", 1, "converted_book", Outcome.DONE, 1.0)
    [status] = statuses.statuses(["emma"])
    assert "ebooks retry emma" in status.reason


def test_findings_of_records_and_of_the_end_are_all_there(
    database: Database, statuses: BookStatuses, records: RecordStore
) -> None:
    arrive(database)
    warning = Finding(rule="a", severity=Severity.WARNING, message="one")
    fatal = Finding(rule="b", severity=Severity.FATAL, message="two")
    report = ValidationReport(format=BookFormat.EPUB, checker="test", findings=(warning,))
    records.keep("validated_book", "emma", 1, report, "mark")
    detail = {"reason": "two", "finding": fatal.model_dump(mode="json")}
    Journal(database).record(
        "run", "emma", 1, "converted_book", Outcome.REJECTED, 0.0, detail=detail
    )
    [status] = statuses.statuses(["emma"])
    assert [finding.rule for finding in status.findings] == ["a", "b"]


def test_an_unknown_book_has_no_status(statuses: BookStatuses) -> None:
    assert statuses.statuses(["nobody"]) == []
