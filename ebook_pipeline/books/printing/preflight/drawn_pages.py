"""The pages as they look, by pdfium: where words stand, and whether colour reaches the edges.

Runs in the sandbox. Each page is drawn at one pixel a point, without its rotation.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ebook_pipeline.books.formats.pdf import objects, opening
from ebook_pipeline.books.formats.pdf.text_layer import sample_pages
from ebook_pipeline.books.printing.preflight.facts import Box, Cut, DrawnFile, DrawnPage, WordRun

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Pixels = NDArray[numpy.uint8]

MOST_DRAWN = 80
"""Pages that are drawn, spread over the book."""
SECONDS = 30
"""Of processor time."""
_MOST_WORDS = 4000
"""Runs of letters of one page."""
_MOST_PIXELS = 6_000_000
"""Of one page at 72 dpi: a cover of 24 × 12 in has 1.5 million."""
_WHITE = 247
"""Of 255: lighter than this is paper."""
_INSIDE = 2
"""Points inside of the cut, where the colour is looked at that should go on beyond it."""
_LINE = 5
"""Points of a line that runs along the edge and is no colour that ends there."""
_SLANT = 40
"""Points along an edge by which a line may move on its way from the cut to it: 15 degrees."""
_LEAST_RUN = 18
"""Points of a side that are inked without a gap before they count as a colour that ends."""
_INVISIBLE = 3


def draw(path: Path, cut: Cut) -> DrawnFile:
    """The pages of the file at `path`; none of a file that pdfium does not open."""
    try:
        with opening.drawable(path) as document:
            return _drawn(document, cut)
    except pdfium.PdfiumError:
        return DrawnFile()


def _drawn(document: pdfium.PdfDocument, cut: Cut) -> DrawnFile:
    budget, drawn = objects.TimeBudget(SECONDS), DrawnFile()
    wanted = sample_pages(len(document), MOST_DRAWN)
    for done, index in enumerate(wanted):
        if budget.spent:
            drawn.missed = len(wanted) - done
            break
        try:
            drawn.pages.append(_page(document, index, cut.of(index + 1)))
        except pdfium.PdfiumError:
            drawn.missed += 1
    return drawn


def _page(document: pdfium.PdfDocument, index: int, bleed: Box) -> DrawnPage:
    page = document[index]
    try:
        page.set_rotation(0)
        page.set_cropbox(*page.get_mediabox())
        words = list(_words(page))
        pixels = _pixels(page)
    finally:
        page.close()
    if pixels is None:
        return DrawnPage(index + 1, blank=False, words=words)
    inked = pixels < _WHITE
    return DrawnPage(
        index + 1,
        blank=not inked.any(),
        words=words,
        short_of_bleed=_sides(inked, bleed),
        inked_edge=_sides(inked, None),
    )


def _pixels(page: pdfium.PdfPage) -> "Pixels | None":
    """The darkest of each point's three colours; None where the page is too large.

    Two by two: numpy takes ten times as long to go along an axis of three.
    """
    import numpy

    if page.get_width() * page.get_height() > _MOST_PIXELS:
        return None
    bitmap = page.render(scale=1, may_draw_forms=False, draw_annots=False)
    try:
        blue, green, red = (bitmap.to_numpy()[:, :, channel] for channel in range(3))
        darkest: Pixels = numpy.minimum(numpy.minimum(blue, green), red)
        return darkest
    finally:
        bitmap.close()


def _sides(inked: "NDArray[numpy.bool_]", bleed: Box | None) -> tuple[float, float, float, float]:
    """For each side the share of it that is inked at the edge, or inked inside of the cut only."""
    turned = (inked.T, inked[::-1], inked.T[::-1], inked)
    given = bleed or (0.0, 0.0, 0.0, 0.0)
    left, bottom, right, top = (
        _share(rows, width if bleed else None) for rows, width in zip(turned, given, strict=True)
    )
    return left, bottom, right, top


def _share(rows: "NDArray[numpy.bool_]", width: float | None) -> float:
    """Of rows that begin at a side's edge. Corners count for neither side."""
    margin = min(12, rows.shape[1] // 4)
    rows = rows[:, margin : rows.shape[1] - margin]
    outer = rows[1]
    if width is None:
        return float(outer.mean())
    if width <= 0:
        return 0.0
    inside = [min(round(width) + deep, len(rows) - 1) for deep in (_INSIDE, _INSIDE + _LINE)]
    filled = rows[inside[0]] & rows[inside[1]]
    return _share_of_runs(filled & ~_widened(outer))


def _widened(row: "NDArray[numpy.bool_]") -> "NDArray[numpy.bool_]":
    """With what lies beside of it: a slanting line meets edge and cut at different places."""
    import numpy

    return numpy.convolve(row, numpy.ones(2 * _SLANT + 1), "same") > 0.5


def _share_of_runs(row: "NDArray[numpy.bool_]") -> float:
    """The share of a row in runs long enough to be a colour's edge: a flower's stem is none."""
    import numpy

    if len(row) < _LEAST_RUN:
        return 0.0
    full = numpy.convolve(row, numpy.ones(_LEAST_RUN), "valid") > _LEAST_RUN - 0.5
    return float(full.mean())


def _words(page: pdfium.PdfPage) -> Iterator[WordRun]:
    """The runs of letters on the page that are printed."""
    text = page.get_textpage()
    try:
        count = text.count_rects()
        for index in range(min(count, _MOST_WORDS)):
            box = text.get_rect(index)
            run = text.get_text_bounded(*box)
            letters = run[:60].strip()
            if letters and _printed(text, box):
                spaced = run != run.strip()
                inked = _without_spaces(text, box, len(run)) if spaced else box
                yield WordRun(inked, " ".join(letters.split()))
    finally:
        text.close()


def _without_spaces(text: pdfium.PdfTextPage, box: Box, length: int) -> Box:
    """The box of a run's letters: a space at the end of a wrapped line prints nothing."""
    left, bottom, right, top = box
    first = text.get_index(left, (bottom + top) / 2, 5.0, 5.0)
    if first is None:
        return box
    indexes = range(first, min(first + length, text.count_chars()))
    boxes = [text.get_charbox(index) for index in indexes if _has_ink(text, index)]
    inside = [one for one in boxes if one[0] >= left - 1 and one[2] <= right + 1]
    if not inside:
        return box
    return min(one[0] for one in inside), bottom, max(one[2] for one in inside), top


def _has_ink(text: pdfium.PdfTextPage, index: int) -> bool:
    return not chr(raw.FPDFText_GetUnicode(text, index)).isspace()


def _printed(text: pdfium.PdfTextPage, box: Box) -> bool:
    """Whether the letter in the middle of the box paints anything (§9.3.6)."""
    index = text.get_index((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 5.0, 5.0)
    thing = None if index is None else raw.FPDFText_GetTextObject(text, index)
    return not thing or raw.FPDFTextObj_GetTextRenderMode(thing) != _INVISIBLE
