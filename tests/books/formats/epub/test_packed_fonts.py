"""Fonts that unpack to more than a browser should take are refused by what their header says."""

import struct
from pathlib import Path

import pytest

from ebook_pipeline.books.formats.epub import ocf
from tests.support.books.epub import epub


@pytest.mark.parametrize("signature", [b"wOFF", b"wOF2"])
def test_a_font_that_unpacks_too_far_is_refused(tmp_path: Path, signature: bytes) -> None:
    largest = ocf.LARGEST_FONT
    fonts: dict[str, str | bytes] = {
        f"EPUB/{size}.woff": struct.pack(">4sIIHHI", signature, 0x10000, 99, 1, 0, size) + bytes(79)
        for size in (largest, largest + 1)
    }
    found = ocf.inspect(epub(tmp_path / "a.epub", fonts)).findings
    said = [finding.place for finding in found if finding.rule == "container.bomb"]
    assert said == [f"EPUB/{largest + 1}.woff"]
