"""What decoding a picture takes is told before it is decoded."""

import io

import pytest
from PIL import Image

from ebook_pipeline.books.formats.jpeg_scans import holds_all_scans
from ebook_pipeline.books.formats.picture_memory import decoding_bytes


@pytest.mark.parametrize(
    ("mode", "kind", "options", "each"),
    [
        ("L", "PNG", {}, 1),
        ("P", "GIF", {}, 1),
        ("I;16", "PNG", {}, 2),
        ("RGB", "PNG", {}, 4),
        ("RGB", "WEBP", {}, 16),
        ("RGB", "JPEG", {"subsampling": "4:2:0"}, 4),
        ("RGB", "JPEG", {"subsampling": "4:2:0", "progressive": True}, 4 + 3),
        ("RGB", "JPEG", {"subsampling": "4:4:4", "progressive": True}, 4 + 6),
        ("L", "JPEG", {"progressive": True}, 1 + 2),
    ],
)
def test_a_header_tells_what_decoding_takes(
    mode: str, kind: str, options: dict[str, object], each: int
) -> None:
    written = io.BytesIO()
    Image.new(mode, (160, 100)).save(written, kind, **options)
    with Image.open(written) as opened:
        assert decoding_bytes(opened, 16_000, written.getvalue()) == 16_000 * each


def test_a_jpeg_whose_colours_come_one_by_one_is_held_whole() -> None:
    written = io.BytesIO()
    Image.new("RGB", (16, 16)).save(written, "JPEG")
    data = bytearray(written.getvalue())
    assert not holds_all_scans(bytes(data))
    data[data.index(b"\xff\xda") + 4] = 1
    assert holds_all_scans(bytes(data))
    assert holds_all_scans(bytes(data[:30] + b"no marker" + data[30:]))
