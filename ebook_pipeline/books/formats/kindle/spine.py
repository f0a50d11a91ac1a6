"""What the author's package document said of each document, where the book kept it (RESC)."""

import re

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.kindle.book import Book
from ebook_pipeline.foundation.errors import BookError

_SPINE = re.compile(rb"<spine\b.*?</spine>", re.DOTALL)
_SPREADS = frozenset({"page-spread-left", "page-spread-right", "rendition:page-spread-center"})
_LARGEST = 4 << 20


def spine_properties(book: Book, count: int) -> list[str]:
    """For each of `count` documents its place in a spread, such as ``page-spread-left``; or "".

    https://wiki.mobileread.com/wiki/KF8#RESC_section
    """
    found = [""] * count
    record = _record(book)
    match = _SPINE.search(record)
    if match is None:
        return found
    try:
        root = xml.parse(match[0].replace(b"opf:", b""), recover=True)
    except BookError:
        return found
    for itemref in root.iter("{*}itemref"):
        number = itemref.get("skelid", "")
        spreads = _SPREADS & set(itemref.get("properties", "").split())
        if number.isdigit() and len(number) < 9 and int(number) < count and spreads:
            found[int(number)] = min(spreads)
    return found


def _record(book: Book) -> bytes:
    for number in range(book.base, len(book.database)):
        record = book.database.record(number)
        if record[:4] == b"RESC":
            return record[:_LARGEST]
    return b""
