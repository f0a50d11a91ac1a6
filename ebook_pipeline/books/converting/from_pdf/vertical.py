"""Pages of Chinese and Japanese that read from above and from right to left.

Their columns become lines as if the page were turned: what follows need not know.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ebook_pipeline.books.converting.from_pdf.characters import Area, Reader, finished
from ebook_pipeline.books.converting.from_pdf.lines import Line, Look, Page, Span

_LETTER = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_STACKED = 1.35
_MOSTLY = 0.6
_SAME = 0.6
_READING = 0.62


@dataclass(frozen=True, slots=True)
class _Glyph:
    text: str
    look: Look
    mark: int
    link: int
    middle: float
    left: float
    top: float
    bottom: float


def is_vertical(page: Page) -> bool:
    """Whether most letters of the page stand below each other."""
    letters = stacked = 0
    for line in page.lines:
        count = len(_LETTER.findall(line.text))
        letters += count
        if line.right - line.left < _STACKED * line.size:
            stacked += count
    return letters > 20 and stacked > _MOSTLY * letters


def read_vertical(textpage: Any, page: Page, areas: Sequence[Area] = ()) -> int:
    """Read the page anew by its columns; how many small readings beside them were left out."""
    glyphs = _Columns(textpage.raw, page, None, areas).glyphs()
    sizes: dict[float, int] = {}
    for glyph in glyphs:
        sizes[glyph.look.size] = sizes.get(glyph.look.size, 0) + 1
    body = max(sizes, key=lambda size: sizes[size])
    text = [glyph for glyph in glyphs if glyph.look.size > _READING * body]
    lines = [_line(column, page) for column in _columns(text)]
    page.lines = [line for line in map(finished, lines) if line is not None]
    page.width, page.height = page.height, page.width
    return len(glyphs) - len(text)


class _Columns(Reader):
    """The page's characters with their places, in no order."""

    def glyphs(self) -> list[_Glyph]:
        pdfium, raw, found = self._pdfium, self._raw, []
        self._page.letters = self._page.unreadable = 0
        for index in range(pdfium.FPDFText_CountChars(raw)):
            code = pdfium.FPDFText_GetUnicode(raw, index)
            shown = pdfium.FPDFText_GetTextObject(raw, index)
            if not shown or code in (10, 13, 32):
                continue
            pdfium.FPDFText_GetLooseCharBox(raw, index, self._ctypes.byref(self._box))
            box = self._box
            look = self._look(shown, index, box.top - box.bottom)
            mark = pdfium.FPDFPageObj_GetMarkedContentID(shown)
            middle = (box.left + box.right) / 2
            link = self._link() if self._areas else -1
            text = self._letter(code)
            found.append(_Glyph(text, look, mark, link, middle, box.left, box.top, box.bottom))
        return found


def _columns(glyphs: Sequence[_Glyph]) -> list[list[_Glyph]]:
    """Glyphs by columns from the right, each from above."""
    columns: list[list[_Glyph]] = []
    for glyph in sorted(glyphs, key=lambda one: -one.middle):
        if columns and columns[-1][0].middle - glyph.middle < _SAME * glyph.look.size:
            columns[-1].append(glyph)
        else:
            columns.append([glyph])
    for column in columns:
        column.sort(key=lambda one: (-round((one.top + one.bottom) / one.look.size), one.left))
    return columns


def _line(column: Sequence[_Glyph], page: Page) -> Line:
    """A column as a line of the turned page."""
    base = min(glyph.middle for glyph in column)
    line = Line([], page.number, 0.0, 0.0, base, column[0].look.size)
    for glyph in column:
        left, right = page.height - glyph.top, page.height - glyph.bottom
        span = line.spans[-1] if line.spans else None
        same = span is not None and span.look is glyph.look and span.mark == glyph.mark
        if span is None or not same or span.link != glyph.link:
            span = Span("", glyph.look, left, right, base, glyph.mark, glyph.link)
            line.spans.append(span)
        span.text += glyph.text
        span.right = right
    line.left, line.right = line.spans[0].left, line.spans[-1].right
    line.first = line.size
    return line
