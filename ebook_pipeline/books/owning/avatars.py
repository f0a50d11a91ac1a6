"""Pictures of people: a stranger's bytes, opened in the sandbox alone and drawn anew, small."""

from pathlib import Path
from typing import Literal

from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Limits

MOST_BYTES = 4 << 20
MOST_PIXELS = 40_000_000
SIDE = 192
"""Pixels: twice what a page shows, for dense screens."""
LIMITS = Limits(seconds=20, megabytes=500)
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 85
AvatarFault = Literal["too-large", "unreadable"]


def square(source: Path, target: Path) -> AvatarFault | None:
    """Write the middle of the picture at `source` to `target`, a JPEG of `SIDE` pixels a side.

    What is wrong with it, if something is. None of the file's own metadata (where it was taken,
    by what camera) is left, and it stands as its camera was held.
    """
    try:
        return sandbox.call(_square, source, target, limits=LIMITS)
    except BookError:
        return "unreadable"


def _square(source: Path, target: Path) -> AvatarFault | None:
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(source, formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return "too-large"
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
        paper = Image.new("RGBA", upright.size, "white")
        flat = Image.alpha_composite(paper, upright).convert("RGB")
        small = ImageOps.fit(flat, (SIDE, SIDE), Image.Resampling.LANCZOS)
    except Image.DecompressionBombError:
        return "too-large"
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return "unreadable"
    small.save(target, "JPEG", quality=_QUALITY)
    return None
