"""The text of a page: its lines in the direction in which most letters are read, and its asides.

Letters say how they are turned, whatever /Rotate says: a table set sideways, a stamp in the margin
and a slanted watermark are each read along their own direction.
"""

import itertools
from collections.abc import Sequence
from typing import Any

from ebook_pipeline.books.converting.from_pdf import right_to_left, slanted
from ebook_pipeline.books.converting.from_pdf.characters import CharacterReader, finish_line
from ebook_pipeline.books.converting.from_pdf.glyphs import SLANTED, LinkArea
from ebook_pipeline.books.converting.from_pdf.lines import Aside, Line, Page, Span
from ebook_pipeline.books.converting.from_pdf.turns import PageView, Rect, Turn, overlap

_HALF = 2
"""Quarter turns by which a page stands on its head."""


def read_page(page: Any, number: int, textpage: Any, areas: Sequence[LinkArea] = ()) -> Page:
    """The page `number` with its lines; `areas` are its links, in the page's own space."""
    box, shown = _visible(page), Turn(page.get_rotation() // 90 % 4)
    text = Page(number, 0.0, 0.0)
    readers = _readers(textpage.raw, text, shown, areas)
    quarters = max(readers, key=lambda turned: readers[turned].letters)
    text.view = PageView(box, shown, Turn(quarters))
    text.width, text.height = text.view.size
    for turned, reader in readers.items():
        upside_down = (turned - shown.quarters) % 4 == _HALF
        lines = right_to_left.in_logical_order(reader, upside_down=upside_down)
        if turned != shown.quarters:
            lines = _from_above(lines)
        if turned == quarters:
            _shift(lines, text.view)
            text.lines = _visible_lines(lines, text)
        else:
            text.asides += [_aside(line, Turn(turned), text.view) for line in lines]
    slanting = readers[shown.quarters].others.get(SLANTED, [])
    text.asides += slanted.read_slanted(textpage.raw, text, slanting)
    _drop_outside(text)
    return text


def _readers(
    raw: Any, text: Page, shown: Turn, areas: Sequence[LinkArea]
) -> dict[int, CharacterReader]:
    """What is read in each direction, by quarters; that in which the page is shown comes first."""
    import pypdfium2.raw as pdfium

    first = CharacterReader(raw, text, shown, areas)
    first.read(range(pdfium.FPDFText_CountChars(raw)))
    readers = {shown.quarters: first}
    for quarters, indices in first.others.items():
        if quarters != SLANTED:
            readers[quarters] = CharacterReader(raw, text, Turn(quarters), areas)
            readers[quarters].read(indices)
    return readers


def _from_above(lines: list[Line]) -> list[Line]:
    """The lines in their order, unless most stand above the one before.

    pdfium puts lines in the order in which they stand on the page as it is shown.
    """
    steps = [after.spans[0].base - line.spans[0].base for line, after in itertools.pairwise(lines)]
    rising = sum(step > 0 for step in steps) * 2 > len(steps)
    return sorted(lines, key=lambda line: -line.spans[0].base) if rising else lines


def _visible(page: Any) -> Rect:
    """What readers show of a page: what its media box and its crop box share."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page.raw, box):
        width, height = page.get_size()
        return 0.0, 0.0, width, height
    return box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top)


def _shift(lines: Sequence[Line], view: PageView) -> None:
    """Let the lower left corner of what is visible be the origin."""
    left, bottom, _, _ = view.read.rect(view.box)
    if not (left or bottom):
        return
    for line in lines:
        line.left, line.right, line.base = line.left - left, line.right - left, line.base - bottom
        for span in line.spans:
            span.left, span.right = span.left - left, span.right - left
            span.base -= bottom


def _visible_lines(lines: Sequence[Line], page: Page) -> list[Line]:
    """The lines without what stands beyond the page's edges."""
    kept = []
    for line in lines:
        seen = [span for span in line.spans if _shows(span, line, page)]
        if len(seen) < len(line.spans):
            page.outside += len(line.text.split()) - len("".join(s.text for s in seen).split())
            line.spans = seen
            if seen:
                line.left, line.right = min(s.left for s in seen), max(s.right for s in seen)
        whole = finish_line(line) if seen else None
        if whole is not None:
            kept.append(whole)
    return kept


def _shows(span: Span, line: Line, page: Page) -> bool:
    """Whether the middle height of the span, and some of its width, is on the page."""
    middle = span.base + 0.3 * line.size
    return 0 <= middle <= page.height and span.right > 0 and span.left < page.width


def _aside(line: Line, turn: Turn, view: PageView) -> Aside:
    own = turn.back((line.left, line.bottom, line.right, line.top))
    return Aside(line, view.placed(own))


def _drop_outside(page: Page) -> None:
    whole = (0.0, 0.0, page.width, page.height)
    kept = [aside for aside in page.asides if overlap(aside.rect, whole)]
    gone = [aside for aside in page.asides if not overlap(aside.rect, whole)]
    page.outside += sum(len(aside.line.text.split()) for aside in gone)
    page.asides = [aside for aside in kept if finish_line(aside.line) is not None]
