"""A manuscript in, the forms that are sold and read out: EPUB 3, reading PDF, plain text, cover."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from ebook_pipeline.books import covers
from ebook_pipeline.books.convert.canonical import canonical_epub
from ebook_pipeline.books.convert.from_pdf import FromPdf, clean_pdf, epub_from_pdf
from ebook_pipeline.books.convert.manuscript import epub_from_manuscript
from ebook_pipeline.books.convert.plain_text import write_text
from ebook_pipeline.books.convert.reading_pdf import PrintedBook, page_count, print_epub
from ebook_pipeline.books.covers import Cover
from ebook_pipeline.books.epub.package import read_package
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.findings import Finding, Severity
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.typesetter import Typesetter

P = ParamSpec("P")
T = TypeVar("T")

_TYPST = "Set by typst, since no browser was found: the book's own style is lost."


@dataclass(frozen=True)
class Tools:
    """What conversion works with; `limits` are those of our own steps in the sandbox."""

    browser: Browser
    typesetter: Typesetter
    limits: sandbox.Limits = field(default_factory=sandbox.Limits)

    @property
    def version(self) -> str:
        """What printed a book: another browser may print it otherwise."""
        return f"{self.browser.version}, {self.typesetter.version}"


@dataclass(frozen=True)
class Converted:
    """Files of one edition below the scratch folder, and how they came about."""

    epub: Path
    pdf: Path
    text: Path
    cover: Cover
    pages: int
    engine: str
    findings: tuple[Finding, ...] = ()


def convert(
    source: Path, format_: BookFormat, claims: Claims, tools: Tools, folder: Path
) -> Converted:
    """The manuscript at `source` in all its forms, written below `folder`, which is empty.

    Raises BookError where the book cannot be converted, LimitExceeded where it asks for too much,
    ServiceError where a tool does not work.
    """
    if format_ is BookFormat.PDF:
        return _Work(tools, folder).of_pdf(source, claims)
    return _Work(tools, folder).of_text(source, format_, claims)


class _Work:
    """One conversion in its folder."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self._tools = tools
        self._folder = folder
        self._epub = folder / "book.epub"
        self._pdf = folder / "book.pdf"

    def of_text(self, source: Path, format_: BookFormat, claims: Claims) -> Converted:
        """EPUBs and manuscripts: the canonical EPUB, then its PDF."""
        lost: tuple[Finding, ...] = ()
        if format_ is not BookFormat.EPUB:
            authored = self._folder / "authored.epub"
            setter = self._tools.typesetter
            lost = epub_from_manuscript(source, format_, authored, claims, setter)
            source = authored
        findings = lost + self._call(canonical_epub, source, self._epub)
        printed = self._print()
        cover = covers.epub_cover(self._epub, self._tools.browser, self._sub("cover"))
        return self._converted(cover, printed.pages, printed.engine, findings + printed.findings)

    def of_pdf(self, source: Path, claims: Claims) -> Converted:
        """PDFs: the reading PDF is the PDF itself."""
        pages, active = self._call(clean_pdf, source, self._pdf)
        made: FromPdf = self._call(epub_from_pdf, self._pdf, self._epub, claims)
        described = made.described
        cover = covers.pdf_cover(self._pdf, described.title, described.authors, self._sub("cover"))
        return self._converted(cover, pages, "pdf", active + made.findings)

    def _print(self) -> PrintedBook:
        if self._tools.browser.available:
            scratch = self._sub("print")
            return print_epub(self._epub, self._pdf, self._tools.browser, scratch)
        return self._typeset()

    def _typeset(self) -> PrintedBook:
        typesetter = self._tools.typesetter
        if self._call(read_package, self._epub).layout == "pre-paginated":
            raise BookError(
                "convert.needs-browser",
                "A book of fixed layout needs Chromium to become a PDF; none was found.",
            )
        typesetter.print_pdf(self._epub, self._pdf, self._sub("typeset"))
        lost = Finding(rule="convert.typst", severity=Severity.INFO, message=_TYPST)
        return PrintedBook(self._call(page_count, self._pdf), typesetter.version, (lost,))

    def _converted(
        self, cover: Cover, pages: int, engine: str, findings: tuple[Finding, ...]
    ) -> Converted:
        text = self._folder / "book.txt"
        self._call(write_text, self._epub, text)
        return Converted(
            self._epub, self._pdf, text, cover, pages, engine, findings + cover.findings
        )

    def _sub(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder

    def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return sandbox.call(function, *args, limits=self._tools.limits, **kwargs)
