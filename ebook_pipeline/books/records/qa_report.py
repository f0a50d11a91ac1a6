"""A book judged: scores with their evidence, and a verdict."""

from enum import StrEnum

from pydantic import Field

from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import BlobRef, Record


class Verdict(StrEnum):
    """What the editor's policy says of a book."""

    PASS = "pass"  # noqa: S105
    NEEDS_REVIEW = "needs_review"
    REJECT = "reject"


class Score(Record):
    """One dimension of quality: `value` from 0 (worst) to 1 (best), and the figures behind it.

    None is *unchecked*, and the evidence ``checked`` says why: another language, a tool that ended.
    """

    dimension: str
    value: float | None = Field(ge=0, le=1)
    evidence: dict[str, float | int | str] = Field(default_factory=dict)

    @property
    def shown(self) -> str:
        """``0.97``, or ``unchecked``."""
        return "unchecked" if self.value is None else f"{self.value:.2f}"


class QualityReport(Record):
    """qa_report: scores with their evidence, and a verdict with its reasons."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    findings: tuple[Finding, ...] = ()
    policy: str
    models: tuple[str, ...] = ()
    page: BlobRef | None = None
    """The report as HTML, for editors."""
