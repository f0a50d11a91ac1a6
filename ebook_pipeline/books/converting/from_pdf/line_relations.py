"""What a line is to the one before it, and lines that are set wide apart.

Thresholds: see the package; lengths are in sizes of the line's letters.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from enum import Enum

from ebook_pipeline.books.converting.from_pdf.lines import Line

BULLET = re.compile(r"[•●◦▪‣∙·–—*-]\s|[•●◦▪‣∙]$|\(?\d{1,3}[.)]\s")
_FEWEST_EQUAL_GAPS = 3
"""Neighbours at one distance, from which they are set wide rather than blocks of their own."""
_EQUAL_GAP = 0.06
"""By how much such distances may differ."""
_LOOSEST_LEADING = 2.4
"""Distance of base lines up to which lines may be set wide."""


class LineRelation(Enum):
    """What a line is to the one before it."""

    GOES_ON = "goes on"
    NEW_LINE = "new line"
    INDENT = "indent"
    NEW_BLOCK = "new block"


def loosen(
    lines: Sequence[Line],
    joints: list[LineRelation],
    ends: Callable[[Line, Line], bool],
    centred: Callable[[Line, Line], bool],
) -> None:
    """Lines set wide apart, all alike, are no paragraphs of one line each."""
    steps = [
        before.base - line.base
        if before.page == line.page and (before.size == line.size or centred(before, line))
        else 0.0
        for before, line in itertools.pairwise(lines)
    ]
    place = 0
    while place < len(joints):
        end = place + 1
        step = steps[place]
        while (
            end < len(joints) and step > 0 and abs(steps[end] - step) < _EQUAL_GAP * lines[end].size
        ):
            end += 1
        alike = (
            end - place >= _FEWEST_EQUAL_GAPS and 0 < step < _LOOSEST_LEADING * lines[place].size
        )
        for index in range(place, end) if alike else ():
            if joints[index] is LineRelation.NEW_BLOCK and not BULLET.match(lines[index + 1].text):
                early = ends(lines[index], lines[index + 1])
                joints[index] = LineRelation.NEW_LINE if early else LineRelation.GOES_ON
        place = end
