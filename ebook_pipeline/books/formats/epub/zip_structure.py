"""The ZIP as bytes: its directory, its local headers, and what its entries really inflate to.

Nothing is written to disk and no more than the bounds is inflated. APPNOTE.TXT 6.3.10,
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ebook_pipeline.foundation.findings import Finding, Severity

STORED, DEFLATED = 0, 8
HEAD_BYTES = 64
"""The first bytes of an entry that are kept to tell what it is."""
_CODES = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_ENTITY_MARKS = tuple("<!ENTITY".encode(code) for code in _CODES)
_LONGEST_MARK = max(map(len, _ENTITY_MARKS))
_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_LOCAL = struct.Struct("<4s2xHH4x4xIIHH")
_LOCAL_SIZE = 30
_END = b"PK\x05\x06"
_END_SIZE = 22
_END_FIELDS = struct.Struct("<4s4H2L2x")
_END64, _LOCATOR64 = struct.Struct("<4s8x4x2L4Q"), struct.Struct("<4s4xQ4x")
_SIZE64 = _END64.size + _LOCATOR64.size
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF
"""What a field says that leaves its value to ZIP64, §4.4.1.4."""
_UTF8, _ENCRYPTED, _SIZES_FOLLOW = 0x800, 0x1, 0x8
_UNICODE_NAME = 0x7075
"""The extra field by which some programs name an entry, and others don't, §4.6.9."""
_CHUNK = 1 << 18
"""Bytes that are read or inflated at a time."""
_CUT_OFF = "Export the book again and compare the sizes: it may have been cut off on its way."


@dataclass(frozen=True)
class Bounds:
    """What one book may hold; sizes in bytes.

    `ratio` is of inflated to compressed bytes, of which Deflate reaches 1032; it counts from
    `ratio_from` inflated bytes on. `whole_ratio` and `whole_ratio_from` are the same of the whole
    book: many small bombs are one. Real books of the corpus reach 4, made-up extremes 20.
    """

    entries: int = 20_000
    entry_bytes: int = 1 << 30
    total_bytes: int = 4 << 30
    ratio: float = 250.0
    ratio_from: int = 16 << 20
    whole_ratio: float = 100.0
    whole_ratio_from: int = 64 << 20
    name_length: int = 1024
    directory_bytes: int = 32 << 20

    def most_bytes(self, packed: int) -> int:
        """How many bytes a book of `packed` bytes may unpack to."""
        return min(self.total_bytes, max(self.whole_ratio_from, int(self.whole_ratio * packed)))


@dataclass(frozen=True)
class EntryMeasure:
    """An entry when inflated: its length, CRC-32, first bytes, and how reading ended.

    `declares` says that it is markup with ``<!ENTITY`` somewhere in it.
    """

    length: int = 0
    crc: int = 0
    head: bytes = b""
    declares: bool = False
    trouble: str | None = None


def fatal(rule: str, message: str, place: str = "", remedy: str = "") -> Finding:
    """A finding that forbids to go on."""
    return Finding(rule=rule, severity=Severity.FATAL, message=message, place=place, remedy=remedy)


def directory_finding(path: Path, bounds: Bounds) -> Finding | None:
    """What forbids even to read the central directory: not there, or too large."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_SIZE - 65_535 - _SIZE64))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        return fatal(
            "container.unreadable",
            "The file is no ZIP container, or its end is missing.",
            remedy=_CUT_OFF,
        )
    if _is_ambiguous(tail, at, size - len(tail)):
        text = "The container has two directories: which of them counts is anybody's guess."
        return fatal("container.header", text, remedy="Pack the book with an ordinary EPUB tool.")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if length > bounds.directory_bytes and length != 0xFFFFFFFF:
        return fatal("container.entries", f"The directory of files is {length} bytes long.")
    if length == 0xFFFFFFFF and size > bounds.directory_bytes:
        return fatal("container.zip64", "A ZIP64 directory of unknown length in a large file.")
    return None


def _is_ambiguous(tail: bytes, at: int, start: int) -> bool:
    """Whether programs may find different directories, where Python finds the end `at` in `tail`.

    `start` is where `tail` begins in the file. Python takes the last end that it sees, and ZIP64's
    fields wherever they are; others want an end that reaches to the file's, and ZIP64's only where
    its own leave them the word; some go to the place that is named, others to that before the end.
    """
    ends = list(_ends(tail))
    if ends and ends != [at]:
        return True
    _, *fields = _END_FIELDS.unpack(tail[at : at + _END_SIZE])
    before = at
    if tail[max(at - _LOCATOR64.size, 0) : at].startswith(b"PK\x06\x07"):
        before = at - _SIZE64
        wide = _zip64(tail, at, start)
        limits = (_MOST_16,) * 4 + (_MOST_32,) * 2
        if wide is None or any(
            low not in (high, most) for low, high, most in zip(fields, wide, limits, strict=True)
        ):
            return True
        fields = wide
    *_, length, offset = fields
    return bool(offset + length != start + before)


def _zip64(tail: bytes, at: int, start: int) -> list[int] | None:
    """The fields of the ZIP64 end before the end `at`; None where it is not where it should be."""
    if at < _SIZE64:
        return None
    _, place = _LOCATOR64.unpack(tail[at - _LOCATOR64.size : at])
    mark, *fields = _END64.unpack(tail[at - _SIZE64 : at - _LOCATOR64.size])
    return fields if mark == b"PK\x06\x06" and place == start + at - _SIZE64 else None


def _ends(tail: bytes) -> Iterator[int]:
    """Where a directory's end may lie: its comment reaches exactly to the end of the file."""
    at = tail.find(_END)
    while at >= 0:
        comment = int.from_bytes(tail[at + 20 : at + _END_SIZE], "little")
        if at + _END_SIZE + comment == len(tail):
            yield at
        at = tail.find(_END, at + 1)


def layout_findings(path: Path, entries: list[zipfile.ZipInfo]) -> Iterator[Finding]:
    """Entries that overlap, lie outside the file, or whose two headers disagree."""
    end_of_last, last = 0, ""
    size = path.stat().st_size
    with path.open("rb") as file:
        for entry in sorted(entries, key=lambda listed: listed.header_offset):
            local = _local(file, entry)
            if local is None:
                yield fatal(
                    "container.header",
                    "The file has no header where the directory says.",
                    entry.filename,
                    _CUT_OFF,
                )
                continue
            start, name, finding = local
            if finding is not None:
                yield finding
            if entry.header_offset < end_of_last:
                yield _overlap(entry.filename, last)
            end_of_last, last = start + entry.compress_size, entry.filename
            if end_of_last > size:
                yield fatal(
                    "container.header", "The file ends behind the container.", name, _CUT_OFF
                )


def _overlap(name: str, other: str) -> Finding:
    return fatal(
        "container.overlap",
        f"The file shares its bytes with {other}: a trick of decompression bombs.",
        name,
        "Pack the book with an ordinary EPUB tool.",
    )


def _local(file: IO[bytes], entry: zipfile.ZipInfo) -> tuple[int, str, Finding | None] | None:
    """Where the data begins, the name in the local header, and how the headers disagree."""
    if entry.header_offset < 0:  # bytes are missing from the file's beginning
        return None
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_SIZE)
    if len(header) < _LOCAL_SIZE or header[:4] != b"PK\x03\x04":
        return None
    _, flags, method, packed, length, name_length, extra_length = _LOCAL.unpack(header)
    raw, extra = file.read(name_length), file.read(extra_length)
    listed = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437", "replace")
    start = entry.header_offset + _LOCAL_SIZE + name_length + extra_length
    finding = None
    sizes = ((packed, entry.compress_size), (length, entry.file_size))
    if (
        raw != listed
        or method != entry.compress_type
        or (flags ^ entry.flag_bits) & _ENCRYPTED
        or (not flags & _SIZES_FOLLOW and any(_contradicts(*pair) for pair in sizes))
        or any(_renames(raw, fields) for fields in (extra, entry.extra))
    ):
        finding = fatal(
            "container.header",
            f"The directory and the file's own header ({raw[:200]!r}) disagree.",
            entry.filename,
            "Pack the book with an ordinary EPUB tool.",
        )
    return start, entry.filename, finding


def _contradicts(own: int, listed: int) -> bool:
    """Whether a size of a file's own header is another than the directory's; 0 is often unsaid."""
    return own not in (0, _MOST_32, listed)


def _renames(name: bytes, extra: bytes) -> bool:
    """Whether an extra field calls the entry `name` otherwise than by the same in Unicode."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        other, extra = extra[9 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_NAME:
            leads_out = b".." in other.split(b"/") or b"\\" in other or other.startswith(b"/")
            if leads_out or (name.isascii() and other != name):
                return True
    return False


def is_encrypted(entry: zipfile.ZipInfo) -> bool:
    """Whether a ZIP password is set on the entry: OCF forbids that."""
    return bool(entry.flag_bits & _ENCRYPTED)


def measure_entry(
    file: IO[bytes], entry: zipfile.ZipInfo, bounds: Bounds, left: int
) -> EntryMeasure:
    """Inflate `entry`, counting; stop at the entry's bound or when `left` bytes are used up."""
    start = _data_start(file, entry)
    if start is None:
        return EntryMeasure(trouble="missing")
    limit = min(bounds.entry_bytes, left)
    file.seek(start)
    pieces = _pieces(file, entry.compress_size, entry.compress_type == DEFLATED)
    return _count(pieces, entry, bounds, limit)


class _Count:
    """The running figures of one entry."""

    def __init__(self) -> None:
        self.length, self.crc = 0, 0
        self.head, self.end = b"", b""
        self.declares = False
        self._markup: bool | None = None

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        self.crc = zlib.crc32(piece, self.crc)
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]
        if self._markup is None:
            start = piece.lstrip(_BEFORE_MARKUP)
            self._markup = start.startswith(b"<") if start else None
        if self._markup and not self.declares:
            joined = self.end + piece
            self.declares = any(mark in joined for mark in _ENTITY_MARKS)
            self.end = joined[-_LONGEST_MARK:]

    def result(self, trouble: str | None = None) -> EntryMeasure:
        return EntryMeasure(self.length, self.crc, self.head, self.declares, trouble)


def _count(
    pieces: Iterator[bytes], entry: zipfile.ZipInfo, bounds: Bounds, limit: int
) -> EntryMeasure:
    count = _Count()
    most = bounds.ratio * max(entry.compress_size, 1)
    try:
        for piece in pieces:
            count.add(piece)
            if count.length > limit:
                return count.result("size")
            if count.length > max(bounds.ratio_from, most):
                return count.result("ratio")
    except (zlib.error, EOFError) as error:
        return count.result(f"damaged: {error}")
    return count.result()


def _data_start(file: IO[bytes], entry: zipfile.ZipInfo) -> int | None:
    local = _local(file, entry)
    return None if local is None else local[0]


def _pieces(file: IO[bytes], compressed: int, deflated: bool) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if deflated else None
    while compressed > 0:
        data = file.read(min(_CHUNK, compressed))
        if not data:
            raise EOFError("the data ends early")
        compressed -= len(data)
        if inflater is None:
            yield data
            continue
        while data:
            yield inflater.decompress(data, _CHUNK)
            data = inflater.unconsumed_tail
    if inflater is not None:
        yield inflater.flush()
        if not inflater.eof:
            raise EOFError("the compressed data ends early")
