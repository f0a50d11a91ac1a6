"""Images by their headers alone: nothing is decoded before its size is known."""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from ebook_pipeline.books.formats.epub.archive import LARGEST_ENTRY, Archive, opened
from ebook_pipeline.foundation.findings import Finding, Severity

MOST_PIXELS = 100_000_000
"""Width times height of an image that a book may have."""
_BEGINNINGS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x0cjP  ",
    b"\xff\x4f\xff\x51",
    b"\0\0\1\0",
)
_MARK_BYTES = 16
"""The first bytes of a file, which say whether it is an image."""
_HEADER_BYTES = 4 << 20
"""The first bytes of an image, in which nearly all tell their size."""
_BEYOND = (1 << 16, 1 << 16)
"""Stands for a width and height that Pillow itself refuses to speak of."""


def oversized_images(path: Path) -> tuple[Finding, ...]:
    """An error for each image of the EPUB at `path` that claims over 100 million pixels."""
    return tuple(_oversized(path))


def _oversized(path: Path) -> Iterator[Finding]:
    with opened(path) as container:
        for name in container.names:
            if _is_image(container.head(name, _MARK_BYTES)):
                width, height = _size(_header(container, name))
                if width * height > MOST_PIXELS:
                    yield _finding(name, width, height)


def _header(container: Archive, name: str) -> bytes:
    """The image as far as its size is told: a JPEG may tell it behind any number of comments."""
    head = container.head(name, _HEADER_BYTES)
    told = len(head) < _HEADER_BYTES or _size(head) != (0, 0)
    return head if told else container.head(name, LARGEST_ENTRY)


def _is_image(mark: bytes) -> bool:
    """By its first bytes: what a file is called does not hinder anyone from decoding it."""
    return mark.startswith(_BEGINNINGS) or mark[4:12] in (b"ftypavif", b"ftypavis", b"ftypheic")


def _size(head: bytes) -> tuple[int, int]:
    """Width and height; (0, 0) for what is no image: the checker speaks of that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(head)) as image:
                return image.size
    except Image.DecompressionBombError:
        return _BEYOND
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return 0, 0


def _finding(name: str, width: int, height: int) -> Finding:
    return Finding(
        rule="image.pixels",
        severity=Severity.ERROR,
        message=f"The image has {_called(width, height)}; 100 million pixels are allowed.",
        place=name,
        remedy="Scale the image down: 4000 pixels on the longer side are plenty.",
    )


def _called(width: int, height: int) -> str:
    if (width, height) == _BEYOND:
        return "far too many pixels"
    return f"{width} × {height} pixels"
