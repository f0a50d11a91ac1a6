"""PDF → EPUB 3: text by its tags or its layout; pages without text as pictures."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.converting.from_pdf import book, described, pictures
from ebook_pipeline.books.converting.to_epub.authoring import (
    Chapter,
    Described,
    Picture,
    author_epub,
)
from ebook_pipeline.books.records import Claims, TocEntry
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    import pypdfium2 as pdfium

MOST_PICTURED = 600
_PAGES_A_DOCUMENT = 25
_FEWEST_LETTERS = 20
_UNREADABLE = 0.01


@dataclass(frozen=True)
class FromPdf:
    """What came of a PDF: its pages, what the EPUB says of itself, what was lost."""

    pages: int
    described: Described
    findings: tuple[Finding, ...] = ()


def epub_from_pdf(pdf: Path, target: Path, claims: Claims) -> FromPdf:
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
            if described.turns_right(tree):
                document.close()
                document = _as_written(tree)
            found = book.read(document)
            if not found.letters or (found.letters < _FEWEST_LETTERS and found.shown):
                return _pictured(document, tree, target, claims)
            return _flowing(document, tree, found, target, claims)
    except (pikepdf.PdfError, RecursionError) as error:
        said = str(error).replace(str(pdf), "the file")
        raise BookError("pdf.unreadable", f"The PDF cannot be read: {said}") from error
    finally:
        document.close()


def _as_written(tree: Any) -> "pdfium.PdfDocument":
    """The document without the direction of its binding: pdfium turns all text round by it."""
    import pikepdf
    import pypdfium2 as pdfium

    written = io.BytesIO()
    direction = tree.Root.ViewerPreferences.Direction
    tree.Root.ViewerPreferences.Direction = pikepdf.Name.L2R
    tree.save(written)
    tree.Root.ViewerPreferences.Direction = direction
    return pdfium.PdfDocument(written.getvalue())


def _opened(pdf: Path) -> "pdfium.PdfDocument":
    import pypdfium2 as pdfium

    try:
        return pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise BookError("pdf.encrypted", "The PDF asks for a password.") from error
        raise BookError("pdf.unreadable", f"The PDF cannot be read: {error}") from error


def _flowing(
    document: "pdfium.PdfDocument", tree: Any, found: book.Read, target: Path, claims: Claims
) -> FromPdf:
    recovered = book.recover(document, tree, found)
    if not recovered.blocks:
        raise BookError("convert.empty", "The PDF has no text but running heads.")
    said = described.described(document, tree, claims, recovered.blocks)
    if recovered.right_to_left:
        said = replace(said, progression="rtl")
    book.write(target, said, document, found, recovered)
    return FromPdf(len(document), said, tuple(_findings(found, recovered)))


def _pictured(document: "pdfium.PdfDocument", tree: Any, target: Path, claims: Claims) -> FromPdf:
    """Pages as pictures: what can be done for a scan without reading it."""
    count = len(document)
    if count > MOST_PICTURED:
        raise BookError(
            "convert.too-many-pictures",
            f"The PDF has {count} pages without text; up to {MOST_PICTURED} are taken as pictures.",
            remedy="Run text recognition over the scan.",
        )
    said = described.described(document, tree, claims, ())
    shown = [_page_picture(document, number) for number in range(count)]
    starts = range(0, count, _PAGES_A_DOCUMENT)
    chapters = [_pages(start, min(start + _PAGES_A_DOCUMENT, count)) for start in starts]
    author_epub(target, said, chapters, shown)
    finding = Finding(
        rule="convert.scanned",
        severity=Severity.WARNING,
        message=f"The PDF holds no text: its {count} pages became pictures, which nobody can"
        " search, enlarge or have read aloud.",
        remedy="Run text recognition over the scan, or send the text itself.",
    )
    return FromPdf(count, said, (finding,))


def _pages(start: int, end: int) -> Chapter:
    body, pages = [], []
    for number in range(start + 1, end + 1):
        body.append(
            f'<figure id="page-{number}" role="doc-pagebreak" epub:type="pagebreak" '
            f'aria-label="{number}"><img src="images/page-{number:04}.jpg" '
            f'alt="Page {number}, a picture without text"/></figure>'
        )
        pages.append(TocEntry(title=str(number), href=f"#page-{number}"))
    title = f"Pages {start + 1} to {end}" if end > start + 1 else f"Page {end}"
    return Chapter(title, "\n".join(body), pages=tuple(pages))


def _page_picture(document: "pdfium.PdfDocument", number: int) -> Picture:
    import pypdfium2 as pdfium

    try:
        page = document[number]
    except pdfium.PdfiumError as error:
        raise BookError(
            "pdf.unreadable", f"Page {number + 1} of the PDF cannot be read.", place=f"{number + 1}"
        ) from error
    data = pictures.page_picture(page)
    page.close()
    return Picture(f"page-{number + 1:04}.jpg", "image/jpeg", data)


def _findings(found: book.Read, recovered: book.Recovered) -> Iterator[Finding]:
    yield _layout(found, recovered)
    if found.store.scans:
        yield Finding(
            rule="convert.scanned",
            severity=Severity.WARNING,
            message=f"{found.store.scans} pages are scans with text that a machine read: the EPUB"
            " holds that text as it was read, without the pictures of the pages.",
            remedy="Have the text proofread.",
        )
    if found.unreadable > _UNREADABLE * found.letters:
        yield Finding(
            rule="convert.unreadable-letters",
            severity=Severity.WARNING,
            message=f"{found.unreadable} letters are drawn without saying which letters they are:"
            " they are wrong or missing in the EPUB.",
            remedy="Export the PDF anew with fonts that have a Unicode table (ToUnicode).",
        )
    if found.damaged:
        yield Finding(
            rule="convert.damaged-pages",
            severity=Severity.WARNING,
            message=f"{found.damaged} pages of the PDF cannot be read and are not in the EPUB.",
            remedy="Export the PDF anew.",
        )


def _layout(found: book.Read, recovered: book.Recovered) -> Finding:
    basis = "tags" if recovered.tagged else "layout"
    losses = ["fonts, colours and positions"]
    if found.vertical:
        losses.append("the vertical setting")
    if found.readings:
        losses.append(f"{found.readings} small letters beside the columns (readings)")
    if found.store.lost:
        losses.append(
            f"{found.store.lost} pictures that are too large, damaged or not where the tags say"
        )
    if recovered.undescribed:
        losses.append(f"nothing says what {recovered.undescribed} pictures show")
    return Finding(
        rule="convert.pdf-layout",
        severity=Severity.INFO,
        message=f"The EPUB was made from the PDF's {basis}; lost: {'; '.join(losses)}.",
        remedy="Send the manuscript or an EPUB for a better one.",
    )
