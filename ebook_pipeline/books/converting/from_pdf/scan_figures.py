"""Pictures within a scan whose text was recognised: what is dark where no line of text stands.

The scan itself is one image of the whole page. Thresholds: see the package.
"""

from collections.abc import Sequence
from typing import Any

from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from ebook_pipeline.books.converting.from_pdf.turns import Rect

_CELL = 6
"""Points of the sides of the squares that are looked at."""
_DARK_SHARE = 0.06
"""Share of a square's pixels, 0 to 1, from which something is drawn there."""
_SMALLEST = 54.0
"""Points of a picture's sides."""
_FILLED_SHARE = 0.2
"""Share of a picture's squares, 0 to 1, in which something is drawn."""
_MARGIN = 12.0
"""Points at the page's edges, where scanners leave shadows."""
_ABOVE, _BELOW = 1.3, 0.7
"""Sizes of a line's letters that it may reach above and below its base line: scans are skewed."""
_MOST = 20
"""Pictures of one page."""


def find_figures(page: Any, text: Page) -> list[Rect]:
    """Their places in points; none on pages that are turned. `page` is pdfium's."""
    if text.view is None or text.view.shown.quarters or text.view.read.quarters:
        return []
    import numpy as np

    from ebook_pipeline.books.converting.recognizing.connected import connected_boxes
    from ebook_pipeline.books.converting.recognizing.page_picture import ink

    grey = page.render(scale=1, grayscale=True).to_numpy()
    dark = ink(np.ascontiguousarray(grey.reshape(grey.shape[:2])))
    rows, columns = (side // _CELL for side in dark.shape)
    cut = dark[: rows * _CELL, : columns * _CELL].reshape(rows, _CELL, columns, _CELL)
    drawn = cut.mean(axis=(1, 3)) >= _DARK_SHARE
    _clear(drawn, text)
    boxes = connected_boxes(_joined(drawn))
    whole = (
        (left, top, right, bottom)
        for left, top, right, bottom in boxes
        if min(right - left, bottom - top) * _CELL >= _SMALLEST
        and drawn[top:bottom, left:right].mean() >= _FILLED_SHARE
    )
    return [_rect(box, text.height) for box in whole][:_MOST]


def _clear(drawn: Any, text: Page) -> None:
    """Take text and the page's edges out of the squares."""
    edge = round(_MARGIN / _CELL)
    drawn[:edge], drawn[-edge:], drawn[:, :edge], drawn[:, -edge:] = False, False, False, False
    for line in _lines(text):
        top = max(int((text.height - line.base - _ABOVE * line.size) // _CELL), 0)
        bottom = max(int((text.height - line.base + _BELOW * line.size) // _CELL) + 1, 0)
        drawn[top:bottom, max(int(line.left // _CELL), 0) : int(line.right // _CELL) + 1] = False


def _lines(text: Page) -> Sequence[Line]:
    return [line for line in text.lines if line.text.strip()]


def _joined(drawn: Any) -> Any:
    """The squares with those beside them: a drawing has gaps."""
    import numpy as np

    padded = np.pad(drawn, 1)
    rows, columns = drawn.shape
    shifted = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.logical_or.reduce(shifted)


def _rect(box: tuple[int, int, int, int], height: float) -> Rect:
    left, top, right, bottom = (float(side * _CELL) for side in box)
    return left, height - bottom, right, height - top
