"""The files of an edition, before its release as after, and what each stage has on record of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from ebook_pipeline.books.records import (
    BlobRef,
    CatalogEntry,
    Distribution,
    IngestionMetrics,
    Manifestations,
    Product,
    ProtectedPublication,
    QualityReport,
    Record,
    Submission,
    ValidationReport,
)
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.record_store import RecordStore

_EDITION = tables.edition.c
STAGES: dict[str, type[Record]] = {
    "raw_file": Submission,
    "validated_book": ValidationReport,
    "converted_book": Manifestations,
    "book_metadata": Product,
    "qa_report": QualityReport,
    "drm_package": ProtectedPublication,
    "cdn_release": Distribution,
    "catalog_row": CatalogEntry,
    "ingestion_analytics": IngestionMetrics,
}
"""What each stage returns, in the chain's order."""


class BookFile(Record):
    """One file by its name: `original` is what was submitted, `report` the editor's page."""

    name: str
    blob: BlobRef


class BookFiles(Record):
    """Every file of an edition."""

    book: str
    edition: int
    files: tuple[BookFile, ...]

    def blob(self, name: str) -> BlobRef:
        """The file of this name. Raises `NotFound`."""
        for file in self.files:
            if file.name == name:
                return file.blob
        raise NotFound(f"{self.book}, edition {self.edition}, has no file {name[:40]!r}")


def files_of(
    database: Database, records: RecordStore, book: str, edition: int | None = None
) -> BookFiles:
    """The files of an edition, the newest one's if unset. Raises `NotFound`."""
    of_book = select(tables.edition).where(_EDITION.book == book)
    asked = of_book if edition is None else of_book.where(_EDITION.number == edition)
    with database.begin() as connection:
        row = connection.execute(asked.order_by(_EDITION.number.desc()).limit(1)).first()
    if row is None:
        raise NotFound(f"{book!r} has no such edition")
    original = BlobRef(sha256=row.sha256, length=row.length, media_type=row.media_type)
    files = (BookFile(name="original", blob=original), *_made(records, book, row.number))
    return BookFiles(book=book, edition=row.number, files=files)


def editions_of(database: Database, book: str) -> int:
    """How many editions the book has."""
    query = select(func.count()).select_from(tables.edition).where(_EDITION.book == book)
    with database.begin() as connection:
        number: int = connection.execute(query).scalar_one()
    return number


def record_of(records: RecordStore, book: str, edition: int, stage: str) -> dict[str, Any]:
    """What a stage has on record of an edition, as JSON. Raises `NotFound`."""
    kind = STAGES.get(stage)
    record = records.read(stage, book, edition, kind) if kind else None
    if record is None:
        raise NotFound(f"{book}, edition {edition}, has no record of {stage[:40]!r}")
    return record.model_dump(mode="json")


def _made(records: RecordStore, book: str, edition: int) -> Iterator[BookFile]:
    made = records.read("converted_book", book, edition, Manifestations)
    if made is not None:
        named = {
            "epub": made.epub,
            "pdf": made.pdf,
            "text": made.text,
            "cover": made.cover.original,
            "preview": made.preview,
            "preview-page": made.preview_page,
        }
        yield from (BookFile(name=name, blob=blob) for name, blob in named.items() if blob)
    report = records.read("qa_report", book, edition, QualityReport)
    if report is not None and report.page is not None:
        yield BookFile(name="report", blob=report.page)
