"""Letters at no quarter turn: watermarks, labels of axes, titles on a curve.

Each is followed to where its pen goes next; lengths are in sizes of the letter.
"""

import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ebook_pipeline.books.converting.from_pdf.glyphs import SPACE_CODE, GlyphReader
from ebook_pipeline.books.converting.from_pdf.lines import Aside, FontStyle, Line, Page, Span
from ebook_pipeline.books.converting.from_pdf.turns import Rect

_SPACE_GAP = 0.2
"""Gap above which there is a space."""
_LONGEST_GAP = 2.2
"""Gap up to which a letter goes on with the one before it."""
_ASCENT = 0.7
"""Height of a letter."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter, where it begins, where the pen goes on after it, and its box."""

    text: str
    style: FontStyle
    mark: int
    start: tuple[float, float]
    end: tuple[float, float]
    rect: Rect


def read_slanted(raw: Any, page: Page, indices: Sequence[int]) -> list[Aside]:
    """These characters as lines, in the order in which they are written."""
    letters = list(_SlantedReader(raw, page).letters(indices)) if indices else []
    return [_aside(chain, page) for chain in _chains(letters)]


class _SlantedReader(GlyphReader):
    def letters(self, indices: Sequence[int]) -> Iterator[_Letter]:
        pdfium, raw, box = self._pdfium, self._raw, self._box
        for index in indices:
            code = pdfium.FPDFText_GetUnicode(raw, index)
            shown = pdfium.FPDFText_GetTextObject(raw, index)
            pdfium.FPDFText_GetLooseCharBox(raw, index, self._ctypes.byref(box))
            rect = (box.left, box.bottom, box.right, box.top)
            style = self._style(shown, index, box.top - box.bottom)
            mark = pdfium.FPDFPageObj_GetMarkedContentID(shown)
            start = self._origin(index)
            text = " " if code == SPACE_CODE else self._letter(code)
            yield _Letter(text, style, mark, start, self._end(index, start, rect, style), rect)

    def _end(
        self, index: int, start: tuple[float, float], rect: Rect, style: FontStyle
    ) -> tuple[float, float]:
        """Where the letter's box, which is upright around it, leaves the pen."""
        matrix = self._matrix
        self._pdfium.FPDFText_GetMatrix(self._raw, index, self._ctypes.byref(matrix))
        length = math.hypot(matrix.a, matrix.b) or 1.0
        cos, sin = matrix.a / length, matrix.b / length
        spread = abs(cos) + abs(sin)
        around = rect[2] - rect[0] + rect[3] - rect[1]
        width = max(around / spread - style.size, 0.2 * style.size)
        return start[0] + width * cos, start[1] + width * sin


def _chains(letters: Sequence[_Letter]) -> list[list[_Letter]]:
    chains: list[list[_Letter]] = []
    for letter in letters:
        if chains and _gap(chains[-1][-1], letter) <= _LONGEST_GAP:
            chains[-1].append(letter)
        else:
            chains.append([letter])
    return [chain for chain in chains if any(letter.text.strip() for letter in chain)]


def _gap(before: _Letter, letter: _Letter) -> float:
    return math.dist(before.end, letter.start) / max(before.style.size, letter.style.size)


def _aside(chain: Sequence[_Letter], page: Page) -> Aside:
    """The chain as a line that is as long as its pen has gone."""
    gaps = [0.0, *(_gap(before, letter) for before, letter in itertools.pairwise(chain))]
    # Letters that are set apart throughout are one word.
    least = _SPACE_GAP + (usual if (usual := statistics.median(gaps)) > _SPACE_GAP else 0.0)
    text = "".join(
        " " * (gap > least) + letter.text for gap, letter in zip(gaps, chain, strict=True)
    )
    length = sum(math.dist(letter.start, letter.end) for letter in chain)
    first = chain[0]
    text = " ".join(text.split())
    base = max(letter.rect[1] for letter in chain)
    span = Span(text, first.style, 0.0, length, base, first.mark)
    line = Line([span], page.number, 0.0, length, base, first.style.size, length, aside=True)
    rects = [letter.rect for letter in chain]
    around = (
        min(rect[0] for rect in rects),
        min(rect[1] for rect in rects),
        max(rect[2] for rect in rects),
        max(rect[3] for rect in rects),
    )
    return Aside(line, page.view.placed(around) if page.view else around, slanted=True)
