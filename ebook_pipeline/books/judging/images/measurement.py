"""One picture measured: pixels, finest detail, compression, colours, likeness to others."""

import hashlib
import heapq
import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter, ImageStat

from ebook_pipeline.books.formats.jpeg_scans import is_drawn_without_end
from ebook_pipeline.books.formats.picture_memory import decoding_bytes

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
LARGEST_PIXELS = 100_000_000
"""Pixels of a picture that are decoded, where `picture_memory` allows them."""
LOOKED_AT = 2048
"""Pixels of a side. Larger pictures are looked at at half their size, or a quarter."""
DECORATION = 150
"""Pixels. Pictures smaller than this on a side are ornaments and logos: neither sharp nor large."""
PLAIN = 20.0
"""The variance of grey below which a picture is a plain area."""
TILE, TILES = 256, 6
"""Pixels of a tile's side; sharpness is that of the six liveliest, for backgrounds may be soft."""
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
_GRID = 8
"""Pixels of a side of JPEG's blocks, ITU-T T.81 §A.1.1, https://www.w3.org/Graphics/JPEG/"""
_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
"""The table that qualities are counted from, ITU-T T.81 Annex K.1."""
_FEWEST_EDGES = 40
"""Fewer edges look like a grid by chance."""
_DEEP_PNG = 24
"""Where a PNG says its bits per channel."""


@dataclass(frozen=True)
class Detail:
    """How fine a picture is: energy of its finest detail by that of coarser detail, and what is
    lost by halving it, as a share of its contrast. Blurred and enlarged pictures have neither.
    """

    fineness: float
    lost_by_halving: float


@dataclass(frozen=True)
class PictureMeasurement:
    """A picture at `path`: `detail` is None of ornaments and plain areas, `quality` of no JPEG.

    `quality` is that of the usual encoder, 1 to 100; `blocks` is the usual step at the edges of
    8 × 8 pixels by that inside them; `hash` has 256 bits, near for pictures that look alike.
    """

    path: str
    width: int
    height: int
    mode: str
    deep: bool
    digest: str
    hash: int = 0
    detail: Detail | None = None
    quality: int | None = None
    blocks: float = 1.0


def measure_picture(path: str, data: bytes) -> PictureMeasurement:
    """What the picture in `data` is like. Raises one of UNREADABLE where it is no sound one."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > LARGEST_PIXELS:
            raise ValueError(f"{width} × {height} pixels are more than a reader can hold")
        if is_drawn_without_end(data, width * height):
            raise ValueError("it is drawn over and over")
        mode, quality = picture.mode, _quality(picture)
        picture.draft("L", (LOOKED_AT, LOOKED_AT))
        grey = picture.convert("RGBA" if "transparency" in picture.info else "L").convert("L")
    judged = min(width, height) >= DECORATION and ImageStat.Stat(grey).var[0] >= PLAIN
    return PictureMeasurement(
        path=path,
        width=width,
        height=height,
        mode=mode,
        deep=mode.startswith("I") or _is_deep_png(data),
        digest=hashlib.sha256(data).hexdigest(),
        hash=_hash(grey) if judged else 0,
        detail=_detail(grey) if judged else None,
        quality=quality,
        blocks=_blocks(grey) if judged else 1.0,
    )


@dataclass(frozen=True)
class Decoding:
    """What `measure_picture` decodes, told from the header: nothing where it refuses."""

    pixels: int = 0
    bytes: int = 0


def decoding_of(data: bytes) -> Decoding:
    """What it takes to measure the picture in `data`."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            pixels = picture.width * picture.height
            if pixels > LARGEST_PIXELS:
                return Decoding()
            picture.draft("L", (LOOKED_AT, LOOKED_AT))
            in_colours = 4 * pixels if "transparency" in picture.info else 0
            return Decoding(pixels, decoding_bytes(picture, pixels, data) + in_colours)
    except UNREADABLE:
        return Decoding()


def _is_deep_png(data: bytes) -> bool:
    return data.startswith(b"\x89PNG") and data[_DEEP_PNG : _DEEP_PNG + 1] == b"\x10"


def _quality(picture: Image.Image) -> int | None:
    tables: dict[int, list[int]] | None = getattr(picture, "quantization", None)
    if not tables or len(tables.get(0, ())) != len(_LUMINANCE):
        return None
    scale = 100 * sum(tables[0]) / sum(_LUMINANCE)
    return round((200 - scale) / 2 if scale <= 100 else 5000 / scale)


def _hash(grey: Image.Image) -> int:
    """Whether each of 16 × 16 fields is brighter than the one to its right."""
    pixels = grey.resize((17, 16), Image.Resampling.BOX).tobytes()
    bits = (pixels[at] > pixels[at + 1] for at in range(17 * 16) if at % 17 < 16)
    return sum(bit << place for place, bit in enumerate(bits))


def _detail(grey: Image.Image) -> Detail:
    """Of the six fields with the sharpest edges: sharp parts before a soft background count."""
    import numpy as np

    fields = _sharpest(grey)
    fine = coarse = 0.0
    lost = []
    for field in fields:
        pixels = np.asarray(field, dtype=np.float32)
        energy, radius = _spectrum(pixels - pixels.mean())
        fine += float(energy[(radius > 0.3) & (radius <= 0.5)].sum())
        coarse += float(energy[(radius > 0.08) & (radius <= 0.2)].sum())
        half = (max(1, field.width // 2), max(1, field.height // 2))
        again = field.resize(half, Image.Resampling.LANCZOS).resize(
            field.size, Image.Resampling.BICUBIC
        )
        error = float(((pixels - np.asarray(again, dtype=np.float32)) ** 2).mean())
        lost.append(error / max(1.0, float(pixels.var())))
    return Detail(round(fine / max(coarse, 1e-9), 4), round(float(np.median(lost)), 5))


def _sharpest(grey: Image.Image) -> list[Image.Image]:
    fields = (
        grey.crop((x, y, min(grey.width, x + TILE), min(grey.height, y + TILE)))
        for y in range(0, max(1, grey.height - TILE + 1), TILE)
        for x in range(0, max(1, grey.width - TILE + 1), TILE)
    )
    return heapq.nlargest(
        TILES, fields, key=lambda field: ImageStat.Stat(field.filter(_LAPLACIAN)).var[0]
    )


def _spectrum(
    pixels: "NDArray[numpy.float32]",
) -> "tuple[NDArray[numpy.floating], NDArray[numpy.floating]]":
    """(energy, cycles per pixel) of every frequency; edges faded out."""
    import numpy as np

    high, wide = pixels.shape
    faded = pixels * np.hanning(high)[:, None] * np.hanning(wide)[None, :]
    down, across = np.fft.fftfreq(high)[:, None], np.fft.fftfreq(wide)[None, :]
    return np.abs(np.fft.fft2(faded)) ** 2, np.hypot(down, across)


def _blocks(grey: Image.Image) -> float:
    """1 for a picture without a grid, for drawings, whose areas are plain, and for small ones."""
    import numpy as np

    steps = np.zeros(grey.width - 1)
    for top in range(0, grey.height, TILE):
        stripe = grey.crop((0, top, grey.width, min(grey.height, top + TILE)))
        steps += np.abs(np.diff(np.asarray(stripe, dtype=np.float32), axis=1)).sum(axis=0)
    steps /= grey.height
    edges = steps[_GRID - 1 :: _GRID]
    if len(edges) < _FEWEST_EDGES:
        return 1.0
    inside = np.delete(steps, np.arange(_GRID - 1, len(steps), _GRID))
    usual = float(np.median(inside))
    return round(float(np.median(edges)) / usual, 3) if usual >= 0.5 else 1.0
