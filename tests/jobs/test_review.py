"""Reviews in the launchpad: the same doors as the command line's, and a table of tasks."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.jobs.review import config, review_books
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import reviews, routing
from ebook_pipeline.settings import Settings
from tests.support.dagster_metadata import table
from tests.support.existing import existing
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive


class ReviewJob:
    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self._job = review_books(Settings(home=home))
        self._store = LocalObjectStore(home / "objects")

    def run(self, by: str | None = "eva", **wishes: Any) -> dg.ExecuteInProcessResult:
        with dg.DagsterInstance.ephemeral() as instance:
            return self._job.execute_in_process(
                run_config=config(**wishes),
                tags={LAUNCHED_BY: by} if by else None,
                resources={"database": self.database, "object_store": self._store},
                instance=instance,
                raise_on_error=False,
            )

    def shown(self, **wishes: Any) -> list[dict[str, Any]]:
        """The run's table, a dict a row."""
        done = self.run(**wishes)
        assert done.success
        (output,) = [event for event in done.all_events if event.is_successful_output]
        return table(output.step_output_data.metadata["tasks"])


@pytest.fixture
def job(database: Database, tmp_path: Path) -> ReviewJob:
    return ReviewJob(database, tmp_path)


def waits(database: Database, book: str) -> None:
    arrive(database, book, key=f"{book}.epub")
    found = [{"message": f"finding {number}"} for number in range(4)]
    detail = {"reason": "it needs a review: typos", "findings": found, "more": 2}
    Journal(database).record(
        "run", book, 1, "drm_package", Outcome.WAITING, 0, data_version="r", detail=detail
    )


def test_without_a_wish_it_shows_what_is_open(database: Database, job: ReviewJob) -> None:
    waits(database, "emma")
    (row,) = job.shown()
    assert (row["book"], row["priority"], row["assignee"]) == ("emma", "normal", "–")
    assert row["why"] == "it needs a review: typos"
    assert row["evidence"] == (
        "6: finding 0; finding 1; finding 2; finding 3; and 2 more on its page"
    )


def test_nothing_open_is_an_empty_table(job: ReviewJob) -> None:
    assert job.shown() == []


def test_decisions_assignments_and_flags_are_written_down_as_by_a_command(
    database: Database, job: ReviewJob
) -> None:
    for book in ("emma", "persuasion", "sanditon"):
        waits(database, book)
    arrive(database, "mansfield", key="mansfield.epub")
    Journal(database).record("run", "mansfield", 1, "qa_report", Outcome.DONE, 0, data_version="r")
    table = job.shown(
        decisions=[
            {"book": "emma", "approve": True},
            {"book": "persuasion", "approve": False, "note": "no"},
        ],
        assignments=[{"book": "sanditon", "assignee": "udo", "priority": "urgent", "days": 2}],
        flags=[{"book": "mansfield", "reason": "a reader complained"}],
    )
    assert [(row["book"], row["assignee"]) for row in table] == [
        ("sanditon", "udo"),
        ("mansfield", "–"),
    ]
    decided = [one.decision for one in reviews.undelivered_decisions(database)]
    assert [(one.book, one.approved, one.actor) for one in decided] == [
        ("emma", True, "dagster:eva"),
        ("persuasion", False, "dagster:eva"),
    ]
    assert routing.history(database, "mansfield")[0].actor == "dagster:eva"


def test_what_cannot_be_done_fails_by_name_and_keeps_nothing_else_from_being_done(
    database: Database, job: ReviewJob
) -> None:
    waits(database, "emma")
    decisions = [{"book": "unknown", "approve": True}, {"book": "emma", "approve": True}]
    done = job.run(decisions=decisions)
    assert not done.success
    (failure,) = [event for event in done.all_events if event.is_step_failure]
    metadata = existing(failure.step_failure_data.user_failure_data).metadata
    assert "unknown" in str(metadata["1"].value)
    assert rows(database, "SELECT count(*) FROM decision") == [(1,)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"decisions": [{"book": "emma"}]},
        {"assignments": [{"book": "emma", "priority": "soon"}]},
        {"flags": [{"book": "emma"}]},
        {"approvals": []},
        {"reviewer": "eva", "decisions": []},
    ],
)
def test_a_wish_of_another_form_is_refused_before_the_run(
    job: ReviewJob, wrong: dict[str, Any]
) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError):
        job.run(**wrong)


@pytest.mark.parametrize("by", ["nobody-we-know", None])
def test_a_run_without_a_known_launcher_decides_nothing_and_says_how_to_name_one(
    database: Database, job: ReviewJob, by: str | None
) -> None:
    waits(database, "emma")
    done = job.run(by, decisions=[{"book": "emma", "approve": True}])
    (failure,) = [event for event in done.all_events if event.is_step_failure]
    assert LAUNCHED_BY in str(existing(failure.step_failure_data.user_failure_data).description)
    assert rows(database, "SELECT count(*) FROM decision") == [(0,)]
