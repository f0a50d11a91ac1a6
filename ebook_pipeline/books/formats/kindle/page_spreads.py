"""Where documents stand in spreads, from the author's package document if it was kept (RESC)."""

import re

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.foundation.errors import BookError

_SPINE = re.compile(rb"<spine\b.*?</spine>", re.DOTALL)
_SPREADS = frozenset({"page-spread-left", "page-spread-right", "rendition:page-spread-center"})
_LARGEST = 4 << 20
"""Bytes of the record that are read."""


def page_spreads(book: KindleBook, count: int) -> list[str]:
    """For each of `count` documents its place in a spread, such as ``page-spread-left``; or "".

    https://wiki.mobileread.com/wiki/KF8#RESC_section
    """
    spreads = [""] * count
    record = _record(book)
    match = _SPINE.search(record)
    if match is None:
        return spreads
    try:
        root = xml.parse(match[0].replace(b"opf:", b""), recover=True)
    except BookError:
        return spreads
    for itemref in root.iter("{*}itemref"):
        number = itemref.get("skelid", "")
        named = _SPREADS & set(itemref.get("properties", "").split())
        if number.isdigit() and len(number) < 9 and int(number) < count and named:
            spreads[int(number)] = min(named)
    return spreads


def _record(book: KindleBook) -> bytes:
    for number in range(book.base, len(book.database)):
        record = book.database.record(number)
        if record[:4] == b"RESC":
            return record[:_LARGEST]
    return b""
