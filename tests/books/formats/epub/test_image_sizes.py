"""Images by their headers: too many pixels are refused, whatever the file is called."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from ebook_pipeline.books.formats.epub.image_sizes import oversized_images
from tests.support.books.epub import epub
from tests.support.corpus import named, needs_corpus


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bin", "a"])
def test_an_image_of_too_many_pixels_is_an_error(tmp_path: Path, name: str) -> None:
    book = epub(tmp_path / "b.epub", {f"EPUB/{name}": png(12_000, 12_000)})
    (finding,) = oversized_images(book)
    assert (finding.rule, finding.place) == ("image.pixels", f"EPUB/{name}")
    assert "12000 × 12000 pixels" in finding.message


def test_a_size_that_is_told_behind_comments_is_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.new("L", (8, 8)).save(stream, "JPEG")
    small = bytearray(stream.getvalue())
    struct.pack_into(">HH", small, small.index(b"\xff\xc0") + 5, 60_000, 60_000)
    comments = (b"\xff\xfe" + struct.pack(">H", 65_535) + bytes(65_533)) * 70
    book = epub(tmp_path / "b.epub", {"EPUB/a.jpg": bytes(small[:2]) + comments + small[2:]})
    assert [finding.rule for finding in oversized_images(book)] == ["image.pixels"]


def test_an_ordinary_image_and_what_only_begins_like_one_pass(tmp_path: Path) -> None:
    files = {"EPUB/a.png": png(2000, 3000), "EPUB/b.jpg": b"\xff\xd8\xff no", "EPUB/c": b"BM"}
    assert oversized_images(epub(tmp_path / "b.epub", files)) == ()


@needs_corpus
@pytest.mark.corpus
def test_the_image_bomb_is_found() -> None:
    assert [one.rule for one in oversized_images(named("hostile/image-bomb.epub"))] == [
        "image.pixels"
    ]
