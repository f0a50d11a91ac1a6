"""Every combination of verdict, decision and policy."""

import pytest

from ebook_pipeline.books.records import QualityReport, Verdict
from ebook_pipeline.books.reviewing.gate import ReleasePolicy, ReviewDecision, release_gate

OPEN, WAIT, CLOSED = "open", "wait", "closed"
APPROVED, REFUSED, OF_ANOTHER = "approved", "refused", "approved another report"


def decision(which: str | None, report: QualityReport) -> ReviewDecision | None:
    if which is None:
        return None
    version = "0" * 64 if which == OF_ANOTHER else report.data_version
    return ReviewDecision(
        book="emma", edition=2, report=version, approved=which != REFUSED, actor="ann", note="seen"
    )


@pytest.mark.parametrize(
    ("verdict", "decided", "hold", "outcome"),
    [
        (Verdict.PASS, None, False, OPEN),
        (Verdict.PASS, None, True, WAIT),
        (Verdict.PASS, APPROVED, False, OPEN),
        (Verdict.PASS, APPROVED, True, OPEN),
        (Verdict.PASS, REFUSED, False, CLOSED),
        (Verdict.PASS, REFUSED, True, CLOSED),
        (Verdict.PASS, OF_ANOTHER, False, OPEN),
        (Verdict.PASS, OF_ANOTHER, True, WAIT),
        (Verdict.NEEDS_REVIEW, None, False, WAIT),
        (Verdict.NEEDS_REVIEW, None, True, WAIT),
        (Verdict.NEEDS_REVIEW, APPROVED, False, OPEN),
        (Verdict.NEEDS_REVIEW, APPROVED, True, OPEN),
        (Verdict.NEEDS_REVIEW, REFUSED, False, CLOSED),
        (Verdict.NEEDS_REVIEW, REFUSED, True, CLOSED),
        (Verdict.NEEDS_REVIEW, OF_ANOTHER, False, WAIT),
        (Verdict.NEEDS_REVIEW, OF_ANOTHER, True, WAIT),
        (Verdict.REJECT, None, False, CLOSED),
        (Verdict.REJECT, None, True, CLOSED),
        (Verdict.REJECT, APPROVED, False, CLOSED),
        (Verdict.REJECT, APPROVED, True, CLOSED),
        (Verdict.REJECT, REFUSED, False, CLOSED),
        (Verdict.REJECT, REFUSED, True, CLOSED),
        (Verdict.REJECT, OF_ANOTHER, False, CLOSED),
        (Verdict.REJECT, OF_ANOTHER, True, CLOSED),
    ],
)
def test_the_gate(verdict: Verdict, decided: str | None, hold: bool, outcome: str) -> None:
    report = QualityReport(verdict=verdict, reasons=("many typos",), policy="1")
    gate = release_gate(report, decision(decided, report), ReleasePolicy(hold=hold))
    assert gate.outcome == outcome


def test_the_reason_names_the_person_and_the_note() -> None:
    report = QualityReport(verdict=Verdict.NEEDS_REVIEW, policy="1")
    gate = release_gate(report, decision(REFUSED, report), ReleasePolicy())
    assert gate.reason == "rejected by ann: seen"


def test_the_reason_to_wait_says_what_quality_found() -> None:
    report = QualityReport(verdict=Verdict.NEEDS_REVIEW, reasons=("many typos",), policy="1")
    gate = release_gate(report, None, ReleasePolicy())
    assert gate.reason == "it needs a review: many typos"
