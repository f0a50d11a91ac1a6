"""What the ingestion of a book took and found, counted from its records."""

from collections import Counter
from collections.abc import Mapping

from ebook_pipeline.books.records import EditionRecords, IngestionMetrics


def measure_ingestion(dossier: EditionRecords, seconds: Mapping[str, float]) -> IngestionMetrics:
    """Sizes in bytes, counts, and findings by severity of one edition; `seconds` by stage."""
    return IngestionMetrics(
        seconds={name: round(value, 3) for name, value in seconds.items()},
        bytes={
            "manuscript": dossier.submission.blob.length,
            "epub": dossier.manifestations.epub.length,
            "pdf": dossier.manifestations.pdf.length,
            "release": sum(file.blob.length for file in dossier.distribution.files),
        },
        findings=_by_severity(dossier),
        words=dossier.product.word_count,
        pages=dossier.product.pages,
        verdict=dossier.quality.verdict,
    )


def _by_severity(dossier: EditionRecords) -> dict[str, int]:
    """The validation report holds the findings of the submission too."""
    judged = (dossier.validation, dossier.manifestations, dossier.product, dossier.quality)
    severities = (finding.severity.value for record in judged for finding in record.findings)
    return dict(Counter(severities))
