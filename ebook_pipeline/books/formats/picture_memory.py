"""What it takes to decode a picture, told from its header: nothing is decoded before that.

Bytes for a pixel were measured with Pillow 13.0 as the largest memory of a process that decodes 49
million pixels (2026-11-30); those of WebP and AVIF are held by their own libraries, several times.
"""

from typing import TYPE_CHECKING

from ebook_pipeline.books.formats.jpeg_scans import holds_all_scans

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

MOST_BYTES = 180_000_000
"""Of a picture that is decoded: a process that has read a book takes 60 MB, and may have 300."""
_OF_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_USUAL = 4
_OF_FORMAT = {"WEBP": 16, "AVIF": 16}
"""WebP's frame, its copies and ours, 15.4; AVIF of 8 bits 11, and one of 12 has planes as large
again."""
_COEFFICIENT = 2
"""Bytes of a JPEG's coefficient, of which there is one for each sample."""


def decoding_bytes(opened: "PilImage", pixels: int, data: bytes) -> int:
    """The bytes that decoding takes; what is drafted smaller has so many `pixels` in its file.

    `data` is the file, which is looked at where it is a JPEG.
    """
    each = _OF_FORMAT.get(opened.format or "") or _OF_MODE.get(opened.mode, _USUAL)
    needed = opened.width * opened.height * each
    layers: list[tuple[int, int, int, int]] = getattr(opened, "layer", [])
    if layers and holds_all_scans(data):
        needed += round(pixels * _samples(layers) * _COEFFICIENT)
    return needed


def _samples(layers: "list[tuple[int, int, int, int]]") -> float:
    """Samples for a pixel: chroma is often stored at half the width and height."""
    most = max(wide for _, wide, _, _ in layers) * max(high for _, _, high, _ in layers)
    return sum(wide * high for _, wide, high, _ in layers) / max(most, 1)
