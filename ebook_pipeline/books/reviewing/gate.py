"""May this edition be released? The one place that decides it, from facts alone."""

from typing import Literal

from ebook_pipeline.books.records import QualityReport, Record, Verdict
from ebook_pipeline.foundation.findings import in_one_line


class ReviewDecision(Record):
    """What a person decided of one edition, having seen one QA report (its data version)."""

    book: str
    edition: int
    report: str
    approved: bool
    actor: str
    note: str = ""


class ReleasePolicy(Record):
    """The publisher's wish: release what passes, or `hold` it until somebody says so.

    `flagged` is why somebody wants this very edition reviewed, whatever was decided before.
    """

    hold: bool = False
    flagged: str = ""


class GateResult(Record):
    """`open`: release; `wait`: somebody must decide; `closed`: this edition is not released."""

    outcome: Literal["open", "wait", "closed"]
    reason: str


def release_gate(
    qa_report: QualityReport, decision: ReviewDecision | None, policy: ReleasePolicy
) -> GateResult:
    """Weigh the report, the decision and the policy; a decision on another report counts as none.

    Nobody can approve what quality rejects; anybody's rejection closes the gate. A flag stops an
    edition that passed, or was approved, until somebody decides anew.
    """
    if qa_report.verdict is Verdict.REJECT:
        return GateResult(
            outcome="closed", reason=_because("quality rejects it", qa_report.reasons)
        )
    if policy.flagged:
        return GateResult(outcome="wait", reason=_because("flagged", (policy.flagged,)))
    if decision is not None and decision.report == qa_report.data_version:
        return _decided(decision)
    if qa_report.verdict is Verdict.NEEDS_REVIEW:
        return GateResult(outcome="wait", reason=_because("it needs a review", qa_report.reasons))
    if policy.hold:
        return GateResult(outcome="wait", reason="releases are held until somebody approves them")
    return GateResult(outcome="open", reason="it passed quality")


def _decided(decision: ReviewDecision) -> GateResult:
    note = (decision.note,) if decision.note else ()
    if decision.approved:
        return GateResult(outcome="open", reason=_because(f"approved by {decision.actor}", note))
    return GateResult(outcome="closed", reason=_because(f"rejected by {decision.actor}", note))


def _because(what: str, reasons: tuple[str, ...]) -> str:
    return f"{what}: {in_one_line(reasons)}" if reasons else what
