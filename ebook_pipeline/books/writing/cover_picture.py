"""A written book's cover: a stranger's picture, opened in the sandbox alone and drawn anew.

What is kept is a JPEG in sRGB without a word of the file's own metadata (where it was taken, by
what camera), upright as its camera was held, and small enough to go with the manuscript's text.
"""

import tempfile
from pathlib import Path

from ebook_pipeline.books.converting.covers import scale_cover
from ebook_pipeline.books.converting.covers.cover_sizes import read_upright
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Limits

MOST_BYTES = 20_000_000
LONGEST = 2560
"""Pixels of the longer side: what shops ask for, KDP help G200645690."""
MOST_KEPT_BYTES = 2 << 20
LIMITS = Limits(seconds=30, megabytes=700)
FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITIES = (90, 80, 65, 45)
"""JPEG's, 1 to 95, the first at which the picture is small enough."""


class CoverFacts(Record):
    """Pixels as they are kept, and what shops will not like of them."""

    width: int
    height: int
    findings: tuple[Finding, ...] = ()


class CoverPicture(CoverFacts):
    """The same with the picture, and the small one that pages show: JPEGs both."""

    picture: bytes
    small: bytes


def cover_picture(given: bytes) -> CoverPicture:
    """The picture as a cover. Raises as `cover_picture_of` does."""
    with tempfile.TemporaryDirectory(prefix="ebooks-given-") as name:
        source = Path(name) / "given"
        source.write_bytes(given)
        return cover_picture_of(source)


def cover_picture_of(source: Path) -> CoverPicture:
    """The same of a file. Raises BookError: ``image.unreadable``, ``image.too-large``."""
    if source.stat().st_size > MOST_BYTES:
        raise BookError("image.too-large", "The cover has more than 20 MB.")
    with tempfile.TemporaryDirectory(prefix="ebooks-cover-") as name:
        folder = Path(name)
        made = sandbox.call(make_cover_picture, source, folder, limits=LIMITS)
        picture, small = ((folder / file).read_bytes() for file in ("picture.jpg", "small.jpg"))
    return CoverPicture(**made.model_dump(), picture=picture, small=small)


def make_cover_picture(source: Path, folder: Path) -> CoverFacts:
    """Write ``picture.jpg`` and ``small.jpg`` into `folder`. Runs in the sandbox."""
    upright = read_upright(source, LONGEST, FORMATS)
    target = folder / "picture.jpg"
    for quality in _QUALITIES:
        upright.save(target, "JPEG", quality=quality, optimize=True, icc_profile=None)
        if target.stat().st_size <= MOST_KEPT_BYTES:
            break
    else:
        raise BookError("image.too-large", "The cover has more detail than can be kept.")
    made = scale_cover(target, folder, "")
    made.medium.rename(folder / "small.jpg")
    return CoverFacts(width=made.width, height=made.height, findings=made.findings)
