"""The book's title page: the author's own lines where they agree with what the book is called.

A line moves from the text to the title page only where the page prints it.
"""

from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.body import ManuscriptBody, element_text
from ebook_pipeline.books.converting.to_epub.authoring import EpubMetadata, TitleLine
from ebook_pipeline.books.converting.to_epub.conforming import XHTML
from ebook_pipeline.books.formats.manuscripts.title_page import LineKind
from ebook_pipeline.books.records.converted_book import TITLE_GUESSED
from ebook_pipeline.foundation.findings import Finding, Severity

_GUESSES = {
    LineKind.TITLE: (TITLE_GUESSED, "title"),
    LineKind.SUBTITLE: ("convert.subtitle-guessed", "subtitle"),
    LineKind.AUTHOR: ("convert.author-guessed", "author"),
}


def divide_title_page(
    manuscript: ManuscriptBody, metadata: EpubMetadata
) -> tuple[list[etree._Element], tuple[TitleLine, ...]]:
    """The blocks of the text, and the lines of the title page of the book `metadata` describes."""
    marked = manuscript.title_page.lines
    own = [TitleLine(kind, text) for kind, text in manuscript.header.lines]
    own += [TitleLine(kind, element_text(manuscript.blocks[n])) for n, kind in marked.items()]
    if _folded(manuscript.metadata.title) != _folded(metadata.title):
        above = [_paragraph(text) for _, text in manuscript.header.lines]
        return [*above, *manuscript.blocks], tuple(_completed([], metadata))
    kept = [block for number, block in enumerate(manuscript.blocks) if number not in marked]
    return kept, tuple(_completed(own, metadata))


def guessed(manuscript: ManuscriptBody, metadata: EpubMetadata) -> Iterator[Finding]:
    """What of the book's description was guessed from its first lines, and why."""
    taken = {
        LineKind.TITLE: (metadata.title, manuscript.title_page.title),
        LineKind.SUBTITLE: (metadata.subtitle, manuscript.title_page.subtitle),
        LineKind.AUTHOR: (
            ", ".join(metadata.authors),
            ", ".join(manuscript.title_page.authors),
        ),
    }
    for kind, reason in manuscript.title_page.guessed.items():
        rule, name = _GUESSES[kind]
        value, guess = taken[kind]
        if value == guess:
            yield Finding(
                rule=rule,
                severity=Severity.INFO,
                message=f"The manuscript names no {name}; taken: {value!r}, because {reason}.",
                remedy=f"State the {name} where you submit it, or in the manuscript's properties.",
            )


def _completed(own: list[TitleLine], metadata: EpubMetadata) -> list[TitleLine]:
    """The author's `own` lines in their order, with what they leave out where it belongs."""
    lines = list(own)
    kinds = {line.kind for line in own}
    if LineKind.TITLE not in kinds:
        lines.insert(0, TitleLine(LineKind.TITLE, metadata.title))
    if metadata.subtitle and LineKind.SUBTITLE not in kinds:
        title = max(n for n, line in enumerate(lines) if line.kind == LineKind.TITLE)
        lines.insert(title + 1, TitleLine(LineKind.SUBTITLE, metadata.subtitle))
    said = " ".join(_folded(line.text) for line in lines)
    missing = [TitleLine(LineKind.AUTHOR, author) for author in metadata.authors]
    missing += [TitleLine("publisher", metadata.publisher)] if metadata.publisher else []
    return [*lines, *(line for line in missing if _folded(line.text) not in said)]


def _paragraph(text: str) -> etree._Element:
    paragraph = etree.Element(f"{XHTML}p")
    paragraph.text = text
    return paragraph


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
