"""What the records of an edition say to somebody who must judge it, or mend it."""

from typing import Any

from ebook_pipeline.books.records import (
    Manifestations,
    Product,
    QualityReport,
    Record,
    ValidationReport,
)
from ebook_pipeline.books.reviewing.routing import ReviewCase
from ebook_pipeline.foundation.findings import Finding, Severity, worst_first
from ebook_pipeline.resources.record_store import RecordStore

MOST_FINDINGS = 20
_LONGEST = 500
_WITH_FINDINGS: dict[str, type[ValidationReport | Manifestations | Product | QualityReport]] = {
    "validated_book": ValidationReport,
    "converted_book": Manifestations,
    "book_metadata": Product,
    "qa_report": QualityReport,
}


class ReviewEvidence(Record):
    """The worst `findings`, and how many `more` there are; `reasons` are those of quality."""

    title: str = ""
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    more: int = 0
    case: ReviewCase = ReviewCase()


class StageFindings(Record):
    """The worst `findings` of one stage, and how many `more` there are."""

    findings: tuple[Finding, ...]
    more: int


def stage_findings(
    records: RecordStore, book: str, edition: int, stage: str
) -> StageFindings | None:
    """What the record of a stage has found of an edition; None for a stage that finds nothing."""
    kind = _WITH_FINDINGS.get(stage)
    record = records.read(stage, book, edition, kind) if kind else None
    if record is None:
        return None
    found = worst_first(record.findings)
    return StageFindings(
        findings=tuple(found[:MOST_FINDINGS]), more=max(0, len(found) - MOST_FINDINGS)
    )


def gather_evidence(
    records: RecordStore,
    book: str,
    edition: int,
    *,
    until: str = "",
    finding: Finding | None = None,
) -> ReviewEvidence:
    """What the stages up to `until` (all of them if unset) have found of an edition.

    With a `finding` of its own the stage `until` made no record: one of an earlier run is left out.
    """
    findings: list[Finding] = [finding] if finding else []
    rules: list[str] = []
    kept: dict[str, Any] = {}
    for stage, kind in _WITH_FINDINGS.items():
        if finding and stage == until:
            break
        kept[stage] = record = records.read(stage, book, edition, kind)
        findings += record.findings if record else ()
        if stage == until:
            break
    shown = [
        finding for finding in worst_first(_once(findings)) if finding.severity >= Severity.WARNING
    ]
    rules += dict.fromkeys(finding.rule for finding in shown)
    product, report = kept.get("book_metadata"), kept.get("qa_report")
    return ReviewEvidence(
        title=product.title if product else "",
        reasons=report.reasons if report else (),
        findings=tuple(map(_short, shown[:MOST_FINDINGS])),
        more=max(0, len(shown) - MOST_FINDINGS),
        case=_case(product, rules),
    )


def all_findings(records: RecordStore, book: str, edition: int) -> tuple[Finding, ...]:
    """Everything that the stages have found of an edition, whole, the worst first, each once."""
    findings: list[Finding] = []
    for stage, kind in _WITH_FINDINGS.items():
        record = records.read(stage, book, edition, kind)
        findings += record.findings if record else ()
    return tuple(worst_first(_once(findings)))


def _case(product: Product | None, rules: list[str]) -> ReviewCase:
    if product is None:
        return ReviewCase(findings=tuple(rules))
    return ReviewCase(
        publishers=product.publishers,
        languages=product.languages,
        findings=tuple(rules),
        audience=product.audience.code if product.audience else None,
        age_from=product.audience.age_from if product.audience else None,
    )


def _once(findings: list[Finding]) -> list[Finding]:
    """Quality repeats what conversion said; people read it once."""
    return list(
        {
            (finding.rule, finding.message, finding.place): finding
            for finding in reversed(findings)
        }.values()
    )[::-1]


def _short(finding: Finding) -> Finding:
    """Without the book's own words, and as long as a person reads."""
    return finding.model_copy(
        update={
            "message": finding.message[:_LONGEST],
            "remedy": finding.remedy[:_LONGEST],
            "place": finding.place[:_LONGEST],
            "passage": "",
        }
    )
