"""The table of contents that a Kindle book carries as an index (NCX)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ebook_pipeline.books.formats.kindle.book import Book
from ebook_pipeline.books.formats.kindle.index import Entry, Index
from ebook_pipeline.books.formats.kindle.words import words

_POSITION, _TITLE, _PARENT, _FRAGMENT = 1, 3, 21, 6
_DEEPEST = 12


@dataclass(frozen=True)
class Line:
    """One entry, `level` 1 outermost: a byte of the text, or in KF8 a fragment and an offset."""

    title: str
    level: int
    position: int = -1
    fragment: tuple[int, int] | None = None


def contents(book: Book) -> tuple[Line, ...]:
    """The entries in reading order; none where the book carries no index of them."""
    index = book.index(book.header.ncx_index)
    children: dict[int, list[int]] = {}
    for number, entry in enumerate(index.entries):
        parent = _first(entry, _PARENT)
        whole = parent is not None and 0 <= parent < number
        children.setdefault(parent if whole and parent is not None else -1, []).append(number)
    return tuple(_lines(index, children, book.header.encoding))


def _lines(index: Index, children: dict[int, list[int]], encoding: str) -> Iterator[Line]:
    """Parents come before children in the index, so no entry is its own ancestor."""
    waiting = [(number, 1) for number in reversed(children.get(-1, []))]
    while waiting:
        number, level = waiting.pop()
        line = _line(index, index.entries[number], level, encoding)
        if line.title:
            yield line
        below = min(level + 1, _DEEPEST)
        waiting += [(child, below) for child in reversed(children.get(number, []))]


def _line(index: Index, entry: Entry, level: int, encoding: str) -> Line:
    offset = _first(entry, _TITLE)
    raw = b"" if offset is None else index.string(offset)
    title = words(raw, encoding)
    place = entry.tags.get(_FRAGMENT, ())
    fragment = (place[0], place[1]) if len(place) > 1 else None
    return Line(title, level, _first(entry, _POSITION) or 0, fragment)


def _first(entry: Entry, tag: int) -> int | None:
    return next(iter(entry.tags.get(tag, ())), None)
