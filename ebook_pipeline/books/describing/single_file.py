"""One file read as ingestion would read it, for those who ask about a file and not about a book."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.describing.describer import Describer
from ebook_pipeline.books.describing.overrides import Overrides
from ebook_pipeline.books.describing.product import DescriptionSources
from ebook_pipeline.books.formats import media_types, pdf
from ebook_pipeline.books.formats.epub.content import write_plain_text
from ebook_pipeline.books.formats.epub.ocf import refuse_unsafe
from ebook_pipeline.books.records import BookFormat, Claims, Product
from ebook_pipeline.books.records.converted_book import TITLE_GUESSED
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class DescribedFile:
    """The book in hand: as EPUB and plain text, described; what was lost on the way to both."""

    epub: Path
    text: Path
    product: Product
    lost: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class SingleFileReader:
    """Who reads files, and with what."""

    describer: Describer
    tools: conversion.ConversionTools

    def without_comparison(self) -> "SingleFileReader":
        """The same for those who ask for the product alone: lost text is not sought.

        Of a PDF of 5,000 pages that is 1 of 10 CPU s.
        """
        return replace(self, tools=replace(self.tools, compares=False))

    def format_of(self, path: Path) -> BookFormat:
        """What the file is by its content. Raises BookError for an empty one."""
        return self._call(media_types.sniff, path)

    def read(self, path: Path, claims: Claims, folder: Path) -> DescribedFile:
        """The book in the file at `path`; `folder` is empty and ours.

        An EPUB is read as it is, any other format as the EPUB that it becomes. Raises BookError
        where the file can't be read, LimitExceeded, ServiceError.
        """
        form = self.format_of(path)
        if form is BookFormat.EPUB:
            self._call(refuse_unsafe, path)
        elif form is BookFormat.PDF:
            pdf.refuse_unsafe(pdf.inspect(path)[0])
        return self.read_inspected(path, form, claims, folder)

    def read_inspected(
        self, path: Path, form: BookFormat, claims: Claims, folder: Path
    ) -> DescribedFile:
        """The same of a file whose format is known, and that it is safe to read."""
        epub, lost = self._epub(path, form, claims, folder)
        text = folder / "text.txt"
        self._call(write_plain_text, epub, text)
        guessed = any(finding.rule == TITLE_GUESSED for finding in lost)
        sources = DescriptionSources(epub, text, claims, submitted=path, form=form, guessed=guessed)
        return DescribedFile(epub, text, self.describer.describe(sources, Overrides()), lost)

    def _epub(
        self, path: Path, form: BookFormat, claims: Claims, folder: Path
    ) -> tuple[Path, tuple[Finding, ...]]:
        if form is BookFormat.EPUB:
            return path, ()
        made = conversion.make_epub(path, form, claims, self.tools, folder)
        return made.path, made.findings

    def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return sandbox.call(
            function, *args, limits=self.tools.limits, files=None, held=None, **kwargs
        )
