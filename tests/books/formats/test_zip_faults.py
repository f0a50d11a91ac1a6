"""ZIPs whose offsets and data lead astray are damaged files, whatever Python raises for them."""

import struct
import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.formats.epub import archive, ocf
from ebook_pipeline.books.formats.zip_faults import zip_faults
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.errors import BookError
from tests.support.books.epub import epub


@pytest.fixture
def before_its_beginning(tmp_path: Path) -> Path:
    """A book whose directory says that it stands later than it does: each offset is negative."""
    path = epub(tmp_path / "a.epub")
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\5\6")
    (place,) = struct.unpack_from("<I", data, end + 16)
    struct.pack_into("<I", data, end + 16, place + 5)
    path.write_bytes(data)
    return path


def test_an_offset_before_the_beginning_is_a_fault_of_the_file(before_its_beginning: Path) -> None:
    assert media_types.sniff(before_its_beginning) is BookFormat.EPUB
    assert not ocf.inspect(before_its_beginning).may_be_opened
    with (
        pytest.raises(BookError, match=r"damaged|ZIP"),
        archive.opened(before_its_beginning) as opened,
    ):
        opened.read("mimetype")


@pytest.mark.parametrize(
    "raised", [OSError(22, "Invalid"), OSError("Invalid data stream"), ValueError(), EOFError()]
)
def test_what_the_bytes_are_to_blame_for_is_one_error(raised: Exception) -> None:
    with pytest.raises(zipfile.BadZipFile), zip_faults():
        raise raised


def test_a_disk_that_fails_is_no_fault_of_the_file() -> None:
    with pytest.raises(OSError, match="Input/output"), zip_faults():
        raise OSError(5, "Input/output error")
