"""Pages of a picture book with the pictures of others where there are any, ours elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.picture_books import art
from ebook_pipeline.books.picture_books.brief import BookKind, Brief
from ebook_pipeline.books.picture_books.finished_book import Credit, Page
from ebook_pipeline.books.picture_books.painting import PagePainter
from ebook_pipeline.books.picture_books.stage_records import (
    IllustratedPage,
    Illustrations,
    PageAttempts,
)
from ebook_pipeline.books.picture_books.wording_of_books import said
from ebook_pipeline.execution.files import Files
from ebook_pipeline.foundation.findings import Finding


@dataclass(frozen=True)
class Illustrator:
    """What the pages of one book are illustrated by."""

    brief: Brief
    attempts: PageAttempts
    painter: PagePainter
    files: Files

    def page(self, page: Page, prompt: str) -> tuple[IllustratedPage, tuple[Finding, ...]]:
        """The page as it is kept; and what is against a picture that was given or painted."""
        found: tuple[Finding, ...] = ()
        source, credit = self._source(page.number, prompt)
        if source is not None:
            target = self.files.folder() / "fitted.jpg"
            fitted = art.fit(source, self.brief.trim, target)
            found = tuple(one.model_copy(update={"place": _place(page)}) for one in fitted.findings)
            if not found:
                page = art.with_art(page, target.read_bytes(), self.brief.trim)
        kept = IllustratedPage(
            number=page.number,
            page=self.files.keep(page.model_dump_json().encode(), "application/json"),
            prompt=prompt,
            attempt=self.attempts.attempts.get(page.number, 0),
            credit=credit,
        )
        return kept, found

    def _source(self, number: int, prompt: str) -> tuple[Path | None, Credit | None]:
        """A picture for this page and whose it is; a colouring book has our lines alone."""
        brief = self.brief
        if brief.kind is BookKind.COLOURING:
            return None, None
        if (given := self.attempts.art.get(number)) is not None:
            words = "pictures_given_ai" if given.ai != "none" else "pictures_given"
            maker = said(words, brief.language, maker=given.maker or brief.author or "–")
            credit = Credit(part="pictures", maker=maker, ai=given.ai)
            return self.files.path(given.picture), credit
        seed = brief.seed + self.attempts.attempts.get(number, 0)
        painted = self.painter.paint(prompt, art.pixels(brief.trim), seed)
        if painted is None:
            return None, None
        path = self.files.folder() / "painted"
        path.write_bytes(painted)
        model = self.painter.model
        maker = said("pictures_model", brief.language, model=model)
        return path, Credit(part="pictures", maker=maker, model=model, ai="generated")


def illustrated_pages(illustrator: Illustrator, drawn: Sequence[tuple[Page, str]]) -> Illustrations:
    """Every page in order."""
    made = [illustrator.page(page, prompt) for page, prompt in drawn]
    return Illustrations(
        pages=tuple(page for page, _ in made),
        findings=tuple(finding for _, found in made for finding in found),
    )


def _place(page: Page) -> str:
    return f"page {page.number}"
