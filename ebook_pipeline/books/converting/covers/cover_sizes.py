"""The sizes of a cover, as sRGB: 1600, 640 and 200 px beside the original, which keeps its bytes.

Colours are those that the picture's ICC profile means; it stands upright, on white, as its first
frame shows it. Nothing is enlarged, and nothing is decoded that would take too many pixels.
"""

import io
import math
import shutil
import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.formats.jpeg_scans import is_drawn_without_end
from ebook_pipeline.books.formats.picture_memory import MOST_BYTES, decoding_bytes
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

LARGE, MEDIUM, THUMBNAIL = 1600, 640, 200
"""Pixels of the longer side."""
LARGEST_PIXELS = 100_000_000
"""Width times height: the largest cover that KDP takes has 10,000 each. A JPEG is decoded smaller;
what decoding another takes is bounded by `picture_memory`."""
_WHOLE = 16_000_000
"""Pixels up to which a picture is converted whole: of a larger one there is no second copy."""
_STRIPE = 1_000_000
"""Pixels that are converted together of a larger one."""
_REDUCED = 1.4
"""Times the longest side that is asked for, to which it is averaged before it is shrunk finely."""
SMALLEST = 1000
"""Pixels of the longer side that shops ask for at least."""
_QUALITY = 85
"""JPEG's, 1 to 95."""
_TYPES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "GIF": ("image/gif", ".gif"),
    "WEBP": ("image/webp", ".webp"),
    "AVIF": ("image/avif", ".avif"),
}
_OF_SEVERAL = "MPO"
"""What Pillow calls a JPEG that more pictures follow, as some cameras write it."""
_ORIENTATION = 0x0112
_LAID_ON_ITS_SIDE = (5, 6, 7, 8)
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_WIDEST, _TALLEST = 1.05, 2.2
"""Width to height, and height to width, up to which a picture has a book's proportions."""
_UNREADABLE = (OSError, ValueError, SyntaxError, KeyError, struct.error)


@dataclass(frozen=True)
class Cover:
    """Four files: the original, longest sides of 1600, 640 and 200 px at most (JPEG, sRGB).

    `width` and `height` are the original's as it is seen, in pixels.
    """

    original: Path
    media_type: str
    large: Path
    medium: Path
    thumbnail: Path
    width: int
    height: int
    alt: str = ""
    generated: bool = False
    findings: tuple[Finding, ...] = ()


def scale_cover(image: Path, folder: Path, alt: str, findings: tuple[Finding, ...] = ()) -> Cover:
    """`image` with its sizes in `folder`; what shops will not take is a finding.

    Raises BookError: ``image.too-large`` over 100 million pixels or where decoding would take too
    much memory (nothing is decoded then), ``image.unreadable``.
    """
    picture, size, kind = _read(image)
    media_type, suffix = _TYPES[kind]
    original = folder / f"cover{suffix}"
    shutil.copyfile(image, original)
    return Cover(
        original,
        media_type,
        _shrunk(picture, LARGE, folder / "cover-large.jpg"),
        _shrunk(picture, MEDIUM, folder / "cover-medium.jpg"),
        _shrunk(picture, THUMBNAIL, folder / "cover-thumbnail.jpg"),
        *size,
        alt,
        findings=(*findings, *_shop_findings(*size)),
    )


def read_upright(image: Path, longest: int, formats: Sequence[str] = tuple(_TYPES)) -> "PilImage":
    """The picture as it is seen, at most so many pixels a side, without a word of its file's: a
    comment would be saved with it. Raises as `scale_cover` does."""
    picture = _read(image, longest, formats)[0]
    picture.info.clear()
    return picture


def _read(
    image: Path, longest: int = LARGE, formats: Sequence[str] = tuple(_TYPES)
) -> tuple["PilImage", tuple[int, int], str]:
    """The picture at most `longest` px, as it is seen; the original's size; its format."""
    from PIL import AvifImagePlugin, Image, UnidentifiedImageError, WebPImagePlugin

    assert AvifImagePlugin, WebPImagePlugin  # else Pillow imports its forty others to find them
    try:
        with warnings.catch_warnings(), Image.open(image, formats=list(formats)) as opened:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            width, height = opened.size
            orientation = _orientation(opened)
            opened.draft("RGB", (longest, longest))
            _refuse_large(opened, (width, height), image)
            picture = _turned(_srgb(_reduced(opened, longest)), orientation)
    except Image.DecompressionBombError as error:
        raise _too_large("The cover has far too many pixels.") from error
    except UnidentifiedImageError as error:  # its words name a file of ours
        raise BookError("image.unreadable", "The cover is no picture that can be read.") from error
    except _UNREADABLE as error:
        raise BookError("image.unreadable", f"The cover cannot be read: {error}") from error
    seen = (height, width) if orientation in _LAID_ON_ITS_SIDE else (width, height)
    return picture, seen, "JPEG" if _is_jpeg(opened) else opened.format or ""


def _is_jpeg(opened: "PilImage") -> bool:
    return opened.format in ("JPEG", _OF_SEVERAL)


def _refuse_large(opened: "PilImage", size: tuple[int, int], image: Path) -> None:
    """Raise BookError for a picture of this `size` in its file that takes too much to decode."""
    width, height = size
    if width * height > LARGEST_PIXELS:
        raise _too_large(f"The cover has {width} × {height} pixels.")
    data = image.read_bytes() if _is_jpeg(opened) else b""
    if is_drawn_without_end(data, width * height):
        raise _too_large("The cover is drawn over and over.")
    needed = decoding_bytes(opened, width * height, data)
    if needed > MOST_BYTES:
        kind = "progressive JPEG" if data else opened.format
        text = f"The cover has {width} × {height} pixels as {kind}, which take {needed >> 20} MiB"
        raise _too_large(f"{text} to be read; {MOST_BYTES >> 20} are allowed.")


def _too_large(text: str) -> BookError:
    remedy = "Save it as a JPEG that is not progressive, at most 10,000 pixels a side."
    return BookError("image.too-large", text, remedy=remedy)


def _orientation(opened: "PilImage") -> int:
    """EXIF's, 1 to 8; a damaged EXIF says nothing."""
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except (*_UNREADABLE, TypeError):
        return 1


def _turned(picture: "PilImage", orientation: int) -> "PilImage":
    from PIL.Image import Transpose

    ways = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return picture.transpose(ways[orientation]) if orientation in ways else picture


def _reduced(opened: "PilImage", longest: int) -> "PilImage":
    """The pixels at most `longest` a side, in a mode of eight bits that can be shrunk smoothly."""
    profile, has_marker = opened.info.get("icc_profile"), "adobe" in opened.info
    whole = opened.width * opened.height <= _WHOLE
    picture = _eight_bits(opened) if whole else _in_stripes(opened, longest)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")  # the same pixels: shrinking them takes a third less
    if picture.mode == "CMYK" and _is_jpeg(opened) and not has_marker:
        from PIL import ImageChops

        picture = ImageChops.invert(picture)  # only Adobe's are stored inverted; all are read so
    picture.thumbnail((longest, longest), reducing_gap=3)
    picture.info["icc_profile"] = profile
    return picture


def _in_stripes(opened: "PilImage", longest: int) -> "PilImage":
    """A large picture of eight bits, averaged to little more than `longest` a side."""
    from PIL import Image

    width, height = opened.size
    factor = max(1, int(max(width, height) / longest / _REDUCED))
    rows = factor * max(1, _STRIPE // (width * factor))
    made: PilImage | None = None
    for top in range(0, height, rows):
        stripe = opened.crop((0, top, width, min(top + rows, height)))
        small = _eight_bits(stripe).reduce(factor)
        if made is None:
            size = (small.width, math.ceil(height / factor))
            made = Image.new(small.mode, size)
        made.paste(small, (0, top // factor))
    return made or opened


def _eight_bits(picture: "PilImage") -> "PilImage":
    if _palette(picture):
        return picture.convert("RGBA")
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "I":
        return picture.convert("F").point(lambda value: value * (1 / 256)).convert("L")
    return picture.convert("L") if picture.mode == "1" else picture


def _palette(opened: "PilImage") -> bool:
    return opened.mode in ("P", "PA") or ("transparency" in opened.info and opened.mode != "RGBA")


def _srgb(picture: "PilImage") -> "PilImage":
    """Pixels as sRGB on white: as the profile means them, else as their plain numbers say."""
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    picture = _on_white(picture)
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = _MODES.get(given.profile.xcolor_space.strip())
            if mode is not None and (mode == picture.mode or (mode, picture.mode) == ("RGB", "L")):
                ours = ImageCms.createProfile("sRGB")
                changed = ImageCms.profileToProfile(
                    picture.convert(mode), given, ours, outputMode="RGB"
                )
                return changed or picture.convert("RGB")
        except (ImageCms.PyCMSError, OSError):  # damaged, or of another kind
            return picture.convert("RGB")
    return picture.convert("RGB")


def _on_white(picture: "PilImage") -> "PilImage":
    from PIL import Image

    if picture.mode not in ("RGBA", "LA"):
        return picture
    ground = Image.new(picture.mode[:-1], picture.size, "white")
    ground.paste(picture.convert(ground.mode), mask=picture.getchannel("A"))
    return ground


def _shrunk(picture: "PilImage", longest: int, target: Path) -> Path:
    small = picture.copy()
    small.thumbnail((longest, longest))
    small.save(target, "JPEG", quality=_QUALITY, optimize=True, icc_profile=None)
    return target


def _shop_findings(width: int, height: int) -> list[Finding]:
    findings = []
    if max(width, height) < SMALLEST:
        text = f"The cover is {width} × {height} pixels: shops ask for {SMALLEST} at least."
        remedy = "Put a cover of 1600 × 2560 pixels into the book."
        findings.append(_warning("cover.small", text, remedy))
    if not 1 / _TALLEST <= width / height <= _WIDEST:
        text = f"The cover is {width} × {height} pixels: no book's proportions."
        remedy = "Use an upright cover, about 1.6 times as high as it is wide."
        findings.append(_warning("cover.proportions", text, remedy))
    return findings


def _warning(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, message=message, remedy=remedy)
