"""The log of outcomes, and the review tasks that it opens and voids."""

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.recording.journal import Journal
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive, offer


def open_tasks(database: Database) -> list[tuple[object, ...]]:
    return rows(database, "SELECT edition, report FROM review_task WHERE state = 'open'")


def test_timings_are_those_of_the_last_time_it_was_really_done(database: Database) -> None:
    arrive(database)
    journal = Journal(database)
    for outcome, seconds in [("done", 2.0), ("done", 3.0), ("reused", 0.1), ("failed", 9.0)]:
        journal.record("run", "emma", 1, "qa_report", Outcome(outcome), seconds)
    assert journal.timings("emma", 1) == {"qa_report": 3.0}
    assert journal.timings("emma", 2) == {}


def test_the_latest_outcome_of_each_stage_of_the_current_edition(database: Database) -> None:
    arrive(database, "A")
    journal = Journal(database)
    journal.record("run-1", "emma", 1, "raw_file", Outcome.DONE, 1)
    arrive(database, "B")
    journal.record("run-2", "emma", 2, "raw_file", Outcome.DONE, 1)
    journal.record("run-2", "emma", 2, "validated_book", Outcome.FAILED, 1)
    finding = {"rule": "OPF-001"}
    journal.record("run-3", "emma", 2, "validated_book", Outcome.REJECTED, 2, detail=finding)
    progress = journal.last()["emma"]
    assert progress.edition == 2
    assert list(progress.stages) == ["raw_file", "validated_book"]
    latest = progress.stages["validated_book"]
    assert (latest.outcome, latest.run, latest.detail) == (Outcome.REJECTED, "run-3", finding)


def test_a_book_whose_bytes_never_came_is_edition_0(database: Database) -> None:
    submit(database, offer(), actor="ann")
    journal = Journal(database)
    assert journal.last(["emma", "unknown"])["emma"].stages == {}
    journal.record("run", "emma", 0, "raw_file", Outcome.FAILED, 1, detail={"error": "gone"})
    last = journal.last(["emma", "unknown"])
    assert set(last) == {"emma"}
    assert last["emma"].stages["raw_file"].outcome is Outcome.FAILED


def test_waiting_opens_one_task_however_often_it_is_said(database: Database) -> None:
    arrive(database)
    journal = Journal(database)
    for evidence in ({"reasons": ["typos"]}, {"reasons": ["many typos"]}):
        journal.record(
            "run", "emma", 1, "drm_package", Outcome.WAITING, 0, data_version="r1", detail=evidence
        )
    assert open_tasks(database) == [(1, "r1")]


def test_a_new_report_replaces_the_open_task(database: Database) -> None:
    arrive(database)
    journal = Journal(database)
    for report in ("r1", "r2", "r1"):
        journal.record("run", "emma", 1, "drm_package", Outcome.WAITING, 0, data_version=report)
        assert open_tasks(database) == [(1, report)]


def test_a_new_edition_voids_the_open_task(database: Database) -> None:
    arrive(database, "A")
    Journal(database).record("run", "emma", 1, "drm_package", Outcome.WAITING, 0, data_version="r1")
    arrive(database, "B")
    assert open_tasks(database) == []


def test_a_task_ends_when_its_stage_goes_through_or_the_book_is_rejected(
    database: Database,
) -> None:
    arrive(database)
    journal = Journal(database)
    for stage, outcome, left in [
        ("qa_report", Outcome.DONE, 1),
        ("drm_package", Outcome.FAILED, 1),
        ("drm_package", Outcome.DONE, 0),
        ("qa_report", Outcome.REJECTED, 0),
    ]:
        journal.record("run", "emma", 1, "drm_package", Outcome.WAITING, 0, data_version="r1")
        journal.record("run", "emma", 1, stage, outcome, 0)
        assert len(open_tasks(database)) == left


def test_details_with_what_postgres_refuses_are_kept(database: Database) -> None:
    arrive(database)
    journal = Journal(database)
    detail = {"message": "nul \0, lone \ud800", "figures": [float("nan"), 1.5]}
    journal.record("run", "emma", 1, "raw_file", Outcome.FAILED, 0, detail=detail)
    assert journal.last(["emma"])["emma"].stages["raw_file"].detail == {
        "message": "nul \ufffd, lone \\ud800",
        "figures": [None, 1.5],
    }
