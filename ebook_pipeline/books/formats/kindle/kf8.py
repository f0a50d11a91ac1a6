"""KF8's text put together again: skeletons filled with fragments, and the flows beside them.

https://wiki.mobileread.com/wiki/KF8; a position in the book is a fragment's place plus an offset.
"""

from bisect import bisect_right
from dataclasses import dataclass
from struct import error, unpack_from

from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.header import ABSENT
from ebook_pipeline.books.formats.kindle.palm_database import damaged
from ebook_pipeline.foundation.errors import LimitExceeded

_SKELETON_FRAGMENTS, _PLACE, _GUIDE_TITLE = 1, 6, 1
_GUIDE_FRAGMENTS = (3, 6)
_MOST_FLOWS = 100_000
_MOST_DOCUMENTS = 10_000
"""Documents of one book; page by page, the longest have some thousands."""
_MOST_MOVED = 1 << 30
"""Bytes that fragments may push on in one document: they are written nearly in order."""


@dataclass(frozen=True)
class Kf8Document:
    """One document of the book: `data` is its markup, `start` its place in the whole text."""

    start: int
    data: bytes


@dataclass(frozen=True)
class Kf8Landmark:
    """A landmark: its kind (``toc``, ``cover``), its title, the fragment that it points to."""

    kind: str
    title: str
    fragment: int


@dataclass(frozen=True)
class Kf8Text:
    """A KF8 book's documents in order, its style sheets and drawings, and where they are cut.

    `flows` are the style sheets and drawings from number 1; `fragments` are bytes of the text.
    """

    documents: tuple[Kf8Document, ...]
    flows: tuple[bytes, ...]
    fragments: tuple[int, ...]
    landmarks: tuple[Kf8Landmark, ...]

    def place(self, fragment: int, offset: int) -> tuple[int, int] | None:
        """The document, and the byte in it, that ``kindle:pos:fid:…:off:…`` names, if there is one.

        https://wiki.mobileread.com/wiki/KF8#Internal_links
        """
        if not 0 <= fragment < len(self.fragments):
            return None
        position = self.fragments[fragment] + offset
        number = bisect_right(self.documents, position, key=lambda document: document.start) - 1
        if number < 0 or position - self.documents[number].start > len(self.documents[number].data):
            return None
        return number, position - self.documents[number].start


def assemble(book: KindleBook) -> Kf8Text:
    """The documents and flows of the KF8 part `book`. Raises BookError (``mobi.damaged``)."""
    flows = _flows(book, book.text())
    skeletons = book.index(book.header.skeleton_index).entries
    fragments = book.index(book.header.fragment_index).entries
    inserts = tuple(_number(fragment.label) for fragment in fragments)
    lengths = [_pair(fragment.tags.get(_PLACE, ()))[1] for fragment in fragments]
    inserted = list(zip(inserts, lengths, strict=True))
    if len(skeletons) > _MOST_DOCUMENTS:
        raise LimitExceeded("mobi.index-size", "The book has more than 10,000 documents.")
    documents, used, total = [], 0, 0
    for skeleton in skeletons:
        start, length = _pair(skeleton.tags.get(_PLACE, ()))
        count = min(
            next(iter(skeleton.tags.get(_SKELETON_FRAGMENTS, ())), 0), len(fragments) - used
        )
        documents.append(_filled(flows[0], start, length, inserted[used : used + count]))
        used += count
        total += len(documents[-1].data)
        if total > 2 * len(flows[0]):
            raise damaged("its documents overlap")
    if not documents and flows[0].strip():
        documents = [Kf8Document(0, flows[0])]
    documents.sort(key=lambda document: document.start)
    return Kf8Text(tuple(documents), tuple(flows[1:]), inserts, _landmarks(book))


def _filled(text: bytes, start: int, length: int, parts: list[tuple[int, int]]) -> Kf8Document:
    """A skeleton with each fragment at its place; the places count what is already put in."""
    at = start + length
    whole = bytearray(text[start:at])
    moved = 0
    for insert, size in parts:
        place = min(max(insert - start, 0), len(whole))
        moved += len(whole) - place
        if moved > _MOST_MOVED:
            raise damaged("its fragments are out of order")
        whole[place:place] = text[at : at + size]
        at += size
    return Kf8Document(start, bytes(whole))


def _flows(book: KindleBook, text: bytes) -> list[bytes]:
    """The text cut where FDST says; all of it where there is no such record."""
    if book.header.fdst == ABSENT:
        return [text]
    record = book.record(book.header.fdst)
    try:
        (count,) = unpack_from(">I", record, 8)
        if record[:4] != b"FDST" or not 0 < count <= _MOST_FLOWS:
            raise damaged("its table of flows is not where the header says")
        bounds = unpack_from(f">{count * 2}I", record, 12)
    except error as caught:
        raise damaged("its table of flows is cut off") from caught
    if sum(
        max(end - start, 0) for start, end in zip(bounds[::2], bounds[1::2], strict=True)
    ) > 2 * len(text):
        raise damaged("its flows overlap")
    return [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


def _landmarks(book: KindleBook) -> tuple[Kf8Landmark, ...]:
    index = book.index(book.header.guide_index)
    landmarks = []
    for entry in index.entries:
        titles = entry.tags.get(_GUIDE_TITLE, ())
        title = book.encoding.line(index.string(titles[0])) if titles else ""
        places = [entry.tags[tag][0] for tag in _GUIDE_FRAGMENTS if entry.tags.get(tag)]
        if places:
            landmarks.append(Kf8Landmark(entry.label.decode("ascii", "replace"), title, places[-1]))
    return tuple(landmarks)


def _number(label: bytes) -> int:
    if not label.isdigit() or len(label) > 10:
        raise damaged("a fragment of its text has no place")
    return int(label)


def _pair(values: tuple[int, ...]) -> tuple[int, int]:
    if len(values) < 2:
        raise damaged("a part of its text has no place")
    return values[0], values[1]
