"""From a file to its card: the book is read as ingestion would read it, and described."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from ebook_pipeline.books import convert, media_types
from ebook_pipeline.books.cards.card import card
from ebook_pipeline.books.cards.stated import stated
from ebook_pipeline.books.convert.plain_text import write_text
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.librarian import Librarian
from ebook_pipeline.books.locks import Locks
from ebook_pipeline.books.product import Sources
from ebook_pipeline.books.records import BookFormat, Claims, Product
from ebook_pipeline.tools import sandbox

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Drawn:
    """The card as JSON, and the product on it; without one, `finding` says why there is none."""

    card: dict[str, Any]
    product: Product | None = None
    finding: Finding | None = None


@dataclass(frozen=True)
class Drawing:
    """Who draws cards, and with what."""

    librarian: Librarian
    tools: convert.Tools

    def of(self, path: Path, file: str, claims: Claims, folder: Path) -> Drawn:
        """The card of the file at `path`, called `file`; `folder` is empty and ours.

        An EPUB is described as it is, any other format as the EPUB that it becomes. Of a file
        that can't be read the card holds what could be. Raises ServiceError only.
        """
        facts: dict[str, Any] = {}
        try:
            form = self._call(media_types.sniff, path)
            facts = {"format": form.value, **stated(path, form)}
            product = self._product(path, form, claims, folder, facts.get("pages", 0))
        except BookError as error:
            said = error.finding.model_dump(mode="json")
            return Drawn({"file": file, **facts, "findings": [said]}, finding=error.finding)
        return Drawn(card(file, product, facts), product)

    def _product(
        self, path: Path, form: BookFormat, claims: Claims, folder: Path, pages: int
    ) -> Product:
        epub, text = self._epub(path, form, claims, folder), folder / "text.txt"
        self._call(write_text, epub, text)
        sources = Sources(epub, text, claims, submitted=path, form=form, pages=pages)
        return self.librarian.describe(sources, Locks())

    def _epub(self, path: Path, form: BookFormat, claims: Claims, folder: Path) -> Path:
        if form is BookFormat.EPUB:
            return path
        return convert.make_epub(path, form, claims, self.tools, folder).path

    def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return sandbox.call(function, *args, limits=self.tools.limits, **kwargs)
