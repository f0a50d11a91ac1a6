"""Reviews that somebody has: routed by rules, flagged by anybody, given away, overdue, recorded."""

import pytest

from ebook_pipeline.books.records import QualityReport, Verdict
from ebook_pipeline.books.reviewing.gate import ReleasePolicy, release_gate
from ebook_pipeline.books.reviewing.routing import Priority, ReviewCase, ReviewRouting
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import reviews, routing
from ebook_pipeline.services.reviewing.evidence import ReviewEvidence
from ebook_pipeline.services.reviewing.reviews import TaskFilter
from ebook_pipeline.services.reviewing.routing import AssignmentChange
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

CONVERTED = Finding(
    rule="convert.table", severity=Severity.WARNING, message="A table is flat", remedy="look at it"
)
ROUTING = ReviewRouting.model_validate(
    {
        "default": {"days": 5, "escalate_to": "head"},
        "rule": [
            {"name": "german", "language": ["de"], "assignee": "udo"},
            {"name": "converted", "findings": ["convert.*"], "priority": "high", "days": 1},
        ],
    }
)


def done(database: Database, stage: str, outcome: str = "done", version: str = "r1") -> None:
    journal = Journal(database, ROUTING)
    detail = {"reason": "it needs a review"}
    if outcome == "waiting":
        case = ReviewCase(languages=("de",), findings=("convert.table",))
        detail |= ReviewEvidence(findings=(CONVERTED,), case=case).model_dump(mode="json")
    journal.record(
        "run", "emma", 1, stage, Outcome(outcome), 0, data_version=version, detail=detail
    )


def waits(database: Database, version: str = "r1") -> None:
    arrive(database)
    done(database, "qa_report", version=version)
    done(database, "drm_package", "waiting", version)


def events(database: Database) -> list[object]:
    found = rows(database, "SELECT event FROM outbox WHERE event LIKE 'review.%' ORDER BY id")
    return [event for (event,) in found]


def flag(database: Database, reason: str = "a reader complained") -> routing.ReviewFlag:
    return routing.flag(database, "emma", reason=reason, actor="ann", routing=ROUTING)


def test_what_conversion_could_not_do_well_comes_here_with_its_evidence(database: Database) -> None:
    waits(database)
    (task,) = reviews.tasks(database)
    assert (task.assignee, task.priority, task.escalate_to) == ("udo", "high", "head")
    assert task.rules == ("german", "converted")
    assert (task.due - task.at).days in (0, 1)
    assert task.evidence["findings"][0]["message"] == "A table is flat"
    assert events(database) == ["review.asked", "review.assigned"]


def test_asking_again_the_same_is_silent(database: Database) -> None:
    waits(database)
    done(database, "drm_package", "waiting")
    assert events(database) == ["review.asked", "review.assigned"]


def test_a_new_report_voids_the_task_and_the_decision(database: Database) -> None:
    waits(database)
    reviews.decide(database, "emma", approved=True, actor="ann")
    done(database, "drm_package", "waiting", "r2")
    assert reviews.decision_for(database, "emma", 1, "r2") is None
    done(database, "drm_package", "waiting", "r3")
    assert [task.report for task in reviews.tasks(database)] == ["r3"]
    assert events(database)[-3:] == ["review.voided", "review.asked", "review.assigned"]


class TestFlags:
    def test_a_book_that_passed_stops_at_the_gate_until_somebody_decides(
        self, database: Database
    ) -> None:
        arrive(database)
        done(database, "qa_report")
        done(database, "drm_package")
        made = flag(database)
        (task,) = reviews.tasks(database)
        assert made.task == task.id
        assert task.evidence["reason"] == "flagged: a reader complained"
        assert reviews.flags(database, "emma", 1) == ("a reader complained",)
        decision = reviews.decide(database, "emma", approved=True, actor="eva")
        assert reviews.flags(database, "emma", 1) == ()
        assert reviews.decision_for(database, "emma", 1, "r1") == decision

    def test_a_flag_stops_what_was_approved_before(self, database: Database) -> None:
        waits(database)
        reviews.decide(database, "emma", approved=True, actor="eva")
        flag(database)
        assert [task.state for task in reviews.tasks(database)] == ["open"]
        reviews.decide(database, "emma", approved=True, actor="eva")
        assert reviews.tasks(database) == ()
        assert rows(database, "SELECT count(*) FROM decision") == [(2,)]

    def test_a_run_that_had_passed_the_gate_already_does_not_close_the_task(
        self, database: Database
    ) -> None:
        arrive(database)
        done(database, "qa_report")
        flag(database)
        done(database, "drm_package")
        assert len(reviews.tasks(database)) == 1

    def test_without_a_report_the_gate_asks(self, database: Database) -> None:
        arrive(database)
        assert flag(database).task is None
        assert reviews.tasks(database) == ()
        done(database, "drm_package", "waiting")
        assert len(reviews.tasks(database)) == 1

    def test_what_quality_rejected_cannot_be_flagged(self, database: Database) -> None:
        arrive(database)
        done(database, "qa_report", "rejected")
        with pytest.raises(ServiceError, match="rejected already"):
            flag(database)

    def test_a_flag_has_a_reason_and_a_book(self, database: Database) -> None:
        with pytest.raises(NotFound):
            flag(database)
        arrive(database)
        with pytest.raises(ServiceError, match="reason"):
            flag(database, " ")

    def test_the_next_edition_is_judged_anew(self, database: Database) -> None:
        arrive(database)
        flag(database)
        arrive(database, "B")
        assert reviews.flags(database, "emma", 2) == ()


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [(Verdict.PASS, "wait"), (Verdict.NEEDS_REVIEW, "wait"), (Verdict.REJECT, "closed")],
)
def test_the_gate_waits_for_a_flag_unless_quality_rejects(verdict: Verdict, outcome: str) -> None:
    report = QualityReport(verdict=verdict, policy="p")
    gate = release_gate(report, None, ReleasePolicy(flagged="odd"))
    assert gate.outcome == outcome
    assert (gate.reason == "flagged: odd") is (outcome == "wait")


class TestAssignments:
    def test_a_task_is_given_away_with_another_priority_and_date(self, database: Database) -> None:
        waits(database)
        before = reviews.task(database, "emma")
        change = AssignmentChange(assignee="eva", priority=Priority.LOW, days=9)
        after = routing.assign(database, "emma", change, actor="ann")
        assert (after.assignee, after.priority, after.assignments) == ("eva", "low", 2)
        assert after.due > before.due
        assert events(database)[-1] == "review.assigned"

    def test_the_same_again_is_no_change(self, database: Database) -> None:
        waits(database)
        routing.assign(database, "emma", AssignmentChange(assignee="udo"), actor="ann")
        assert events(database) == ["review.asked", "review.assigned"]
        assert [change.action for change in routing.history(database, "emma")] == ["ask"]

    def test_an_empty_name_frees_the_task(self, database: Database) -> None:
        waits(database)
        freed = routing.assign(database, "emma", AssignmentChange(assignee=""), actor="ann")
        assert freed.assignee is None
        assert [
            task.id
            for task in reviews.tasks(database, wanted=TaskFilter(assignees=frozenset({""})))
        ]

    def test_nothing_open_is_not_found(self, database: Database) -> None:
        arrive(database)
        with pytest.raises(NotFound):
            routing.assign(database, "emma", AssignmentChange(assignee="eva"), actor="ann")


def test_an_overdue_task_is_urgent_and_told_once_until_it_has_a_new_date(
    database: Database,
) -> None:
    waits(database)
    assert routing.escalate(database, actor="sensor:attention") == ()
    late = "UPDATE review_route SET due = now() - interval '1 hour' RETURNING 1"
    rows(database, late)
    (task,) = routing.escalate(database, actor="sensor:attention")
    assert (task.priority, task.book) == ("urgent", "emma")
    assert routing.escalate(database, actor="sensor:attention") == ()
    routing.assign(database, "emma", AssignmentChange(days=1), actor="ann")
    rows(database, late)
    assert len(routing.escalate(database, actor="sensor:attention")) == 1
    assert events(database).count("review.overdue") == 2


def test_the_desk_shows_what_presses_most_and_what_is_mine(database: Database) -> None:
    for key, days, priority in [("a", 9, None), ("b", 2, None), ("c", 20, Priority.URGENT)]:
        arrive(database, key, key=f"{key}.epub")
        Journal(database, ROUTING).record(
            "run", key, 1, "drm_package", Outcome.WAITING, 0, data_version="r"
        )
        change = AssignmentChange(assignee=f"of {key}", days=days, priority=priority)
        routing.assign(database, key, change, actor="ann")
    assert [task.book for task in reviews.tasks(database)] == ["c", "b", "a"]
    for wanted, books in [
        (TaskFilter(assignees=frozenset({"of b"})), ["b"]),
        (TaskFilter(priority=Priority.URGENT), ["c"]),
        (TaskFilter(overdue=True), []),
    ]:
        assert [task.book for task in reviews.tasks(database, wanted=wanted)] == books


def test_the_history_tells_everything_in_order(database: Database) -> None:
    waits(database)
    routing.assign(database, "emma", AssignmentChange(assignee="eva"), actor="ann")
    reviews.decide(database, "emma", approved=False, note="no", actor="eva")
    flag(database)
    done(database, "drm_package", "waiting", "r2")
    told = [(one.action, one.actor) for one in routing.history(database, "emma")]
    assert told == [
        ("ask", "run:run"),
        ("assign", "ann"),
        ("decide", "eva"),
        ("flag", "ann"),
        ("ask", "ann"),
        ("void", "run:run"),
        ("ask", "run:run"),
    ]
