"""A PDF whose scans are read, opened for drawing. Runs in the sandbox."""

from pathlib import Path

import pypdfium2 as pdfium

from ebook_pipeline.books.formats.pdf import opening


def opened(pdf: Path) -> pdfium.PdfDocument:
    """The file, drawable. Raises BookError."""
    try:
        return opening.drawable(pdf)
    except pdfium.PdfiumError as error:
        raise opening.unreadable(error, pdf) from error
