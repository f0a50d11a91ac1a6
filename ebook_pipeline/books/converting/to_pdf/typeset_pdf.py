"""The reading PDF where there is no browser: pandoc and typst set the text in a style of their own.

Pictures, links and headings are kept, the book's own style is not; fixed layout is beyond it.
"""

from collections import Counter
from pathlib import Path

from ebook_pipeline.books.converting.to_pdf import print_findings
from ebook_pipeline.books.converting.to_pdf.reading_pdf import (
    FinishedPdf,
    PrintedBook,
    missing_sign_findings,
)
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.typesetter import Typesetter

_STYLE = "Set by typst, since no browser was found: the book's own style is lost."


def typeset_epub(epub: Path, target: Path, typesetter: Typesetter, folder: Path) -> PrintedBook:
    """Set the EPUB at `epub` as the PDF `target`; `folder` is scratch space.

    Raises BookError (``convert.needs-browser`` where the layout is fixed, ``tool.typst``),
    ToolFailed, LimitExceeded.
    """
    if sandbox.call(read_package, epub).layout == "pre-paginated":
        raise BookError(
            "convert.needs-browser",
            "A book of fixed layout needs Chromium to become a PDF; none was found.",
        )
    plain = folder / "typeset.pdf"
    links = typesetter.print_pdf(epub, plain, folder)
    finished = sandbox.call(finish_typeset_pdf, epub, plain, target)
    lost = Finding(rule="convert.typst", severity=Severity.INFO, message=_STYLE)
    return PrintedBook(
        finished.pages,
        typesetter.version,
        (lost, *print_findings.link_findings(links), *finished.findings),
    )


def finish_typeset_pdf(epub: Path, plain: Path, target: Path) -> FinishedPdf:
    """Give the PDF its book's metadata; look whether its text is there. Runs in the sandbox."""
    import pikepdf

    from ebook_pipeline.books.converting.to_pdf import page_streams, pdf_metadata

    package = read_package(epub)
    wanted = Counter("".join(text for _, text in content.texts(epub, package)))
    shown = _letters(plain)
    lost = print_findings.letter_findings(wanted, shown)
    with pikepdf.open(plain) as pdf:
        pages = page_streams.read_typeset(pdf)
        pages.shown = shown - pages.missing
        findings = (*lost, *missing_sign_findings(epub, package, wanted, pages))
        pdf_metadata.write_metadata(pdf, package)
        pdf.save(target, deterministic_id=True)
        return FinishedPdf(len(pdf.pages), findings)


def _letters(path: Path) -> Counter[str]:
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(path)
    try:
        return sum((Counter(page.get_textpage().get_text_range()) for page in document), Counter())
    finally:
        document.close()
