"""PalmDOC's bare text as markup: paragraphs, and headings where a line says that it is one."""

import re
from html import escape

from ebook_pipeline.books.formats.kindle.book import KindleBook

_TAGS = (b"<html", b"<body", b"<p>", b"<p ", b"<h1", b"<h2", b"<div")
_HEAD = 4096
"""Bytes in which markup shows if the text is no bare one."""
_LINES_PER_BLANK = 20
"""Lines for each blank line, above which every line is a paragraph."""
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_HEADING = re.compile(
    r"(?:chapter|part|book|act|prologue|epilogue|preface|introduction|contents)\b.{0,80}"
    r"|[IVXLC]{1,8}\.?",
    re.IGNORECASE,
)


def book_markup(book: KindleBook) -> tuple[bytes, str]:
    """The book's text as HTML and its encoding; bare text, which only PalmDOC holds, is wrapped."""
    data = book.text()
    if book.header.version or any(tag in data[:_HEAD].lower() for tag in _TAGS):
        return data, book.encoding.name
    lines = "\n".join(
        _block(part, book.title)
        for part in _paragraphs(_lines(data.decode(book.encoding.name, "replace")))
    )
    return f"<html><body>{lines}</body></html>".encode(), "utf-8"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")


def _paragraphs(text: str) -> list[str]:
    """Parts between blank lines; where there are hardly any, every line is a paragraph."""
    parts = _BLANK_LINES.split(text)
    if len(parts) * _LINES_PER_BLANK < text.count("\n"):
        parts = text.split("\n")
    return [" ".join(part.split()) for part in parts if part.strip()]


def _block(paragraph: str, title: str) -> str:
    if paragraph.casefold() == title.casefold():
        return f"<h1>{escape(paragraph)}</h1>"
    tag = "h2" if _HEADING.fullmatch(paragraph) else "p"
    return f"<{tag}>{escape(paragraph)}</{tag}>"
