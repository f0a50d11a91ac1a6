"""Books of the corpus as text and as described by themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.frame import Options
from ebook_pipeline.books.describing.product import DescriptionSources, describe
from ebook_pipeline.books.formats.epub.content import write_plain_text
from ebook_pipeline.books.records import Claims, Product

COPIES = {
    "novels/treasure-island-epub2.epub": "novels/robert-louis-stevenson_treasure-island.epub",
    "novels/frankenstein-repacked.epub": "novels/mary-shelley_frankenstein.epub",
    "novels/frankenstein-retitled.epub": "novels/mary-shelley_frankenstein.epub",
}
"""Novels that are another edition of one in the corpus."""


@dataclass(frozen=True)
class Book:
    """One EPUB of the corpus with its manifest entry; `work` is its first edition's name."""

    entry: dict[str, Any]
    sources: DescriptionSources

    @property
    def name(self) -> str:
        return Path(self.entry["name"]).stem

    @property
    def work(self) -> str:
        return Path(COPIES.get(self.entry["name"], self.entry["name"])).stem

    @property
    def text(self) -> str:
        return self.sources.text.read_text(encoding="utf-8")

    def product(self) -> Product:
        """What submitter, file and text state."""
        return describe(self.sources)


def novels(options: Options) -> Iterator[Book]:
    """The whole books, their text kept between runs."""
    folder = options.folder("texts")
    for entry in options.entries("novel"):
        epub, text = options.corpus / entry["name"], folder / f"{Path(entry['name']).stem}.txt"
        if not text.exists():
            write_plain_text(epub, text)
        yield Book(entry, DescriptionSources(epub, text, Claims()))
