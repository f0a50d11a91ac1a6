"""Pages of Chinese and Japanese that read from above and from right to left.

Their columns become lines as if the page were turned: later steps treat them as any other lines.
Thresholds: see the package.
"""

import re
from collections.abc import Sequence
from typing import Any

from ebook_pipeline.books.converting.from_pdf.characters import finish_line
from ebook_pipeline.books.converting.from_pdf.glyphs import Glyph, GlyphReader, LinkArea
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, Span

_LETTER = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_NARROW_LINE = 1.35
"""Sizes of a line's width, below which it holds one character."""
_FEWEST_LETTERS = 20
"""Letters of a page, above which its direction can be told."""
_VERTICAL_SHARE = 0.6
"""Share of the letters, 0 to 1, in lines of one character, above which a page is vertical."""
_SAME_COLUMN = 0.6
"""Sizes between the middles of characters, below which they are of one column."""
_RUBY_SIZE = 0.62
"""Times the size of most characters, up to which one is ruby, the reading of another."""


def is_vertical(page: Page) -> bool:
    """Whether most letters of the page stand below each other."""
    letters = stacked = 0
    for line in page.lines:
        count = len(_LETTER.findall(line.text))
        letters += count
        if line.right - line.left < _NARROW_LINE * line.size:
            stacked += count
    return letters > _FEWEST_LETTERS and stacked > _VERTICAL_SHARE * letters


def read_vertical(textpage: Any, page: Page, areas: Sequence[LinkArea] = ()) -> int:
    """Read the page anew by its columns; how many small readings beside them were left out."""
    import pypdfium2.raw as pdfium

    reader = GlyphReader(textpage.raw, page, areas=areas)
    count = pdfium.FPDFText_CountChars(textpage.raw)
    glyphs = [glyph for glyph in reader.reread(range(count)) if glyph.text.strip()]
    sizes: dict[float, int] = {}
    for glyph in glyphs:
        sizes[glyph.style.size] = sizes.get(glyph.style.size, 0) + 1
    body = max(sizes, key=lambda size: sizes[size])
    text = [glyph for glyph in glyphs if glyph.style.size > _RUBY_SIZE * body]
    left_out = len(glyphs) - len(text)
    text = _without_number(text)
    lines = [_line(column, page) for column in _columns(text)]
    page.lines = [line for line in map(finish_line, lines) if line is not None]
    page.asides = []
    page.width, page.height = page.height, page.width
    return left_out


def _without_number(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Without the page's number, which stands below or above all letters."""
    letters = [glyph for glyph in glyphs if not glyph.text.isdigit()]
    if not letters:
        return list(glyphs)
    foot, head = min(one.bottom for one in letters), max(one.top for one in letters)
    within = (one for one in glyphs if not one.text.isdigit() or head > one.bottom > foot)
    return [one for one in within if one.top > foot]


def _columns(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Glyphs by columns from the right, each from above."""
    columns: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.middle):
        if columns and columns[-1][0].middle - glyph.middle < _SAME_COLUMN * glyph.style.size:
            columns[-1].append(glyph)
        else:
            columns.append([glyph])
    for column in columns:
        column.sort(
            key=lambda glyph: (-round((glyph.top + glyph.bottom) / glyph.style.size), glyph.left)
        )
    return columns


def _line(column: Sequence[Glyph], page: Page) -> Line:
    """A column as a line of the turned page."""
    base = min(glyph.middle for glyph in column)
    line = Line([], page.number, 0.0, 0.0, base, column[0].style.size)
    for glyph in column:
        left, right = page.height - glyph.top, page.height - glyph.bottom
        span = line.spans[-1] if line.spans else None
        same = span is not None and span.style is glyph.style and span.mark == glyph.mark
        if span is None or not same or span.link != glyph.link:
            span = Span("", glyph.style, left, right, base, glyph.mark, glyph.link)
            line.spans.append(span)
        span.text += glyph.text
        span.right = right
    line.left, line.right = line.spans[0].left, line.spans[-1].right
    line.first = line.size
    return line
