"""The first record of a book: PalmDOC's header, MOBI's, and the title behind it.

https://wiki.mobileread.com/wiki/MOBI#MOBI_Header
"""

import locale
from dataclasses import dataclass, replace
from struct import unpack_from

from ebook_pipeline.books.formats.kindle.palm_database import damaged

ABSENT = 0xFFFFFFFF
COMPRESSIONS = {1: "none", 2: "palmdoc", 17480: "huffcdic"}
_NO_RECORD = 0xFFFF
"""Written for "none" in sixteen bits; a database, which counts in as many, has no such record."""
_PALMDOC, _MOBI = 16, 16
_LONGEST_TITLE = 10_000
"""Bytes."""


@dataclass(frozen=True)
class MobiHeader:
    """One book's header. Record numbers count from its own first record, or are `ABSENT`.

    `title` is in the book's encoding. `version` is 0 for PalmDOC, 6 for Mobipocket, 8 for KF8.
    `trailers` says which records of text end with data that is no text; `length` is the MOBI
    header's as it says itself.
    """

    compression: int
    text_length: int
    text_records: int
    record_size: int
    encryption: int
    version: int = 0
    length: int = 0
    kind: int = 2
    codepage: int = 1252
    unique_id: int = 0
    title: bytes = b""
    language: str = ""
    dictionary_in: str = ""
    dictionary_out: str = ""
    orth_index: int = ABSENT
    inflection_index: int = ABSENT
    first_resource: int = ABSENT
    huff_record: int = ABSENT
    huff_count: int = 0
    has_exth: bool = False
    trailers: int = 0
    ncx_index: int = ABSENT
    fdst: int = ABSENT
    fragment_index: int = ABSENT
    skeleton_index: int = ABSENT
    guide_index: int = ABSENT

    @property
    def is_kf8(self) -> bool:
        return self.version >= 8


def read_header(record: bytes, *, mobi: bool) -> MobiHeader:
    """The header in a book's first record; `mobi` is False for PalmDOC's shorter one.

    Raises BookError (``mobi.damaged``).
    """
    if len(record) < _PALMDOC:
        raise damaged("its first record is too short")
    compression, length, records, size, encryption = unpack_from(">HxxIHHH", record)
    if not mobi:
        return MobiHeader(compression, length, records, size, 0)
    if record[16:20] != b"MOBI":
        raise damaged("its first record is no header of a book")
    head = MobiHeader(compression, length, records, size, encryption)
    return _with_indices(_with_book(head, _Fields(record)), _Fields(record))


def _with_book(head: MobiHeader, fields: "_Fields") -> MobiHeader:
    """What the MOBI header says of the book."""
    return replace(
        head,
        version=fields.number(0x24, 0),
        length=fields.length,
        kind=fields.number(0x18, 2),
        codepage=fields.number(0x1C, 1252),
        unique_id=fields.number(0x20, 0),
        title=fields.title(),
        language=language_tag(fields.number(0x5C, 0)),
        dictionary_in=language_tag(fields.number(0x60, 0)),
        dictionary_out=language_tag(fields.number(0x64, 0)),
        has_exth=bool(fields.number(0x80, 0) & 0x40),
        trailers=_trailers(fields),
    )


def _with_indices(head: MobiHeader, fields: "_Fields") -> MobiHeader:
    """Where the header says that the book's tables lie."""
    return replace(
        head,
        orth_index=fields.record_number(0x28),
        inflection_index=fields.record_number(0x2C),
        first_resource=fields.record_number(0x6C),
        huff_record=fields.record_number(0x70),
        huff_count=fields.number(0x74, 0),
        ncx_index=fields.record_number(0xF4),
        fdst=fields.record_number(0xC0) if head.is_kf8 else ABSENT,
        fragment_index=fields.record_number(0xF8) if head.is_kf8 else ABSENT,
        skeleton_index=fields.record_number(0xFC) if head.is_kf8 else ABSENT,
        guide_index=fields.record_number(0x104) if head.is_kf8 else ABSENT,
    )


def language_tag(code: int) -> str:
    """The BCP 47 tag of a Windows locale (``0x0809`` is ``en-GB``); empty for unknown ones."""
    name = locale.windows_locale.get(code)
    if name is None and code & 0xFF:
        neutral = locale.windows_locale.get(0x0400 | (code & 0xFF), "")
        return neutral.split("_")[0]
    return (name or "").replace("_", "-")


@dataclass(frozen=True)
class _Fields:
    """The header's numbers by their place, as far as it says that it reaches."""

    record: bytes

    @property
    def length(self) -> int:
        return int.from_bytes(self.record[20:24], "big")

    def number(self, at: int, absent: int = ABSENT) -> int:
        if at + 4 > min(_MOBI + self.length, len(self.record)):
            return absent
        return int.from_bytes(self.record[at : at + 4], "big")

    def record_number(self, at: int) -> int:
        """The number of a record, counted from this one; `ABSENT` in each way of writing it."""
        number = self.number(at)
        return number if 0 < number < _NO_RECORD else ABSENT

    def title(self) -> bytes:
        start, length = self.number(0x54, 0), self.number(0x58, 0)
        return self.record[start : start + min(length, _LONGEST_TITLE)] if start else b""


def _trailers(fields: _Fields) -> int:
    """The extra data flags, which headers of 228 bytes and more have."""
    return fields.number(0xF0, 0) & 0xFFFF if fields.length >= 0xE4 else 0
