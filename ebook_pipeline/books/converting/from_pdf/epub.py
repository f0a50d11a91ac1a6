"""PDF → EPUB 3: text by its tags or its layout; pages without text as pictures."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.converting.from_pdf import book, losses, pictures
from ebook_pipeline.books.converting.from_pdf.metadata import epub_metadata, is_bound_right
from ebook_pipeline.books.converting.from_pdf.pixel_budget import (
    PixelBudget,
    PixelBudgets,
    page_pixels,
)
from ebook_pipeline.books.converting.to_epub.authoring import (
    AuthoredChapter,
    EpubMetadata,
    ImageFile,
    author_epub,
)
from ebook_pipeline.books.formats.pdf import actual_text, opening
from ebook_pipeline.books.records import Claims, TocEntry
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    import pypdfium2 as pdfium

SHARED_BY_CALLS = ("ebook_pipeline.books.language_detection",)
MOST_PICTURED = 600
"""Pages of a scan that are taken as pictures."""
_PAGES_PER_DOCUMENT = 25
"""Pages of a scan in one document of the EPUB."""
_FEWEST_LETTERS = 20
"""Letters of the whole file, below which its pages are pictures if it has any."""


@dataclass(frozen=True)
class PdfConversion:
    """What came of a PDF: how many pages, the EPUB's metadata, what was lost."""

    pages: int
    metadata: EpubMetadata
    findings: tuple[Finding, ...] = ()


def epub_from_pdf(pdf: Path, target: Path, claims: Claims) -> PdfConversion:
    """Write an EPUB 3 of the PDF at `pdf`; runs in the sandbox.

    Raises BookError: ``pdf.unreadable``, ``pdf.encrypted``, ``convert.empty``,
    ``convert.too-many-pictures``.
    """
    import pikepdf

    document = _opened(pdf)
    try:
        if not len(document):
            raise BookError("convert.empty", "The PDF has no page.")
        with pikepdf.open(pdf) as tree:
            if actual_text.put_in_place(tree) or is_bound_right(tree):
                document.close()
                document = _as_written(tree)
            content = book.read_content(document, tree, PixelBudgets.of_file(pdf))
            if not content.letters or (
                content.letters < _FEWEST_LETTERS and content.placed_pictures
            ):
                return _pictured(document, tree, target, claims, content.store.pixels.scanned)
            return _flowing(document, tree, content, target, claims)
    except (pikepdf.PdfError, RecursionError) as error:
        raise opening.unreadable(error, pdf) from error
    finally:
        document.close()


def _as_written(tree: Any) -> "pdfium.PdfDocument":
    """The tree's document without its reading direction, by which pdfium would turn all text."""
    import pikepdf

    if not is_bound_right(tree):
        return opening.reopened(tree)
    direction = tree.Root.ViewerPreferences.Direction
    tree.Root.ViewerPreferences.Direction = pikepdf.Name.L2R
    document = opening.reopened(tree)
    tree.Root.ViewerPreferences.Direction = direction
    return document


def _opened(pdf: Path) -> "pdfium.PdfDocument":
    import pypdfium2 as pdfium

    try:
        return opening.drawable(pdf)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise BookError("pdf.encrypted", "The PDF asks for a password.") from error
        raise opening.unreadable(error, pdf) from error


def _flowing(
    document: "pdfium.PdfDocument",
    tree: Any,
    content: book.PdfContent,
    target: Path,
    claims: Claims,
) -> PdfConversion:
    recovered = book.recover_blocks(document, tree, content)
    if not recovered.blocks:
        raise BookError("convert.empty", "The PDF has no text but running heads.")
    metadata = epub_metadata(tree, claims, recovered.blocks)
    if recovered.right_to_left:
        metadata = replace(metadata, progression="rtl", direction="rtl")
    book.write_epub(target, metadata, document, content, recovered)
    return PdfConversion(len(document), metadata, tuple(losses.findings(content, recovered)))


def _pictured(
    document: "pdfium.PdfDocument",
    tree: Any,
    target: Path,
    claims: Claims,
    budget: PixelBudget,
) -> PdfConversion:
    """An EPUB of the pages as pictures: all that can be made of a scan without recognition."""
    count = len(document)
    if count > MOST_PICTURED:
        raise BookError(
            "convert.too-many-pictures",
            f"The PDF has {count} pages without text; up to {MOST_PICTURED} are taken as pictures.",
            remedy="Run text recognition over the scan.",
        )
    metadata = epub_metadata(tree, claims, ())
    shown = [_page_picture(document, number, budget) for number in range(count)]
    starts = range(0, count, _PAGES_PER_DOCUMENT)
    chapters = [_pages(start, min(start + _PAGES_PER_DOCUMENT, count)) for start in starts]
    author_epub(target, metadata, chapters, shown)
    finding = Finding(
        rule="convert.scanned",
        severity=Severity.WARNING,
        message=f"The PDF holds no text: its {count} pages became pictures, which nobody can"
        " search, enlarge or have read aloud.",
        remedy="Run text recognition over the scan, or send the text itself.",
    )
    return PdfConversion(count, metadata, (finding,))


def _pages(start: int, end: int) -> AuthoredChapter:
    body, pages = [], []
    for number in range(start + 1, end + 1):
        body.append(
            f'<figure id="page-{number}" role="doc-pagebreak" epub:type="pagebreak" '
            f'aria-label="{number}"><img src="images/page-{number:04}.jpg" '
            f'alt="Page {number}, a picture without text"/></figure>'
        )
        pages.append(TocEntry(title=str(number), href=f"#page-{number}"))
    title = f"Pages {start + 1} to {end}" if end > start + 1 else f"Page {end}"
    return AuthoredChapter(title, "\n".join(body), pages=tuple(pages))


def _page_picture(document: "pdfium.PdfDocument", number: int, budget: PixelBudget) -> ImageFile:
    import pypdfium2 as pdfium

    try:
        page = document[number]
    except pdfium.PdfiumError as error:
        raise BookError(
            "pdf.unreadable", f"Page {number + 1} of the PDF cannot be read.", place=f"{number + 1}"
        ) from error
    if not budget.take(page_pixels(page)):
        raise BookError(
            "convert.too-many-pictures",
            f"The scanned pages have more than {budget.most:,} pixels together.",
            place=f"{number + 1}",
            remedy="Scan them with 300 dpi, or run text recognition over them.",
        )
    data = pictures.render_page(page)
    page.close()
    return ImageFile(f"page-{number + 1:04}.jpg", "image/jpeg", data)
