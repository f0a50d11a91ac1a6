"""Pictures: large enough, sharp enough, readable at all, and described for those who can't see."""

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFilter, ImageStat

from ebook_pipeline.books.epub import archive
from ebook_pipeline.books.epub.archive import Archive
from ebook_pipeline.books.epub.package import PackageDocument
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.quality.chapters import Chapter, Picture
from ebook_pipeline.books.quality.part import Part, info, part, warning

DIMENSION = "images"
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MOST_LOOKED_AT = 200
LARGEST_PIXELS = 100_000_000
LARGEST_BYTES = 64 << 20
DECORATION = 150
"""Pictures smaller than this on a side are ornaments and logos: neither sharp nor large."""
SMALL = 400
SMALL_COVER = 600
LOOKED_AT = 1024
BLURRED = 0.02
"""Sharp pictures of our corpus are above .037, half-blurred ones (radius 2) mostly below."""
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow raises for a file that is no sound picture."""
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=8, offset=128)


@dataclass(frozen=True)
class Look:
    """One picture looked at: pixels, and sharpness (None for ornaments and plain areas)."""

    path: str
    width: int
    height: int
    sharpness: float | None


def check(epub: Path, package: PackageDocument, chapters: Sequence[Chapter]) -> Part:
    """1 where no picture has a fault. At most 200 pictures are opened, each at most 100 MP."""
    shown = [picture for chapter in chapters for picture in chapter.pictures]
    silent = [picture for picture in shown if picture.alt is None]
    cover = package.cover.path if package.cover else None
    looks, broken = _look(epub, _raster(package, shown, cover))
    blurred = [look for look in looks if (look.sharpness or 1) < BLURRED]
    small = [look for look in looks if _is_small(look, cover)]
    evidence: dict[str, float | int | str] = {
        "pictures": len({picture.path for picture in shown}),
        "looked_at": len(looks),
        "broken": len(broken),
        "blurred": len(blurred),
        "small": len(small),
        "without_alt": len(silent),
    }
    faulty = {look.path for look in (*blurred, *small)}
    value = 1 - 0.7 * (len(faulty) + len(broken)) / max(1, len(looks) + len(broken))
    value -= 0.3 * len(silent) / max(1, len(shown))
    return part(
        DIMENSION, value, evidence, [*broken, *_findings(blurred, small, cover), *_unsaid(silent)]
    )


def _raster(package: PackageDocument, shown: Sequence[Picture], cover: str | None) -> list[str]:
    """The cover, then the pictures in order, vector graphics left out."""
    vector = {item.path for item in package.manifest if item.media_type == "image/svg+xml"}
    paths = dict.fromkeys([cover, *(picture.path for picture in shown)])
    return [path for path in paths if path and path not in vector][:MOST_LOOKED_AT]


def _look(epub: Path, paths: Sequence[str]) -> tuple[list[Look], list[Finding]]:
    looks, broken = [], []
    with archive.opened(epub) as container:
        for path in paths:
            try:
                looks.append(_measured(container, path))
            except (BookError, *UNREADABLE) as error:
                message = f"The picture cannot be shown: {error}"
                broken.append(warning("images.broken", message, path, "Put a sound file in."))
    return looks, broken


def _measured(container: Archive, path: str) -> Look:
    data = container.read(path, LARGEST_BYTES)
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > LARGEST_PIXELS:
            raise ValueError(f"{width} × {height} pixels are more than a reader can hold")
        picture.draft("L", (LOOKED_AT, LOOKED_AT))
        grey = picture.convert("L")
    if min(width, height) < DECORATION:
        return Look(path, width, height, None)
    grey.thumbnail((LOOKED_AT, LOOKED_AT))
    return Look(path, width, height, _sharpness(grey))


def _sharpness(grey: Image.Image) -> float | None:
    """Variance of the Laplacian over the variance of grey; None for a plain area."""
    contrast = ImageStat.Stat(grey).var[0]
    if contrast < 20:
        return None
    edges = grey.filter(_LAPLACIAN)
    inside = edges.crop((1, 1, edges.width - 1, edges.height - 1))
    return round(64 * ImageStat.Stat(inside).var[0] / contrast, 5)


def _is_small(look: Look, cover: str | None) -> bool:
    if look.path == cover:
        return max(look.width, look.height) < SMALL_COVER
    return look.sharpness is not None and max(look.width, look.height) < SMALL


def _findings(
    blurred: Sequence[Look], small: Sequence[Look], cover: str | None
) -> Iterator[Finding]:
    for look in blurred:
        message = f"The picture looks blurred (sharpness {look.sharpness})."
        yield info("images.blurred", message, look.path, "Put a sharper one in.")
    for look in small:
        rule = "images.small-cover" if look.path == cover else "images.small"
        message = f"The picture has only {look.width} × {look.height} pixels."
        yield info(rule, message, look.path, "Put a larger one in.")


def _unsaid(silent: Sequence[Picture]) -> Iterator[Finding]:
    for picture in silent:
        message = f"The picture {picture.path} has no text for readers who can't see it."
        remedy = 'Write an alt text; alt="" for an ornament.'
        yield info("images.without-alt", message, picture.place, remedy)
