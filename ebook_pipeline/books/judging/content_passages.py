"""Passages of a book that a model of kinds of content reads."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ebook_pipeline.books.text import paragraphs, spread

if TYPE_CHECKING:
    from ebook_pipeline.books.judging.chapters import ParsedChapter

PASSAGES, WORDS = 40, 120
"""Passages of a book and words of one: what a model reads costs a fifth of a second each."""
LONGEST = 1_500
"""Characters of a passage: what has no spaces is cut."""


class ContentPassage(NamedTuple):
    """Some paragraphs of the document at `place`."""

    place: str
    text: str


def content_passages(chapters: Sequence["ParsedChapter"]) -> tuple[ContentPassage, ...]:
    """At most `PASSAGES`, evenly spread over the book."""
    whole = [passage for chapter in chapters for passage in _passages(chapter)]
    return tuple(spread(whole, PASSAGES))


def _passages(chapter: "ParsedChapter") -> Iterator[ContentPassage]:
    """Paragraphs joined until there are `WORDS`."""
    taken: list[str] = []
    count = 0
    for paragraph in paragraphs(chapter.text):
        taken.append(paragraph)
        count += len(paragraph.split())
        if count >= WORDS:
            yield ContentPassage(chapter.place, "\n".join(taken)[:LONGEST])
            taken, count = [], 0
    if taken:
        yield ContentPassage(chapter.place, "\n".join(taken)[:LONGEST])
