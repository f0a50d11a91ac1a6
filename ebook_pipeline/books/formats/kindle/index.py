"""Indices (INDX records): labels with tagged numbers, and the strings that these point to.

https://wiki.mobileread.com/wiki/MOBI#INDX_Record; an index is a first record with the table of
tags (TAGX), then its data records, then its strings (CNCX), one after the other: nothing points
back, so nothing can run in circles.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import error, unpack_from

from ebook_pipeline.books.formats.kindle.palm_database import PalmDatabase, damaged
from ebook_pipeline.foundation.errors import LimitExceeded

MOST_ENTRIES = 500_000
"""Lines of one index."""
_MOST_VALUES = 4096
"""Numbers of one entry."""
_LONGEST_STRING = 1024
"""Bytes of a title that are read."""

Tags = dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class IndexEntry:
    """One line of an index: its label, and numbers by tag."""

    label: bytes
    tags: Tags


@dataclass(frozen=True)
class Index:
    """A whole index; `strings` are the records that its offsets point into."""

    entries: tuple[IndexEntry, ...] = ()
    strings: tuple[bytes, ...] = ()

    def string(self, offset: int) -> bytes:
        """The string at `offset`, whose upper half counts records; empty where there is none."""
        number, at = offset >> 16, offset & 0xFFFF
        if number >= len(self.strings):
            return b""
        cursor = _Cursor(self.strings[number], at)
        try:
            length = cursor.number()
        except IndexError:
            return b""
        return cursor.data[cursor.at : cursor.at + min(length, _LONGEST_STRING)]


def read_index(database: PalmDatabase, number: int) -> Index:
    """The index whose first record is `number`. Raises BookError (``mobi.damaged``)."""
    try:
        return _read_index(database, number)
    except (error, IndexError) as caught:
        raise damaged("an index of it is cut off") from caught


def _read_index(database: PalmDatabase, number: int) -> Index:
    first = database.record(number)
    if first[:4] != b"INDX":
        raise damaged("an index is not where the header says")
    length, records, strings = (unpack_from(">I", first, at)[0] for at in (4, 24, 52))
    width, table = _tag_table(first, length)
    entries: list[IndexEntry] = []
    for later in range(number + 1, number + 1 + min(records, len(database))):
        for entry in _entries(database.record(later), width, table):
            entries.append(entry)
            if len(entries) > MOST_ENTRIES:
                raise LimitExceeded("mobi.index-size", "An index has more than 500,000 entries.")
    after = number + 1 + records
    texts = (
        database.record(text_record)
        for text_record in range(after, min(after + strings, len(database)))
    )
    return Index(tuple(entries), tuple(texts))


@dataclass(frozen=True)
class _Tag:
    number: int
    values: int
    mask: int
    ends: bool


def _tag_table(first: bytes, start: int) -> tuple[int, tuple[_Tag, ...]]:
    """How many control bytes an entry has, and which bits of them announce which tag."""
    if first[start : start + 4] != b"TAGX":
        raise damaged("an index has no table of tags")
    end, width = unpack_from(">II", first, start + 4)
    rows = range(start + 12, start + min(end, len(first) - start - 3), 4)
    tag_rows = (unpack_from(">4B", first, at) for at in rows)
    return width, tuple(
        _Tag(number, values, mask, ends == 1) for number, values, mask, ends in tag_rows
    )


def _entries(record: bytes, width: int, table: tuple[_Tag, ...]) -> Iterator[IndexEntry]:
    start, count = unpack_from(">II", record, 20)
    if record[:4] != b"INDX" or record[start : start + 4] != b"IDXT":
        raise damaged("an index lacks a record")
    if count > len(record):
        raise damaged("an index claims more entries than it has bytes")
    read = 0
    for at in unpack_from(f">{count}H", record, start + 4):
        length = record[at]
        label = record[at + 1 : at + 1 + length]
        cursor = _Cursor(record, at + 1 + length)
        yield IndexEntry(label, _tags(cursor, width, table))
        read += cursor.at - at
        if read > len(record):
            raise damaged("entries of an index overlap")


@dataclass
class _Cursor:
    """A place in bytes from which numbers are read: seven bits a byte, the last has its top bit."""

    data: bytes
    at: int
    values: int = field(default=0)

    def number(self) -> int:
        value = 0
        for _ in range(8):
            byte = self.data[self.at]
            self.at += 1
            value = value << 7 | byte & 0x7F
            if byte & 0x80:
                break
        self.values += 1
        if self.values > _MOST_VALUES:
            raise damaged("an entry of an index has too many numbers")
        return value


def _tags(cursor: _Cursor, width: int, table: tuple[_Tag, ...]) -> Tags:
    control = cursor.data[cursor.at : cursor.at + width]
    cursor.at += len(control)
    announced: list[tuple[_Tag, int, int]] = []
    byte = 0
    for tag in table:
        if tag.ends:
            byte += 1
            continue
        bits = control[byte] & tag.mask
        if bits == tag.mask and tag.mask.bit_count() > 1:
            announced.append((tag, 0, cursor.number()))
        elif bits:
            announced.append((tag, bits >> _low_zeros(tag.mask), 0))
    return {tag.number: _values(cursor, tag, count, size) for tag, count, size in announced}


def _values(cursor: _Cursor, tag: _Tag, count: int, size: int) -> tuple[int, ...]:
    if not size:
        return tuple(cursor.number() for _ in range(count * tag.values))
    values, end = [], cursor.at + size
    while cursor.at < end:
        values.append(cursor.number())
    return tuple(values)


def _low_zeros(mask: int) -> int:
    return (mask & -mask).bit_length() - 1
