"""Kindle books as the comparison reads them: the markup of every document, by Python's own parser.

Words alone are compared: pictures, links and notes are numbered by places in the text, which only
a converter resolves.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ebook_pipeline.books.converting.text_comparison.source_readers.html import (
    OPTIONAL,
    read_markup,
)
from ebook_pipeline.books.converting.text_comparison.source_text import Passage, SourceText
from ebook_pipeline.books.formats.kindle.book import KindleBook, opened
from ebook_pipeline.books.formats.kindle.kf8 import assemble

_MARKUP = re.compile(r"<(?:html|body|p|div|h[1-6])\b", re.IGNORECASE)
_PICTURE = re.compile(r"<ima?ge?\b[^<>]*>", re.IGNORECASE)
_MARK = re.compile(
    r"<a\b[^<>]{1,2000}>(?:<[^<>]{1,200}>){0,4}([\[(]?\d{1,4}[\])]?)(?:</[^<>]{1,200}>){0,4}</a>",
    re.IGNORECASE,
)
"""A link of a number: the mark of a note, which is no word, or a line of contents."""
_ALTERNATIVE = re.compile(r"""\salt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_UNREAD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def read(path: Path) -> SourceText:
    """Every word of the part that a conversion starts from. Raises BookError (``mobi.…``)."""
    with opened(path) as file:
        book = file.best
        documents = [_passages(book, text) for text in _documents(book)]
    return SourceText(passages=[passage for passages in documents for passage in passages])


def _documents(book: KindleBook) -> Iterator[str]:
    whole = not book.header.is_kf8
    parts = [book.text()] if whole else [part.data for part in assemble(book).documents]
    for data in parts:
        yield _UNREAD.sub(" ", data.decode(book.encoding.name, "replace"))


def _passages(book: KindleBook, text: str) -> list[Passage]:
    """Of markup, or of bare text, which only PalmDOC holds."""
    if book.header.version or _MARKUP.search(text):
        if book.header.is_kf8:  # whose notes keep their roles: their marks are no words
            text = _MARK.sub(rf"<{OPTIONAL}>\1</{OPTIONAL}>", text)
        return list(read_markup(_PICTURE.sub(_described, text)).passages)
    return [Passage(line) for line in text.splitlines() if line.strip()]


def _described(picture: re.Match[str]) -> str:
    """A picture's description stands in the book's text where the file lacks the picture."""
    alternative = _ALTERNATIVE.search(picture[0])
    text = "" if alternative is None else alternative[1] or alternative[2] or ""
    return f"<{OPTIONAL}>{text}</{OPTIONAL}>" if text.strip() else ""
