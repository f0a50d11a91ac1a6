"""The table of contents that a Kindle book carries as an index (NCX)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.encodings import TextEncoding
from ebook_pipeline.books.formats.kindle.index import Index, IndexEntry
from ebook_pipeline.foundation.errors import LimitExceeded

_POSITION, _TITLE, _PARENT, _FRAGMENT = 1, 3, 21, 6
_DEEPEST = 12
"""Levels of a contents list; deeper entries are shown at this one."""
_MOST_ENTRIES = 50_000
"""Lines of one; the Bible has 1,360 chapters."""


@dataclass(frozen=True)
class ContentsEntry:
    """One entry, `level` 1 outermost: a byte of the text, or in KF8 a fragment and an offset."""

    title: str
    level: int
    position: int = -1
    fragment: tuple[int, int] | None = None


def contents(book: KindleBook) -> tuple[ContentsEntry, ...]:
    """The entries in reading order; none where the book carries no index of them.

    Raises BookError (``mobi.damaged``), LimitExceeded (``mobi.index-size``).
    """
    index = book.index(book.header.ncx_index)
    if len(index.entries) > _MOST_ENTRIES:
        raise LimitExceeded("mobi.index-size", "The contents have more than 50,000 lines.")
    children: dict[int, list[int]] = {}
    for number, entry in enumerate(index.entries):
        parent = _first(entry, _PARENT)
        whole = parent is not None and 0 <= parent < number
        children.setdefault(parent if whole and parent is not None else -1, []).append(number)
    return tuple(_entries(index, children, book.encoding))


def _entries(
    index: Index, children: dict[int, list[int]], encoding: TextEncoding
) -> Iterator[ContentsEntry]:
    """Parents come before children in the index, so no entry is its own ancestor."""
    waiting = [(number, 1) for number in reversed(children.get(-1, []))]
    while waiting:
        number, level = waiting.pop()
        line = _entry(index, index.entries[number], level, encoding)
        if line.title:
            yield line
        below = min(level + 1, _DEEPEST)
        waiting += [(child, below) for child in reversed(children.get(number, []))]


def _entry(index: Index, entry: IndexEntry, level: int, encoding: TextEncoding) -> ContentsEntry:
    offset = _first(entry, _TITLE)
    raw = b"" if offset is None else index.string(offset)
    title = encoding.line(raw)
    place = entry.tags.get(_FRAGMENT, ())
    fragment = (place[0], place[1]) if len(place) > 1 else None
    return ContentsEntry(title, level, _first(entry, _POSITION) or 0, fragment)


def _first(entry: IndexEntry, tag: int) -> int | None:
    return next(iter(entry.tags.get(tag, ())), None)
