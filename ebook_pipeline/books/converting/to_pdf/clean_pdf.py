"""What is taken out of a PDF before it is sold: all that acts or plays, and was meant for others.

The pages stay as they are. The removals that pikepdf knows are its own
(https://pikepdf.readthedocs.io/en/latest/topics/sanitize.html); what it leaves to its callers, and
links to the web that readers do want, are decided in `formats.pdf.cleaning`.
"""

from collections.abc import Mapping
from pathlib import Path

from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding


def clean_pdf(pdf: Path, target: Path) -> tuple[int, tuple[Finding, ...]]:
    """The PDF at `pdf` repaired, without a password, and with nothing in it that acts on its own.

    Its pages, and what was taken out as findings (``convert.active-content``,
    ``convert.left-out``); metadata is kept. Raises BookError: ``pdf.encrypted``,
    ``pdf.unreadable``, ``protection.…``, ``convert.empty``. Runs in the sandbox.
    """
    import pikepdf

    from ebook_pipeline.books.formats.pdf import cleaning, objects, opening

    try:
        with opening.opened(pdf) as opened:
            count = len(opened.pages)
            if count == 0:
                raise BookError("convert.empty", "The PDF has no page.")
            taken = cleaning.clean(opened)
            opening.save(opened, target)
    except pikepdf.PasswordError as error:
        raise BookError("pdf.encrypted", "The PDF asks for a password.") from error
    except objects.UNREADABLE as error:
        raise opening.unreadable(error, pdf) from error
    return count, tuple(_findings(taken, cleaning.HARMLESS))


def _findings(taken: Mapping[str, int], harmless: frozenset[str]) -> list[Finding]:
    """A warning for what acts, a note for what was only attached."""
    active = sorted(kind for kind in taken if kind not in harmless)
    rest = sorted(kind for kind in taken if kind in harmless)
    findings = []
    if active:
        text = f"Taken out of the PDF, for it acts on its own: {', '.join(active)}."
        remedy = "Send a file without it where readers would miss it."
        findings.append(pdf_findings.warning("convert.active-content", text, remedy))
    if rest:
        text = f"Left out of the PDF that is sold: {', '.join(rest)}."
        findings.append(pdf_findings.info("convert.left-out", text))
    return findings
