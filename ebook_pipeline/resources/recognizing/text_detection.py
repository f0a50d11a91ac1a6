"""Where lines of text stand on a level page: PP-OCR's detection (DBNet, arXiv:1911.08947).

The model says of each place how likely it is the core of a line of text; cores that hang together
are a line, and the line is larger than its core. Runs in the sandbox.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from ebook_pipeline.books.converting.recognizing.connected import Corners, connected_boxes
from ebook_pipeline.books.converting.recognizing.page_picture import PagePicture
from ebook_pipeline.resources.onnx_sessions import cpu_session

_ERRORS_ALONE = 3
"""Of onnxruntime's severities."""
_DPI = 100
"""In which the model sees a page: chosen between 90 and 110, which find the same lines."""
_LONGEST_SIDE = 1600
_CORE = 0.3
"""Likelihood, 0 to 1, from which a place is a line's core; the model's authors' value."""
_LINE = 0.45
"""Mean likelihood of a core, 0 to 1, from which it is believed."""
_GROWTH = 1.6
"""A line reaches beyond its core by the core's area over its outline, times this (theirs too)."""
_THINNEST = 3
"""Pixels of a core."""
_MOST_LINES = 800
"""Of one page: a page of a newspaper has 600."""


def session(model: Path, threads: int) -> Any:
    """A model of a graph in ONNX, ready to run; `threads` work on one call.

    Raises ServiceError where the file is no such graph.
    """
    return cpu_session(model, threads, _ERRORS_ALONE)


@dataclass(frozen=True, slots=True)
class Box:
    """A place in the page's picture, in its pixels from the upper left."""

    left: float
    top: float
    right: float
    bottom: float


class TextDetector:
    """One model, loaded once."""

    def __init__(self, model: Path, threads: int) -> None:
        self._session = session(model, threads)
        self._input = self._session.get_inputs()[0].name

    def lines(self, picture: PagePicture) -> list[Box]:
        """The places of lines, from the top."""
        image = picture.image
        scale = min(_DPI / 72 / picture.scale, _LONGEST_SIDE / max(image.size))
        width, height = (max(32, round(side * scale / 32) * 32) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BOX)
        likelihood = self._likelihood(small)
        factors = image.width / width, image.height / height
        boxes = [_grown(core, factors, image.size) for core in _cores(likelihood)]
        return sorted(boxes, key=lambda box: (box.top, box.left))[:_MOST_LINES]

    def _likelihood(self, image: Image.Image) -> npt.NDArray[np.float32]:
        grey = np.asarray(image, dtype=np.float32) / 127.5 - 1
        batch = np.ascontiguousarray(np.broadcast_to(grey, (1, 3, *grey.shape)))
        answer: Any = self._session.run(None, {self._input: batch})
        return np.asarray(answer[0][0, 0], dtype=np.float32)


def _cores(likelihood: npt.NDArray[np.float32]) -> list[Corners]:
    """Left, top, right, bottom of what hangs together and is likely enough."""
    boxes = connected_boxes(likelihood > _CORE)
    return [
        (left, top, right, bottom)
        for left, top, right, bottom in boxes
        if min(right - left, bottom - top) >= _THINNEST
        and likelihood[top:bottom, left:right].mean() >= _LINE
    ]


def _grown(core: Corners, factors: tuple[float, float], size: tuple[int, int]) -> Box:
    """The line that a core is of, in the pixels of a picture of `size`."""
    left, top, right, bottom = core
    width, height = right - left, bottom - top
    by = width * height * _GROWTH / (2 * (width + height))
    across, down = factors
    return Box(
        max((left - by) * across, 0.0),
        max((top - by) * down, 0.0),
        min((right + by) * across, float(size[0])),
        min((bottom + by) * down, float(size[1])),
    )
