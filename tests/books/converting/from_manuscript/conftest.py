"""A manuscript of any kind as a book, and what the book then says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import pytest

from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.formats.epub.content import spine_documents
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.typesetter import Typesetter


@dataclass(frozen=True)
class MadeBook:
    """The EPUB at `path` and what its conversion said."""

    path: Path
    findings: tuple[Finding, ...]

    @property
    def package(self) -> PackageDocument:
        return read_package(self.path)

    @property
    def rules(self) -> list[str]:
        return [finding.rule for finding in self.findings]

    @property
    def bodies(self) -> list[str]:
        """The documents' markup, the title page first."""
        return [document.data.decode() for document in spine_documents(self.path, self.package)]

    @property
    def text(self) -> str:
        """All words of the documents on one line."""
        return _words(self.bodies)

    @property
    def chapters(self) -> str:
        """The words behind the title page."""
        return _words(self.bodies[1:])

    @property
    def headings(self) -> list[str]:
        return [entry.title for entry in toc(self.path, self.package)]

    @property
    def authors(self) -> list[str]:
        return [creator.name for creator in self.package.creators]

    @property
    def title_page(self) -> list[tuple[str, str]]:
        """Its lines, each with its class; the title's is empty."""
        lines = re.findall(r'<(?:h1|p class="(\w+)")>(.*?)</', self.bodies[0])
        return [(kind, unescape(text)) for kind, text in lines]

    @property
    def package_source(self) -> str:
        with ZipFile(self.path) as opened:
            return opened.read("EPUB/package.opf").decode()


def _words(bodies: list[str]) -> str:
    text = " ".join(body.partition("<body>")[2] for body in bodies)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


MakeBook = Callable[..., MadeBook]


@pytest.fixture
def book_of(tmp_path: Path, epubcheck: EpubCheck) -> MakeBook:
    """Makes a valid book of a file, or of text in a format."""

    def make(
        source: Path | str | bytes,
        format_: BookFormat | None = None,
        claims: Claims | None = None,
    ) -> MadeBook:
        if not isinstance(source, Path):
            data = source.encode() if isinstance(source, str) else source
            source = tmp_path / "source.txt"
            source.write_bytes(data)
        kind = format_ or media_types.sniff(source)
        target = tmp_path / "made.epub"
        found = epub_from_manuscript(source, kind, target, claims or Claims(), Typesetter())
        wrong = [one for one in epubcheck.check(target) if one.severity >= Severity.WARNING]
        assert wrong == []
        return MadeBook(target, found)

    return make
