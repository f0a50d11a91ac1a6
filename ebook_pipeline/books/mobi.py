"""MOBI, AZW3 and PalmDOC as a table of records; what the text says is conversion's.

https://wiki.mobileread.com/wiki/MOBI and https://wiki.mobileread.com/wiki/PDB
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ebook_pipeline.books.findings import Finding, Severity

_COUNT_AT, _TABLE_AT, _ROW = 76, 78, 8
_CUT_OFF = "Export the book again and compare the sizes: it may have been cut off on its way."
_UNLOCK = "Submit the book without copy protection: we protect it ourselves when it is released."


@dataclass(frozen=True)
class MobiFacts:
    """`version` is the MOBI version of the first record: 6, 8 (KF8), or 0 for PalmDOC."""

    records: int = 0
    version: int = 0
    encrypted: bool = False


def inspect(path: Path) -> tuple[tuple[Finding, ...], MobiFacts]:
    """Whether the record table is whole and the text readable; never raises for a bad file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_TABLE_AT)
        count = int.from_bytes(header[_COUNT_AT:_TABLE_AT], "big")
        table = file.read(count * _ROW)
        offsets = [offset for offset, _ in struct.iter_unpack(">II", table[: len(table) // 8 * 8])]
        trouble = _trouble(offsets, count, size)
        if trouble:
            return (_damaged(trouble),), MobiFacts(records=count)
        file.seek(offsets[0])
        first = file.read(min(256, _end_of(offsets, 0, size) - offsets[0]))
    return _first_record(first, count, header[60:68] == b"BOOKMOBI")


def _trouble(offsets: list[int], count: int, size: int) -> str | None:
    if count == 0:
        return "it has no records"
    if len(offsets) < count:
        return "its table of records is cut off"
    if any(later < earlier for earlier, later in pairwise(offsets)):
        return "its records overlap"
    if offsets[0] < _TABLE_AT + count * _ROW or offsets[-1] >= size:
        return "a record lies outside the file"
    return None


def _end_of(offsets: list[int], index: int, size: int) -> int:
    return offsets[index + 1] if index + 1 < len(offsets) else size


def _first_record(
    record: bytes, count: int, is_mobi: bool
) -> tuple[tuple[Finding, ...], MobiFacts]:
    if len(record) < 16:
        return (_damaged("its first record is too short"),), MobiFacts(records=count)
    text_records, encryption = struct.unpack(">8xH2xH2x", record[:16])
    version = int.from_bytes(record[36:40], "big") if is_mobi and len(record) >= 40 else 0
    facts = MobiFacts(count, version, is_mobi and encryption != 0)
    if text_records >= count:
        return (_damaged("it lacks records of its text"),), facts
    if facts.encrypted:
        return (_protected(),), facts
    return (), facts


def _damaged(how: str) -> Finding:
    return Finding(
        rule="mobi.damaged",
        severity=Severity.FATAL,
        message=f"The file is damaged: {how}.",
        remedy=_CUT_OFF,
    )


def _protected() -> Finding:
    return Finding(
        rule="protection.kindle",
        severity=Severity.FATAL,
        message="The book is protected with Kindle (Mobipocket) DRM.",
        remedy=_UNLOCK,
    )
