"""Decisions hold for one edition and one report, and reach the sensor once."""

import pytest

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import reviews
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive


def wait(database: Database, content: str = "A", report: str = "r1") -> None:
    edition = arrive(database, content)
    Journal(database).record(
        "run",
        edition.book,
        edition.number,
        "drm_package",
        Outcome.WAITING,
        0,
        data_version=report,
        detail={"reasons": ["typos"]},
    )


def test_a_task_shows_its_evidence(database: Database) -> None:
    wait(database)
    (task,) = reviews.tasks(database)
    assert task == reviews.task(database, "emma")
    assert (task.book, task.edition, task.report, task.state) == ("emma", 1, "r1", "open")
    assert task.evidence == {"reasons": ["typos"]}


def test_a_decision_closes_the_task_and_tells(database: Database) -> None:
    wait(database)
    decision = reviews.decide(database, "emma", approved=True, note="fine", actor="ann")
    assert reviews.decision_for(database, "emma", 1, "r1") == decision
    assert reviews.tasks(database) == ()
    assert [task.book for task in reviews.tasks(database, "decided")] == ["emma"]
    assert ("review.decided",) in rows(database, "SELECT event FROM outbox")
    assert ("ann", "decide") in rows(database, "SELECT actor, action FROM audit")


def test_a_decision_says_nothing_of_another_report_or_edition(database: Database) -> None:
    wait(database)
    reviews.decide(database, "emma", approved=True, actor="ann")
    assert reviews.decision_for(database, "emma", 1, "r2") is None
    assert reviews.decision_for(database, "emma", 2, "r1") is None


def test_the_same_word_twice_is_one_decision(database: Database) -> None:
    wait(database)
    for _ in range(2):
        reviews.decide(database, "emma", approved=True, actor="ann")
    assert rows(database, "SELECT count(*) FROM decision") == [(1,)]


def test_the_last_word_counts(database: Database) -> None:
    wait(database)
    reviews.decide(database, "emma", approved=False, note="typos", actor="ann")
    reviews.decide(database, "emma", approved=True, note="mended", actor="bob")
    decision = reviews.decision_for(database, "emma", 1, "r1")
    assert decision is not None
    assert (decision.approved, decision.actor) == (True, "bob")


def test_nothing_asked_is_not_found(database: Database) -> None:
    arrive(database)
    with pytest.raises(NotFound):
        reviews.decide(database, "emma", approved=True, actor="ann")
    with pytest.raises(NotFound):
        reviews.decide(database, "unknown", approved=True, actor="ann")
    with pytest.raises(NotFound):
        reviews.task(database, "emma")


def test_a_replaced_edition_is_not_decided(database: Database) -> None:
    wait(database, "A")
    arrive(database, "B")
    with pytest.raises(NotFound):
        reviews.decide(database, "emma", approved=True, actor="ann")


def test_a_decision_is_delivered_until_it_is_marked(database: Database) -> None:
    wait(database)
    decision = reviews.decide(database, "emma", approved=True, actor="ann")
    (undelivered,) = reviews.undelivered_decisions(database)
    assert undelivered.decision == decision
    reviews.mark_resumed(database, [undelivered.id])
    assert reviews.undelivered_decisions(database) == ()
