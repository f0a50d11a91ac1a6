"""What the ingestion of a book took and found, counted from its records."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from ebook_pipeline.books.records import (
    Distribution,
    IngestionMetrics,
    Manifestations,
    Product,
    QualityReport,
    Record,
    Submission,
    Verdict,
)

R = TypeVar("R", bound=Record)


def measured(records: Sequence[Record], seconds: Mapping[str, float]) -> IngestionMetrics:
    """Sizes, counts and findings by severity over a book's `records`; `seconds` by stage."""
    submission = _one(records, Submission)
    made = _one(records, Manifestations)
    product = _one(records, Product)
    report = _one(records, QualityReport)
    released = _one(records, Distribution)
    return IngestionMetrics(
        seconds={name: round(value, 3) for name, value in seconds.items()},
        bytes={
            "manuscript": submission.blob.length if submission else 0,
            "epub": made.epub.length if made else 0,
            "pdf": made.pdf.length if made else 0,
            "release": sum(f.blob.length for f in released.files) if released else 0,
        },
        findings=_by_severity(records),
        words=product.word_count if product else 0,
        pages=product.pages if product else 0,
        verdict=report.verdict if report else Verdict.PASS,
    )


def _by_severity(records: Sequence[Record]) -> dict[str, int]:
    found = (getattr(record, "findings", ()) for record in records if not _repeats(record))
    return dict(Counter(finding.severity.value for findings in found for finding in findings))


def _repeats(record: Record) -> bool:
    """The validation report repeats the findings of the submission."""
    return isinstance(record, Submission)


def _one(records: Sequence[Record], kind: type[R]) -> R | None:
    return next((record for record in records if isinstance(record, kind)), None)
