"""Characters of one direction read into lines, in the order in which the page is written.

pdfium gives characters in their order, with spaces and line ends where it sees them; both are
judged anew by the characters' places. Thresholds, in sizes of the characters unless it says
otherwise: see the package.
"""

import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ebook_pipeline.books.converting.from_pdf.glyphs import (
    BROKEN_WORD,
    SLANTED,
    SPACE_CODE,
    GlyphReader,
    LinkArea,
    PlacedCharacter,
    placed_characters,
)
from ebook_pipeline.books.converting.from_pdf.lines import FontStyle, Line, Page, Span
from ebook_pipeline.books.converting.from_pdf.turns import Turn
from ebook_pipeline.foundation.slices import slices

_PLAIN = {
    code: chr(code)
    for code in (*range(0x21, 0x7F), *range(0xA1, 0x250), *range(0x2018, 0x201E))
    if code != 0xAD
}
_LINE_ENDS = (10, 13)
_AT_ONCE = 1024
"""Characters that pdfium is asked for one after the other."""
_LINE_END_GAP = 2.2
"""Gap to the line's characters beyond which another line begins."""
_TIGHT_GAP = 0.06
"""Gap up to which a character stands right beside the one before it."""
_SPACE_GAP = 0.135
"""Gap above which there is a space."""
_SPAN_GAP = 0.55
"""Gap above which a span ends, as between the cells of a row."""
_DROP_CAP_SIZE = 1.9
"""Times the size of a character, above which the line before it is a drop cap."""
_LETTERSPACED_SHARE = 0.55
"""Share of a line's letters, 0 to 1, with a gap behind them, above which it is letterspaced."""
_FEWEST_LETTERSPACED = 8
"""Letters of a line, at least, that the share is taken of."""
_MIDDLE = 0.3
"""Height of a letter's middle above the base line."""
_OTHER_LINE = 1.1
"""Height difference beyond which a character stands on another line."""
_LIFTED = 0.55
"""The same where pdfium sees a line's end."""
_OVERLAP = 0.3
"""How far a character may reach back over the line before it and still go on with it."""
_RETURN = 2.0
"""How far a lifted character must reach back to begin a line: pdfium sees no ends of lines where a
page is shown in another direction than its text is read."""
_ON_CURVE = 1.5
"""Distance of beginnings up to which a letter goes on with a slanted one."""
_RAISED_SIZE = 0.85
"""Times the line's size, up to which letters off the base line are raised or lowered."""
_RAISED_LIFT = 0.1
"""Height off the base line, in sizes of the line, from which they are."""


class CharacterReader(GlyphReader):
    """One pass over a page's characters; `lines` is what it found, each with its characters.

    `others` are the characters that are read in another direction than the reader's.
    """

    def __init__(
        self, raw: Any, page: Page, turn: Turn | None = None, areas: Sequence[LinkArea] = ()
    ) -> None:
        super().__init__(raw, page, turn, areas)
        self.lines: list[Line] = []
        self.extents: list[tuple[int, int]] = []
        self.others: dict[int, list[int]] = {}
        self.letters = 0
        self._slanted: tuple[float, float] | None = None
        self._line: Line | None = None
        self._start = self._index = 0
        self._in_word = False
        self._pending = False
        self._quick = not areas and not self._turn.quarters
        self._object: int | None = None
        self._look: FontStyle | None = None
        self._mark, self._reads = -1, self._turn.quarters
        self._low = 0.0
        self._base: float | None = None
        self._gaps: list[tuple[Span, int, float]] = []
        self._line_letters = 0

    def read(self, indices: Sequence[int]) -> None:
        """Fill `lines`; a character costs three calls of pdfium, an object of a page four more."""
        for some in slices(indices, _AT_ONCE):
            characters = placed_characters(self._raw, some)
            character = next(characters, None)
            while character is not None:
                character = self._follow(character, characters)
                if character is not None and not self._enters(character):
                    self._take(character)
                    character = next(characters, None)
        self._index = indices[-1] + 1 if indices else 0
        self._end()

    def _follow(
        self, first: PlacedCharacter, others: Iterator[PlacedCharacter]
    ) -> PlacedCharacter | None:
        """Put plain letters and spaces right behind what the line has; the first that is no such.

        Most characters come this way: nothing is looked up twice.
        """
        line = self._line
        if line is None or self._pending or not self._goes_on(line.spans[-1]):
            return first
        span, own, low, right = line.spans[-1], self._object, self._low, line.right
        tight, wide = _TIGHT_GAP * span.style.size, _SPAN_GAP * span.style.size
        spaced, written = span.text.endswith(" "), []
        for character in itertools.chain((first,), others):
            index, code, shown, left, end, _, bottom = character
            letter = _PLAIN.get(code) if shown == own and bottom == low else None
            if letter is not None and -0.5 < left - right < (wide if spaced else tight):
                written.append(letter)
                right, spaced = max(right, end), False
            elif code == SPACE_CODE and (shown == own or not shown):
                self._end_word(line, right)
                if not spaced:
                    written.append(" ")
                    spaced = True
            elif letter is not None and spaced and self._stands_apart(line, character, right):
                self._put(line, written, right)
                base = self._base_at(index)
                line.spans.append(Span("", span.style, left, end, base, span.mark))
                written, right, spaced = [letter], end, False
            else:
                self._put(line, written, right)
                return character
        self._put(line, written, right)
        return None

    def _stands_apart(self, line: Line, character: PlacedCharacter, right: float) -> bool:
        """Whether a plain letter behind a space goes on with the line, but with no span of it.

        The line's last span is of the letter's style, and ends at `right`.
        """
        _, _, _, left, end, top, bottom = character
        own, base = line.spans[-1].style.size, line.spans[-1].base
        size = max(own, line.size, 1.0)
        return (
            line.left <= left <= end
            and (left - right) / own > _SPAN_GAP
            and left - right <= size * _LINE_END_GAP
            and size <= _DROP_CAP_SIZE * own
            and abs((top + bottom) / 2 - base - size * _MIDDLE) <= size * _OTHER_LINE
        )

    def _base_at(self, index: int) -> float:
        """The height that the letters of the object at hand stand on, of which this is one."""
        if self._base is None:
            self._base = self._origin(index)[1]
        return self._base

    def _put(self, line: Line, written: Sequence[str], right: float) -> None:
        """Plain letters and spaces at the end of the line, whose right edge is `right` then."""
        letters = len(written) - written.count(" ")
        line.spans[-1].text += "".join(written)
        if letters:
            line.spans[-1].right = line.right = right
            if self._in_word:
                line.first = right - line.left
        self._line_letters += letters
        self._page.letters += letters

    def _end_word(self, line: Line, right: float) -> None:
        if self._in_word:
            line.first = right - line.left
            self._in_word = False

    def _goes_on(self, span: Span) -> bool:
        """Whether plain letters of the object at hand may be a part of the span."""
        alike = span.style is self._look and span.mark == self._mark
        return alike and self._quick and self._reads == self._turn.quarters

    def _enters(self, character: PlacedCharacter) -> bool:
        """Whether it is the first of another object of the page: its style is looked up."""
        index, code, shown, _, _, top, bottom = character
        if not shown or shown == self._object or code in _LINE_ENDS:
            return False
        self._object, self._reads = shown, self._read_direction(index)
        self._base = None
        thing = self._ctypes.cast(shown, self._pdfium.FPDF_PAGEOBJECT)
        self._mark = self._pdfium.FPDFPageObj_GetMarkedContentID(thing)
        self._look = self._style(thing, index, top - bottom)
        return True

    def _take(self, character: PlacedCharacter) -> None:
        """A character that does not just follow the one before it."""
        self._index, code, shown, *edges = character
        box = self._box
        if code in _LINE_ENDS:
            self._pending = True
        elif not shown or self._look is None:
            self._space()
        else:
            box.left, box.right, box.top, box.bottom = edges
            if self._reads == SLANTED:
                self._slanted = self._origin(self._index)
            if self._reads != self._turn.quarters:
                self.others.setdefault(self._reads, []).append(self._index)
            elif code == SPACE_CODE:
                self._space()
            else:
                self._add(self._index, code, self._look, self._mark)

    def _read_direction(self, index: int) -> int:
        """The character's direction; upright letters on a curve are read with their neighbours."""
        direction = self._direction(index)
        if direction == SLANTED or self._slanted is None:
            return direction
        near = math.dist(self._slanted, self._origin(index)) < _ON_CURVE * self._size(index, 1.0)
        self._slanted = self._slanted if near else None
        return SLANTED if near else direction

    def _add(self, index: int, code: int, style: FontStyle, mark: int) -> None:
        """Put a character, but no space, into the line that it stands on."""
        left, right, middle = self._place()
        if self._low != self._box.bottom:
            self._low, self._base = self._box.bottom, None
        line = self._line
        if line is not None and self._leaves(line, left, right, middle, style.size):
            self._end()
            line = None
        self._pending = False
        if line is None:
            line = self._line = Line([], self._page.number, left, right, 0.0, style.size)
            self._start = index
            self._in_word = True
        gap = max(left - line.right, line.left - right) / style.size
        span = self._span(line, style, mark, gap)
        if not span.text:
            span.left, span.right, span.base = left, right, self._origin(index)[1]
            self._base = span.base
        if gap > _TIGHT_GAP:
            self._widened(line, span, gap)
        self._write(line, span, code, left, right)

    def _span(self, line: Line, style: FontStyle, mark: int, gap: float) -> Span:
        """The span that a character of this style and content belongs to, maybe a new one."""
        link = self._link() if self._areas else -1
        if line.spans and gap <= _SPAN_GAP:
            span = line.spans[-1]
            if span.style is style and span.mark == mark and span.link == link:
                return span
        span = Span("", style, 0.0, 0.0, 0.0, mark, link)
        line.spans.append(span)
        return span

    def _write(self, line: Line, span: Span, code: int, left: float, right: float) -> None:
        span.text += self._letter(code)
        self._line_letters += 1
        span.left, span.right = min(span.left, left), max(span.right, right)
        line.left, line.right = min(line.left, left), max(line.right, right)
        if self._in_word:
            line.first = line.right - line.left
        if code == BROKEN_WORD:
            line.broken = True
            self._index += 1
            self._end()

    def _widened(self, line: Line, span: Span, gap: float) -> None:
        """Remember a gap without a space: a space is seen when the whole line is known."""
        before = span if span.text else line.spans[-2] if len(line.spans) > 1 else None
        if before is not None and not before.text.endswith(" "):
            self._gaps.append((before, len(before.text), gap))
            if gap > _SPACE_GAP:
                self._in_word = False

    def _leaves(self, line: Line, left: float, right: float, middle: float, own: float) -> bool:
        """Whether a character of the size `own` is on another line, or far from what the line has.

        Where pdfium sees a line's end it stands there, unless it is right beside the last one.
        """
        span = line.spans[-1]
        size = max(span.style.size, line.size, 1.0)
        away = abs(middle - span.base - size * _MIDDLE) > size * _OTHER_LINE
        if size > _DROP_CAP_SIZE * own:
            away = abs(middle - own * _MIDDLE - span.base) > own
        lifted = abs(middle - line.spans[0].base - size * _MIDDLE) > size * _LIFTED
        if self._pending:
            beside = -_OVERLAP * size < left - line.right < _SPAN_GAP * size
            return away or lifted or not beside
        return (
            away
            or (lifted and line.right - left > size * _RETURN)
            or left - line.right > size * _LINE_END_GAP
            or line.left - right > size * _LINE_END_GAP
        )

    def _space(self) -> None:
        if self._line is not None and self._line.spans:
            span = self._line.spans[-1]
            self._in_word = False
            if not span.text.endswith(" "):
                span.text += " "

    def _end(self) -> None:
        if self._line is not None and self._line.spans:
            self._put_spaces()
            self.lines.append(self._line)
            self.extents.append((self._start, self._index))
            self.letters += self._line_letters
        self._gaps.clear()
        self._line_letters = 0
        self._line = None
        self._in_word = False

    def _put_spaces(self) -> None:
        """Turn wide gaps into spaces; in a letterspaced line, only those that are wider still."""
        least = _SPACE_GAP
        if len(self._gaps) > _LETTERSPACED_SHARE * max(self._line_letters, _FEWEST_LETTERSPACED):
            least += statistics.median(gap for _, _, gap in self._gaps)
        for span, place, gap in reversed(self._gaps):
            if gap > least:
                span.text = f"{span.text[:place]} {span.text[place:]}"


def finish_line(line: Line) -> Line | None:
    """The line without outer spaces, its size that of most letters; None where nothing is left."""
    line.spans[0].text = line.spans[0].text.lstrip()
    line.spans[-1].text = line.spans[-1].text.rstrip()
    line.spans = [span for span in line.spans if span.text]
    if not line.text.strip():
        return None
    weights: dict[float, int] = {}
    for span in line.spans:
        weights[span.style.size] = weights.get(span.style.size, 0) + len(span.text.strip())
    line.size = max(weights, key=lambda size: (weights[size], size))
    main = [span for span in line.spans if span.style.size == line.size]
    line.base = main[0].base
    for span in line.spans:
        span.style = _raised(span, line)
    return line


def _raised(span: Span, line: Line) -> FontStyle:
    if span.style.size > line.size * _RAISED_SIZE:
        return span.style
    lift = (span.base - line.base) / line.size
    if abs(lift) < _RAISED_LIFT:
        return span.style
    return replace(span.style, raised=1 if lift > 0 else -1)
