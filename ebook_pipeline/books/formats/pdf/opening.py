"""A PDF opened for inspection, and the finding on one that does not open.

qpdf opens what it can mend. Where it gives up, pypdf, which reads more leniently, says whether
there are pages at all: the author then knows that a new export is enough.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.books.formats.pdf.pdf_findings import counted
from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    import pikepdf

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


def unopenable_finding(error: Exception, path: Path) -> Finding:
    """The finding for a file that qpdf does not open."""
    text = f"The file is damaged beyond repair: {pdf_findings.without_path(error, path)}."
    pages = _pages_at_least(path)
    if pages:
        text += f" A more lenient reader still sees {counted(pages, 'page')}."
    return pdf_findings.finding(
        "pdf.damaged", Severity.FATAL, text.replace("..", "."), pdf_findings.RESAVE
    )


def _pages_at_least(path: Path) -> int:
    """The pages that pypdf sees; 0 where it sees none, or the file is too large to try."""
    import pypdf
    from pypdf.errors import PyPdfError

    if path.stat().st_size > _SECOND_OPINION_BYTES:
        return 0
    try:
        with pypdf.PdfReader(path) as reader:
            return len(reader.pages)
    except (PyPdfError, RecursionError, ArithmeticError, LookupError, TypeError, ValueError):
        return 0
    except AttributeError:  # what a reader of damaged objects meets
        return 0
