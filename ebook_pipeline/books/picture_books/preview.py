"""The first spread of a book before anybody orders it: pages 4 and 5, as quick as one types."""

from ebook_pipeline.books.picture_books.book_maker import colouring_pages
from ebook_pipeline.books.picture_books.brief import BookKind, Brief
from ebook_pipeline.books.picture_books.contact_sheet import pages_png
from ebook_pipeline.books.picture_books.finished_book import Page
from ebook_pipeline.books.picture_books.layout.story_pages import (
    compose_page,
    finished,
    frame_kinds,
)
from ebook_pipeline.books.picture_books.story.planner import write_story
from ebook_pipeline.foundation.record import Record

_SPREAD = (4, 5)
"""The first two pages that lie side by side with a story on both."""


class Preview(Record):
    """The title and one spread, in the planner's words; `png` shows the pages side by side."""

    title: str
    words: tuple[str, ...]
    alts: tuple[str, ...]
    png: bytes


def first_spread(brief: Brief) -> Preview:
    """Pages 4 and 5 of what a brief would become; nobody here asks whether it can be made."""
    title, pages = _pages(brief)
    return Preview(
        title=title,
        words=tuple(
            " ".join(text for block in page.blocks for text in block.paragraphs) for page in pages
        ),
        alts=tuple(page.alt for page in pages),
        png=pages_png(pages, brief.trim, line_art=brief.kind is BookKind.COLOURING),
    )


def _pages(brief: Brief) -> tuple[str, list[Page]]:
    told = write_story(brief)
    if brief.kind is BookKind.COLOURING:
        return told.title, [page for page in colouring_pages(brief, told) if page.number in _SPREAD]
    kinds = frame_kinds(brief, told)
    return told.title, [
        finished(compose_page(brief, told, number - 3, kinds[number - 3]), told, brief)
        for number in _SPREAD
    ]
