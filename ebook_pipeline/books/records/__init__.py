"""What each stage returns, a file per stage: small, frozen, closed records of what it adds."""

from ebook_pipeline.books.records.book_metadata import ComparedBook, Product
from ebook_pipeline.books.records.catalog_row import CatalogEntry
from ebook_pipeline.books.records.cdn_release import Distribution, ReleaseFile
from ebook_pipeline.books.records.converted_book import CoverImages, Manifestations
from ebook_pipeline.books.records.description import (
    Accessibility,
    Audience,
    Contributor,
    Embedding,
    Extent,
    Genre,
    Identifier,
    Origin,
    Price,
    Provenance,
    Readability,
    RelatedBook,
    Series,
    Subject,
    TocEntry,
)
from ebook_pipeline.books.records.drm_package import (
    EncryptionProfile,
    ProtectedPublication,
    Protection,
)
from ebook_pipeline.books.records.ingestion_analytics import EditionRecords, IngestionMetrics
from ebook_pipeline.books.records.qa_report import QualityReport, Score, Verdict
from ebook_pipeline.books.records.raw_file import (
    MANUSCRIPT_FORMATS,
    BookFormat,
    Claims,
    Edition,
    Submission,
)
from ebook_pipeline.books.records.validated_book import (
    Conformance,
    ConformanceStatus,
    ValidationReport,
)
from ebook_pipeline.foundation.record import BlobRef, Record, canonical_json

__all__ = [
    "MANUSCRIPT_FORMATS",
    "Accessibility",
    "Audience",
    "BlobRef",
    "BookFormat",
    "CatalogEntry",
    "Claims",
    "ComparedBook",
    "Conformance",
    "ConformanceStatus",
    "Contributor",
    "CoverImages",
    "Distribution",
    "Edition",
    "EditionRecords",
    "Embedding",
    "EncryptionProfile",
    "Extent",
    "Genre",
    "Identifier",
    "IngestionMetrics",
    "Manifestations",
    "Origin",
    "Price",
    "Product",
    "ProtectedPublication",
    "Protection",
    "Provenance",
    "QualityReport",
    "Readability",
    "Record",
    "RelatedBook",
    "ReleaseFile",
    "Score",
    "Series",
    "Subject",
    "Submission",
    "TocEntry",
    "ValidationReport",
    "Verdict",
    "canonical_json",
]
