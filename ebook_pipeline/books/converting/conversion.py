"""A manuscript in, the forms that are sold and read out: EPUB 3, reading PDF, plain text, cover.

What reads or writes one format is imported where it is called: this process and the sandbox's own
load half as much for a book (0.2 CPU s each).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ebook_pipeline.books.converting import text_comparison
from ebook_pipeline.books.converting.recognizing.recognition import (
    PageRecognition,
    RecognizedPdf,
    recognize_scans,
)
from ebook_pipeline.books.converting.to_epub.canonical import canonical_epub
from ebook_pipeline.books.formats.epub.content import write_plain_text
from ebook_pipeline.books.language_tags import language_tag
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.devtools import Drawing
from ebook_pipeline.tools.typesetter import Typesetter

if TYPE_CHECKING:
    from ebook_pipeline.books.converting.covers import Cover
    from ebook_pipeline.books.converting.from_pdf import PdfConversion
    from ebook_pipeline.books.converting.to_pdf.reading_pdf import PrintedBook

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class ConversionTools:
    """What conversion works with; `limits` are those of our own steps in the sandbox.

    `recognition` reads scans. `on_step` hears what is being done, in words for people. `compares`:
    what an EPUB lacks of its source is sought and told.
    """

    browser: Browser
    typesetter: Typesetter
    limits: sandbox.Limits = field(default_factory=sandbox.Limits)
    on_step: Callable[[str], None] = lambda step: None  # noqa: ARG005
    recognition: PageRecognition = field(default_factory=PageRecognition)
    compares: bool = True

    @property
    def version(self) -> str:
        """What printed a book: another browser may print it otherwise."""
        engines = (engine.version for engine in self.recognition.engines)
        return ", ".join([self.browser.version, self.typesetter.version, *engines])


@dataclass(frozen=True)
class ConvertedBook:
    """Files of one edition below the scratch folder, and how they came about."""

    epub: Path
    pdf: Path
    text: Path
    cover: "Cover"
    pages: int
    engine: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class ConvertedForm:
    """One form of a book, what was lost on the way to it, and a PDF's pages and maker."""

    path: Path
    findings: tuple[Finding, ...]
    pages: int | None = None
    engine: str = ""


def convert(
    source: Path, format_: BookFormat, claims: Claims, tools: ConversionTools, folder: Path
) -> ConvertedBook:
    """The manuscript at `source` in all its forms, written below `folder`, which is empty.

    Raises BookError where the book cannot be converted, LimitExceeded where it asks for too much,
    ServiceError where a tool does not work.
    """
    work = _Work(tools, folder)
    if format_ is BookFormat.PDF:
        return work.of_pdf(source, claims)
    return work.of_text(source, format_, claims)


def make_epub(
    source: Path, format_: BookFormat, claims: Claims, tools: ConversionTools, folder: Path
) -> ConvertedForm:
    """The manuscript at `source` as canonical EPUB 3 alone, below `folder`; raises as `convert`."""
    work = _Work(tools, folder)
    if format_ is BookFormat.PDF:
        _, active = work.clean(source)
        recognized = work.recognize(claims)
        made = work.epub_of_pdf(source, claims, recognized)
        return ConvertedForm(work.epub, active + recognized.findings + made.findings)
    return ConvertedForm(work.epub, work.epub_of_text(source, format_, claims))


def make_pdf(
    source: Path, format_: BookFormat, claims: Claims, tools: ConversionTools, folder: Path
) -> ConvertedForm:
    """The manuscript at `source` as reading PDF alone, below `folder`; raises as `convert`."""
    work = _Work(tools, folder)
    if format_ is BookFormat.PDF:
        pages, active = work.clean(source)
        recognized = work.recognize(claims)
        return ConvertedForm(work.pdf, active + recognized.findings, pages, "pdf")
    lost = work.epub_of_text(source, format_, claims)
    printed = work.print()
    return ConvertedForm(work.pdf, lost + printed.findings, printed.pages, printed.engine)


class _Work:
    """One conversion in its folder."""

    def __init__(self, tools: ConversionTools, folder: Path) -> None:
        self._tools = tools
        self._folder = folder
        self.epub = folder / "book.epub"
        self.pdf = folder / "book.pdf"

    def of_text(self, source: Path, format_: BookFormat, claims: Claims) -> ConvertedBook:
        """EPUBs, Kindle books and manuscripts: the canonical EPUB, then its PDF."""
        from ebook_pipeline.books.converting import covers

        findings = self.epub_of_text(source, format_, claims)
        folder = self._sub("cover")
        sought = covers.sought_cover(self.epub, folder)
        printed = self.print(covers.drawing_of(sought, folder))
        cover = covers.epub_cover(sought, folder)
        return self._converted(cover, printed.pages, printed.engine, findings + printed.findings)

    def of_pdf(self, source: Path, claims: Claims) -> ConvertedBook:
        """PDFs: the reading PDF is the PDF itself, scans with their text laid over them."""
        from ebook_pipeline.books.converting import covers

        pages, active = self.clean(source)
        recognized = self.recognize(claims)
        active += recognized.findings
        made = self.epub_of_pdf(source, claims, recognized)
        told = made.metadata
        book = covers.CoverCandidate(told.title, told.authors, language=told.language)
        cover = covers.pdf_cover(self.pdf, book, self._sub("cover"))
        return self._converted(cover, pages, "pdf", active + made.findings)

    def epub_of_text(
        self, source: Path, format_: BookFormat, claims: Claims
    ) -> tuple[Finding, ...]:
        """Write the canonical EPUB of an EPUB, Kindle book or manuscript; what was lost."""
        self._tools.on_step("making the EPUB")
        lost: tuple[Finding, ...] = ()
        authored = source
        if format_ is not BookFormat.EPUB:
            authored = self._folder / "authored.epub"
            lost = self._author(source, format_, claims, authored)
        lost += self._call(canonical_epub, authored, self.epub)
        return lost + self._compared(source, format_, lost)

    def _author(
        self, source: Path, format_: BookFormat, claims: Claims, target: Path
    ) -> tuple[Finding, ...]:
        if format_ is BookFormat.MOBI:
            from ebook_pipeline.books.converting.from_kindle import epub_from_mobi

            return self._call(epub_from_mobi, source, target, claims)
        from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript

        return epub_from_manuscript(source, format_, target, claims, self._tools.typesetter)

    def clean(self, source: Path) -> tuple[int, tuple[Finding, ...]]:
        """Write the PDF without what acts in it; its pages and what was taken out."""
        from ebook_pipeline.books.converting.to_pdf.clean_pdf import clean_pdf

        self._tools.on_step("cleaning the PDF")
        return self._call(clean_pdf, source, self.pdf)

    def recognize(self, claims: Claims) -> RecognizedPdf:
        """Lay text over the scans of the cleaned PDF, if it has any."""
        language = language_tag(claims.language or "")
        recognition, on_step = self._tools.recognition, self._tools.on_step
        recognized = recognize_scans(self.pdf, self._folder, language, recognition, on_step)
        if recognized.pdf is not None:
            recognized.pdf.replace(self.pdf)
        return recognized

    def epub_of_pdf(
        self, source: Path, claims: Claims, recognized: RecognizedPdf
    ) -> "PdfConversion":
        """Write the EPUB of the cleaned PDF that was made of `source`."""
        from ebook_pipeline.books.converting.from_pdf import epub_from_pdf

        self._tools.on_step("making the EPUB")
        made = self._call(epub_from_pdf, recognized.level or self.pdf, self.epub, claims)
        compared = self._compared(recognized.level or source, BookFormat.PDF, made.findings)
        return replace(made, findings=made.findings + compared)

    def _compared(
        self, source: Path, format_: BookFormat, said: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        """What the EPUB has not of its source, where a reader for the comparison is written."""
        if not (self._tools.compares and text_comparison.can_read(format_)):
            return ()
        self._tools.on_step("comparing the text")
        try:
            return self._call(text_comparison.compare_texts, source, format_, self.epub, said)
        except BookError as error:
            return (text_comparison.unchecked_finding(error),)

    def print(self, drawing: Drawing | None = None) -> "PrintedBook":
        """Write the PDF of the canonical EPUB; where a browser does, it pictures `drawing` too."""
        self._tools.on_step("printing")
        if self._tools.browser.available:
            from ebook_pipeline.books.converting.to_pdf.reading_pdf import print_epub

            scratch = self._sub("print")
            return print_epub(self.epub, self.pdf, self._tools.browser, scratch, drawing)
        from ebook_pipeline.books.converting.to_pdf.typeset_pdf import typeset_epub

        return typeset_epub(self.epub, self.pdf, self._tools.typesetter, self._sub("typeset"))

    def _converted(
        self, cover: "Cover", pages: int, engine: str, findings: tuple[Finding, ...]
    ) -> ConvertedBook:
        text = self._folder / "book.txt"
        self._call(write_plain_text, self.epub, text)
        return ConvertedBook(
            self.epub, self.pdf, text, cover, pages, engine, findings + cover.findings
        )

    def _sub(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder

    def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return sandbox.call(
            function, *args, limits=self._tools.limits, files=None, held=None, **kwargs
        )
