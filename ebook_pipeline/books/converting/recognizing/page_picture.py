"""A page drawn for an engine: grey, upright, and where it is dark.

Runs in the sandbox. Thresholds were chosen by trial on the pages of `benchmarks/ocr.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from PIL import Image

from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedLine
from ebook_pipeline.foundation.errors import BookError

GreyPixels = npt.NDArray[np.uint8]

_LONGEST_SIDE = 4400
"""Pixels of a page's longer side; larger pages are drawn in a lower resolution."""
_SKEW_SIDE = 700
"""Pixels of the longer side of the picture by which a page's skew is told."""
_MOST_SKEW = 6.0
"""Degrees, up to which a page is turned upright."""
_COARSE, _FINE = 0.5, 0.1
"""Degrees between the angles that are tried, and then about the best of them."""
_LEAST_SKEW = 0.15
"""Degrees below which a page is taken as it is."""
_MARGIN = 0.02
"""Share of a page's sides, 0 to 1, at its edges, where scanners leave shadows."""
_DARKER = 40
"""Levels of grey, of 256, below the paper about it, from which a pixel is ink."""
CELL = 6.0
"""Points of the sides of a cell of the map of ink."""


@dataclass(frozen=True)
class InkMap:
    """Where a page is dark: per cell, from its top, the share of its pixels, 0 to 1."""

    cells: npt.NDArray[np.float32]

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]]) -> Self:
        """The map that `rows` gave."""
        return cls(np.array(rows, dtype=np.float32, ndmin=2))

    def rows(self) -> tuple[tuple[float, ...], ...]:
        """The map as plain numbers, to two digits."""
        return tuple(tuple(row) for row in self.cells.round(2).astype(float).tolist())

    def share_within(self, lines: tuple[RecognizedLine, ...], height: float) -> float:
        """How much of all ink, 0 to 1, lies within the lines; 1 where there is none."""
        total = float(self.cells.sum())
        if total <= 0:
            return 1.0
        covered = np.zeros(self.cells.shape, dtype=bool)
        for line in lines:
            top, bottom = height - line.base - line.size, height - line.base + 0.4 * line.size
            left = min(word.left for word in line.words)
            right = max(word.right for word in line.words)
            rows = slice(max(int(top // CELL), 0), max(math.ceil(bottom / CELL), 0))
            covered[rows, max(int(left // CELL), 0) : max(math.ceil(right / CELL), 0)] = True
        return float(self.cells[covered].sum()) / total


@dataclass(frozen=True)
class PagePicture:
    """A page turned upright by `skew` degrees; sides in points, `scale` in pixels a point."""

    number: int
    width: float
    height: float
    skew: float
    scale: float
    image: Image.Image
    ink: InkMap


def draw_page(document: pdfium.PdfDocument, number: int, dpi: int) -> PagePicture:
    """The page `number` from 0. Raises BookError where pdfium cannot load it."""
    try:
        page = document[number]
    except pdfium.PdfiumError as error:
        text = f"Page {number + 1} of the PDF cannot be read."
        raise BookError("pdf.unreadable", text, place=f"{number + 1}") from error
    width, height = page.get_size()
    scale = min(dpi / 72, _LONGEST_SIDE / max(width, height, 1.0))
    image = page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil().convert("L")
    page.close()
    skew = find_skew(image)
    if skew:
        image = image.rotate(skew, Image.Resampling.BICUBIC, fillcolor=_paper(image))
    return PagePicture(number, width, height, skew, scale, image, _ink_map(image, scale))


def find_skew(image: Image.Image) -> float:
    """Degrees by which the picture must be turned, against the clock, for its lines to be level.

    That angle is best at which rows differ most from each other (a projection profile).
    """
    small = image.copy()
    small.thumbnail((_SKEW_SIDE, _SKEW_SIDE), Image.Resampling.BOX)
    dark = Image.fromarray(ink(np.asarray(small)).astype(np.uint8) * 255)
    if dark.getextrema() == (0, 0):
        return 0.0
    coarse = np.arange(-_MOST_SKEW, _MOST_SKEW + _COARSE / 2, _COARSE)
    near = max(map(float, coarse), key=lambda angle: _contrast(dark, angle))
    fine = np.arange(near - _COARSE, near + _COARSE + _FINE / 2, _FINE)
    best = max(map(float, fine), key=lambda angle: _contrast(dark, angle))
    level = _contrast(dark, 0.0)
    return best if abs(best) >= _LEAST_SKEW and _contrast(dark, best) > 1.03 * level else 0.0


def _contrast(dark: Image.Image, angle: float) -> float:
    turned = np.asarray(dark.rotate(angle, Image.Resampling.NEAREST), dtype=np.float32)
    rows = turned.sum(axis=1)
    return float(np.square(np.diff(rows)).sum())


def ink(grey: GreyPixels) -> npt.NDArray[np.bool_]:
    """Which pixels are darker than the paper about them, however it is lit."""
    image = Image.fromarray(grey)
    side = max(min(image.size) // 12, 8)
    coarse = image.resize((max(image.width // side, 1), max(image.height // side, 1)), 5)
    levels = np.asarray(coarse, dtype=np.float32)
    lightest = _neighbourhood_maximum(levels)
    paper = np.asarray(
        Image.fromarray(lightest.astype(np.uint8)).resize(image.size, Image.Resampling.BILINEAR)
    )
    return np.asarray(paper.astype(np.int16) - grey > _DARKER)


def _neighbourhood_maximum(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    padded = np.pad(levels, 1, mode="edge")
    rows, columns = levels.shape
    shifted = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.asarray(np.maximum.reduce(shifted))


def _paper(image: Image.Image) -> int:
    """The grey that most of the page has."""
    return int(np.argmax(np.bincount(np.asarray(image).ravel()[::97], minlength=256)))


def _ink_map(image: Image.Image, scale: float) -> InkMap:
    """Cells of the page with their share of ink, without the shadows at its edges."""
    dark = ink(np.asarray(image)).astype(np.uint8)
    rows, columns = dark.shape
    edge_y, edge_x = int(rows * _MARGIN), int(columns * _MARGIN)
    dark[:edge_y], dark[rows - edge_y :] = 0, 0
    dark[:, :edge_x], dark[:, columns - edge_x :] = 0, 0
    size = (
        max(math.ceil(columns / scale / CELL), 1),
        max(math.ceil(rows / scale / CELL), 1),
    )
    coarse = Image.fromarray(dark * 255).resize(size, Image.Resampling.BOX)
    return InkMap(np.asarray(coarse, dtype=np.float32) / np.float32(255))
