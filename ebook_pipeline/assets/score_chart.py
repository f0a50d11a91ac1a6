"""A book's scores as a small picture for the web UI: a bar each under the verdict.

Every book has one. Matplotlib took 0.12 CPU seconds for it, 0.7 for a process' first.
"""

from typing import TYPE_CHECKING

from ebook_pipeline.assets.charts import INK, PALE, PAPER, VERDICTS, fewer_colours, shade
from ebook_pipeline.books.records import QualityReport, Score
from ebook_pipeline.tools import fonts

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

_WIDTH = 480
_TITLE, _ROW, _THICK, _GAP = 32, 38, 26, 8
"""Pixels: the verdict's height, a row's, a bar's, and what stands between words and bars."""
_LARGE, _SMALL = 14, 12
"""Pixels of letters."""
_FULL = 1 / 1.12
"""Share of the room beside the names that a score of 1 fills: its figure stands behind it."""


def scores_png(report: QualityReport) -> bytes:
    """A bar per dimension, 0 to 1, under the verdict; no bar for an unchecked one.

    PNG, 480 pixels wide.
    """
    from PIL import Image, ImageDraw, ImageFont

    name, figure = (ImageFont.truetype(fonts.sans(), size) for size in (_LARGE, _SMALL))
    bold = ImageFont.truetype(fonts.sans(bold=True), _LARGE)
    picture = Image.new("RGB", (_WIDTH, _TITLE + _ROW * max(1, len(report.scores))), PAPER)
    draw = ImageDraw.Draw(picture)
    names = [score.dimension.replace("_", " ") for score in report.scores]
    left = 2 * _GAP + round(max((name.getlength(text) for text in names), default=0))
    verdict = report.verdict.value.replace("_", " ")
    draw.text((left, _TITLE / 2), verdict, VERDICTS[report.verdict], bold, "lm")
    for number, (text, score) in enumerate(zip(names, report.scores, strict=True)):
        middle = _TITLE + _ROW * number + _ROW // 2
        draw.text((left - _GAP, middle), text, INK, name, "rm")
        _bar(draw, score, (left, middle), figure)
    return fewer_colours(picture)


def _bar(draw: "ImageDraw", score: Score, start: tuple[int, int], font: "FreeTypeFont") -> None:
    """The score's bar from `start`, the middle of its left side, with its figure behind it."""
    left, middle = start
    top, bottom = middle - _THICK // 2, middle + _THICK // 2 - 1
    full, value = round((_WIDTH - left) * _FULL), score.value or 0.0
    end = left + round(full * value)
    draw.rectangle((left, top, left + full - 1, bottom), PALE)
    if end > left:
        draw.rectangle((left, top, end - 1, bottom), shade(value))
    draw.text((end + _GAP // 2, middle), score.shown, INK, font, "lm")
