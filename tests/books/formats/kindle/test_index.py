"""Indices: labels, numbers, strings; what is cut off is damage, what is huge is refused."""

import mmap
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from ebook_pipeline.books.formats.kindle import palm_database as palms
from ebook_pipeline.books.formats.kindle.index import Index, read_index
from ebook_pipeline.foundation.errors import BookError
from tests.support.books.kindle import index, palm, varying


def read(tmp_path: Path, records: Sequence[bytes]) -> Index:
    with palms.opened(palm(tmp_path / "i.pdb", records)) as database:
        assert isinstance(database.data, mmap.mmap)
        return read_index(database, 0)


def test_entries_keep_their_numbers_and_strings(tmp_path: Path) -> None:
    name = bytes([0x85]) + b"Title"
    rows = [(b"a", [(1, [7]), (6, [300, 70_000])]), (b"bc", [(6, [1, 2])])]
    found = read(tmp_path, index(rows, [(1, 1, 1), (6, 2, 2)], [name]))
    assert [(one.label, one.tags) for one in found.entries] == [
        (b"a", {1: (7,), 6: (300, 70_000)}),
        (b"bc", {6: (1, 2)}),
    ]
    assert found.string(0) == b"Title"
    assert found.string(1 << 20) == b""


def test_numbers_of_one_byte_up_to_four_are_read_back(tmp_path: Path) -> None:
    numbers = [0, 127, 128, 16_383, 16_384, 1 << 27]
    rows = [(b"x", [(1, [number])]) for number in numbers]
    found = read(tmp_path, index(rows, [(1, 1, 1)]))
    assert [one.tags[1][0] for one in found.entries] == numbers
    assert varying(128) == b"\x01\x80"


@pytest.mark.parametrize(
    ("record", "at", "number"),
    [(0, 0, 0), (0, 4, 1 << 30), (1, 20, 1 << 30), (1, 24, 1 << 31), (1, 24, 900), (0, 200, 0)],
)
def test_an_index_that_lies_is_damage(tmp_path: Path, record: int, at: int, number: int) -> None:
    records = [bytearray(one) for one in index([(b"a", [(1, [7])])], [(1, 1, 1)])]
    struct.pack_into(">I", records[record], at, number)
    with pytest.raises(BookError) as caught:
        read(tmp_path, [bytes(one) for one in records])
    assert caught.value.finding.rule == "mobi.damaged"


def test_more_records_than_there_are_is_damage(tmp_path: Path) -> None:
    records = [bytearray(one) for one in index([(b"a", [(1, [7])])], [(1, 1, 1)])]
    struct.pack_into(">I", records[0], 24, 0xFFFFFFFF)
    with pytest.raises(BookError):
        read(tmp_path, [bytes(one) for one in records])


def test_entries_that_share_bytes_are_damage(tmp_path: Path) -> None:
    meta, data = index([(b"a", [(1, [7])])], [(1, 1, 1)])
    end = struct.unpack_from(">I", data, 20)[0]
    again = bytearray(data[:end] + b"IDXT" + struct.pack(">200H", *[192] * 200))
    struct.pack_into(">I", again, 24, 200)
    with pytest.raises(BookError) as caught:
        read(tmp_path, [meta, bytes(again)])
    assert "overlap" in caught.value.finding.message


def test_of_a_string_no_more_is_read_than_a_title_has(tmp_path: Path) -> None:
    found = read(tmp_path, index([(b"a", [(1, [0])])], [(1, 1, 1)], [varying(9000) + b"x" * 9000]))
    assert len(found.string(0)) == 1024
