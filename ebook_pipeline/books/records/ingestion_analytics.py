"""What an ingestion took and found."""

from pydantic import Field

from ebook_pipeline.books.records.book_metadata import Product
from ebook_pipeline.books.records.cdn_release import Distribution
from ebook_pipeline.books.records.converted_book import Manifestations
from ebook_pipeline.books.records.qa_report import QualityReport, Verdict
from ebook_pipeline.books.records.raw_file import Submission
from ebook_pipeline.books.records.validated_book import ValidationReport
from ebook_pipeline.foundation.record import Record


class EditionRecords(Record):
    """Everything known of one edition that was released: what its figures are counted from."""

    submission: Submission
    validation: ValidationReport
    manifestations: Manifestations
    product: Product
    quality: QualityReport
    distribution: Distribution


class IngestionMetrics(Record):
    """ingestion_analytics: what the ingestion of one edition took and found."""

    volatile = frozenset({"seconds"})

    seconds: dict[str, float] = Field(default_factory=dict)
    bytes: dict[str, int] = Field(default_factory=dict)
    findings: dict[str, int] = Field(default_factory=dict)
    words: int = 0
    pages: int = 0
    verdict: Verdict = Verdict.PASS
