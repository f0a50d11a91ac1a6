"""The PDF that is read: a browser prints the whole spine as one document, tagged, with links."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from ebook_pipeline.books.converting.to_pdf import missing_signs, print_findings
from ebook_pipeline.books.converting.to_pdf.bookmarks import Bookmark
from ebook_pipeline.books.converting.to_pdf.merge import merge
from ebook_pipeline.books.converting.to_pdf.page_boxes import TEXT_COLUMN
from ebook_pipeline.books.converting.to_pdf.spine_part import PrintLosses
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.formats.epub.unpacked import unpack
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.devtools import Drawing

if TYPE_CHECKING:
    from ebook_pipeline.books.converting.to_pdf.page_streams import PageText

SHARED_BY_CALLS = tuple(
    f"ebook_pipeline.books.converting.to_pdf.{name}"
    for name in ("bookmarks", "page_streams", "pdf_metadata", "structure_ids")
)
PRINT_DOCUMENT = "ebook-print.xhtml"


@dataclass(frozen=True)
class PrintedBook:
    """A reading PDF: how many pages, which engine made it, and what was lost on the way."""

    pages: int
    engine: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class PrintableBook:
    """The book as one document in a folder, ready to be printed; `letters` are its text's."""

    package: PackageDocument
    bookmarks: tuple[Bookmark, ...]
    letters: Counter[str]
    losses: PrintLosses


@dataclass(frozen=True)
class FinishedPdf:
    """The PDF with all that belongs into it: how many pages, and what a reader misses."""

    pages: int
    findings: tuple[Finding, ...]


def print_epub(
    epub: Path, target: Path, browser: Browser, folder: Path, drawing: Drawing | None = None
) -> PrintedBook:
    """Print the EPUB at `epub` to the PDF `target`; `folder` is scratch space.

    The browser that prints it pictures `drawing` besides.

    Raises BookError where the book cannot be read, LimitExceeded (``sandbox.time``,
    ``sandbox.memory``) where it asks for too much, NoBrowser.
    """
    book = folder / "unpacked"
    book.mkdir(parents=True)
    prepared = sandbox.call(prepare_book, epub, book)
    printed = folder / "printed.pdf"
    headings = not prepared.bookmarks
    shown = browser.print_pdf(
        book / PRINT_DOCUMENT, printed, column=TEXT_COLUMN, outline=headings, drawing=drawing
    )
    finished = sandbox.call(finish_pdf, prepared, epub, printed, target)
    findings = (
        *print_findings.loss_findings(prepared.losses),
        *print_findings.size_findings(shown.narrowed, shown.cut),
        *finished.findings,
    )
    return PrintedBook(finished.pages, browser.version, findings)


def prepare_book(epub: Path, folder: Path) -> PrintableBook:
    """Lay the book out in `folder` with its one document `PRINT_DOCUMENT`; runs in the sandbox."""
    package = read_package(epub)
    unpack(epub, package, folder)
    merged = merge(epub, package, folder)
    etree.ElementTree(merged.root).write(
        folder / PRINT_DOCUMENT, encoding="utf-8", xml_declaration=True
    )
    letters = Counter("".join(text for _, text in content.texts(epub, package)))
    return PrintableBook(package, tuple(merged.bookmarks), letters, merged.losses)


def finish_pdf(prepared: PrintableBook, epub: Path, printed: Path, target: Path) -> FinishedPdf:
    """Give the PDF `printed` its book's outline, title, authors, language and direction.

    The same book gives the same bytes: dates are the book's own. Runs in the sandbox.
    """
    import pikepdf

    from ebook_pipeline.books.converting.to_pdf import bookmarks, page_streams, pdf_metadata
    from ebook_pipeline.books.converting.to_pdf.structure_ids import renumber_ids

    with pikepdf.open(printed) as pdf:
        pages = page_streams.read_and_mend(pdf)
        lost = bookmarks.mend_links(pdf)
        if prepared.bookmarks:
            lost += bookmarks.write_outline(pdf, prepared.bookmarks)
        pdf_metadata.write_metadata(pdf, prepared.package)
        renumber_ids(pdf)
        pdf.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
        findings = (
            *print_findings.link_findings(prepared.losses.dangling + lost),
            *print_findings.letter_findings(prepared.letters, pages.shown),
            *missing_sign_findings(epub, prepared.package, prepared.letters, pages),
            *print_findings.font_findings(pages.unembedded),
        )
        return FinishedPdf(len(pdf.pages), findings)


def missing_sign_findings(
    epub: Path, package: PackageDocument, letters: Counter[str], pages: "PageText"
) -> Iterator[Finding]:
    """The book's signs that stand as boxes on the PDF's `pages`; the book is read again for them.

    `letters` are the book's.
    """
    signs = missing_signs.missing_signs(pages.missing, letters, pages.shown)
    if signs:
        seen = missing_signs.first_sightings(content.texts(epub, package), signs)
        yield from missing_signs.sign_findings(signs, letters.total(), seen)
