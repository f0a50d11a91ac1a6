"""Every asset has a check with a meaning, and each of them can fail."""

from pathlib import Path

import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.analytics import is_recorded
from ebook_pipeline.assets.converted import is_readable
from ebook_pipeline.assets.metadata import is_named
from ebook_pipeline.assets.raw import is_kept_byte_for_byte
from ebook_pipeline.books.records import (
    BlobRef,
    BookFormat,
    CatalogEntry,
    CoverImages,
    Edition,
    IngestionMetrics,
    Manifestations,
    Origin,
    Product,
    Provenance,
    Submission,
)
from ebook_pipeline.execution.files import Files
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.reporting.ingestion_metrics import save_metrics
from tests.support.books.epub import epub
from tests.support.services.submissions import arrive


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "files").mkdir()
    return Files(LocalObjectStore(tmp_path / "store"), tmp_path / "files")


def test_every_asset_has_a_check_or_a_proof_that_says_what_it_means() -> None:
    judges = {stage.name: stage.judges for stage in BOOK_CHAIN}
    assert [name for name, found in judges.items() if not found] == []
    assert all(judge.__doc__ for found in judges.values() for judge in found)


def test_a_manuscript_that_is_not_what_was_submitted_is_noticed(files: Files) -> None:
    blob, other = files.keep(b"a book", "text/plain"), files.keep(b"another", "text/plain")
    submission = Submission(blob=blob, format=BookFormat.TEXT, source="a.txt")
    for kept, right in ((blob, True), (other, False)):
        edition = Edition(book="a", number=1, source="a.txt", blob=kept)
        assert is_kept_byte_for_byte(submission, edition, files) is right


def test_forms_that_are_none_are_noticed(files: Files, tmp_path: Path) -> None:
    book = files.keep(epub(tmp_path / "a.epub"), "application/epub+zip")
    pdf = files.keep(b"%PDF-1.7 and so on", "application/pdf")
    text = files.keep(b"text", "text/plain")
    for first, second, right in ((book, pdf, True), (text, pdf, False), (book, text, False)):
        assert is_readable(_forms(first, second, text), files) is right


def _forms(book: BlobRef, pdf: BlobRef, other: BlobRef) -> Manifestations:
    cover = CoverImages(original=other, medium=other, thumbnail=other, width=1, height=1)
    return Manifestations(
        epub=book, pdf=pdf, text=other, preview=other, cover=cover, pages=1, engine="test"
    )


def test_a_book_without_a_title_or_without_a_source_of_it_is_noticed() -> None:
    said = {"title": Provenance(origin=Origin.FILE)}
    assert is_named(Product(title="Emma", provenance=said))
    assert not is_named(Product(title=" ", provenance=said))
    assert not is_named(Product(title="Emma"))


def test_figures_that_were_not_written_are_noticed(database: Database) -> None:
    arrive(database, "emma")
    entry = CatalogEntry(book="emma", edition=1, release="r", title="Emma")
    figures = IngestionMetrics(seconds={"raw_file": 1.5}, bytes={"epub": 3}, words=7)
    assert not is_recorded(figures, entry, database)
    save_metrics(database, "emma", 1, figures)
    assert is_recorded(figures, entry, database)
    assert not is_recorded(figures.model_copy(update={"words": 8}), entry, database)
