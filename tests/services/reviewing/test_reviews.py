"""Decisions hold for one edition and one report, and reach the sensor once."""

import pytest

from ebook_pipeline.books.reviewing.routing import Priority
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import queue, reviews, routing
from ebook_pipeline.services.reviewing.queue import QueueFilter, QueuePosition
from ebook_pipeline.services.reviewing.reviews import Review
from ebook_pipeline.services.reviewing.routing import AssignmentChange
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
    assert task.name == "emma.epub"
    assert task.model_copy(update={"evidence": {"title": "Emma"}}).name == "Emma"


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


def test_what_was_changed_meanwhile_is_not_decided_unseen(database: Database) -> None:
    wait(database)
    [seen] = queue.list_reviews(database, QueueFilter())
    routing.assign(database, "emma", AssignmentChange(assignee="eva"), actor="ann")

    def unchanged(review: Review) -> None:
        if review != seen:
            raise Denied("it was changed")

    with pytest.raises(Denied, match="changed"):
        reviews.decide(database, "emma", approved=True, actor="bob", precondition=unchanged)
    assert reviews.review(database, seen.task.id).decision is None
    with pytest.raises(Denied, match="changed"):
        routing.assign(
            database, "emma", AssignmentChange(assignee="bob"), actor="bob", precondition=unchanged
        )


def test_a_review_says_what_its_author_has_to_mend(database: Database) -> None:
    wait(database)
    reasons = ["Chapter 3 is missing.", "The cover is another book's."]
    reviews.decide(
        database, "emma", approved=False, note="Please mend.", actor="ann", reasons=reasons
    )
    review = reviews.review(database, reviews.task(database, "emma").id)
    assert review.reasons == tuple(reasons)
    assert review.decision is not None
    assert review.decision.note == "Please mend."


def three_waiting(database: Database) -> None:
    journal = Journal(database)
    for name in ("one", "two", "three"):
        edition = arrive(database, name, key=f"{name}.epub")
        journal.record(
            "run", edition.book, 1, "drm_package", Outcome.WAITING, 0, data_version="r", detail={}
        )
    low, urgent = AssignmentChange(priority=Priority.LOW), Priority.URGENT
    routing.assign(database, "one", low, actor="ann")
    late = AssignmentChange(assignee="Eva@example.org", priority=urgent, days=-1)
    routing.assign(database, "two", late, actor="ann")


def queued(database: Database, **wanted: object) -> list[str]:
    found = queue.list_reviews(database, QueueFilter.model_validate(wanted))
    return [review.task.book for review in found]


def test_the_queue_is_filtered_counted_and_read_page_by_page(database: Database) -> None:
    three_waiting(database)
    assert queued(database) == ["two", "three", "one"]
    assert (
        queued(database, assignees={"eva@example.org"}) == ["two"] == queued(database, overdue=True)
    )
    assert queued(database, assignees={""}) == ["three", "one"]
    assert queued(database, priority="low") == ["one"] == queued(database, book="one")
    assert queued(database, account="press") == [] == queued(database, state="decided")
    counts = queue.count_reviews(database)
    assert (counts.open, counts.overdue, counts.unassigned) == (3, 1, 2)
    assert counts.priorities == {"urgent": 1, "high": 0, "normal": 1, "low": 1}
    seen, after = [], None
    while page := queue.list_reviews(database, QueueFilter(), after=after, limit=1):
        seen.append(page[0].task.book)
        after = QueuePosition.of(page[0])
    assert seen == ["two", "three", "one"]


def test_reviews_of_books_that_one_may_not_see_are_neither_shown_nor_counted(
    database: Database,
) -> None:
    three_waiting(database)
    visible = tables.book.c.id == "two"
    assert [one.task.book for one in queue.list_reviews(database, QueueFilter(), visible=visible)]
    assert queue.count_reviews(database, visible=visible).open == 1
