"""A PDF opened for inspection, and the finding on one that does not open.

qpdf opens what it can mend. Where it gives up, pypdf, which reads more leniently, says whether
there are pages at all: the author then knows that a new export is enough.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.books.formats.pdf.lenient_reader import read_leniently
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.wording import counted

if TYPE_CHECKING:
    import pikepdf
    import pypdfium2 as pdfium

_SECOND_OPINION_BYTES = 64 << 20
"""Size of a file up to which pypdf is asked."""


@contextmanager
def opened(path: Path) -> Iterator["pikepdf.Pdf"]:
    """The file in qpdf, within bounds; raises pikepdf's errors."""
    import pikepdf

    from ebook_pipeline.books.formats.pdf import damage

    damage.limit_qpdf()
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        yield pdf


def save(pdf: "pikepdf.Pdf", target: Path | io.BytesIO) -> None:
    """Write an open file without a password; the same file gives the same bytes.

    A trailer that was found again has no size, and qpdf writes none then (§7.5.5 asks for it).
    """
    if "/Size" not in pdf.trailer:
        pdf.trailer["/Size"] = len(pdf.objects)
    pdf.save(target, deterministic_id=not pdf.is_encrypted, encryption=False)


def reopened(pdf: "pikepdf.Pdf") -> "pdfium.PdfDocument":
    """An open file as it stands now, in pdfium."""
    import pypdfium2 as pdfium

    written = io.BytesIO()
    pdf.save(written)
    return pdfium.PdfDocument(written.getvalue())


def drawn(path: Path) -> "pdfium.PdfDocument":
    """The same as `drawable`; raises BookError where it does not open."""
    import pypdfium2 as pdfium

    try:
        return drawable(path)
    except pdfium.PdfiumError as error:
        raise unreadable(error, path) from error


def drawable(path: Path) -> "pdfium.PdfDocument":
    """The file in pdfium, repaired by qpdf where pdfium does not open it as it is.

    Raises PdfiumError where that does not help.
    """
    import pypdfium2 as pdfium

    from ebook_pipeline.books.formats.pdf import objects

    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        repaired = io.BytesIO()
        try:
            with opened(path) as pdf:
                save(pdf, repaired)
        except objects.UNREADABLE:
            raise error from None
        return pdfium.PdfDocument(repaired.getvalue())


def unreadable(error: Exception, path: Path) -> BookError:
    """The error that stops a file which does not open: ``protection.…`` or ``pdf.unreadable``."""
    from ebook_pipeline.books.formats.pdf import encryption

    protected = encryption.drm_finding(path, error)
    if protected is not None:
        return BookError.of(protected)
    reason = pdf_findings.without_path(error, path)
    text = f"The PDF cannot be read: {reason}"
    return BookError("pdf.unreadable", text, remedy=pdf_findings.RESAVE)


def unopenable_finding(error: Exception, path: Path) -> Finding:
    """The finding for a file that qpdf does not open: locked by DRM, or damaged."""
    from ebook_pipeline.books.formats.pdf import encryption

    protected = encryption.drm_finding(path, error)
    if protected is not None:
        return protected
    text = f"The file is damaged beyond repair: {pdf_findings.without_path(error, path)}."
    pages = _pages_at_least(path)
    if pages:
        text += f" A more lenient reader still sees {counted(pages, 'page')}."
    return pdf_findings.finding(
        "pdf.damaged", Severity.FATAL, text.replace("..", "."), pdf_findings.RESAVE
    )


def _pages_at_least(path: Path) -> int:
    """The pages that pypdf sees; 0 where it sees none, or the file is too large to try."""
    if path.stat().st_size > _SECOND_OPINION_BYTES:
        return 0
    return read_leniently(path, lambda reader: len(reader.pages)) or 0
