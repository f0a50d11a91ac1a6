"""A page's characters read into its lines.

ISO 32000-2 §9.4 (text), §14.7.5.1 (marked content). pdfium gives characters in their order,
with spaces and line ends where it sees them; both are judged anew by the characters' places.
"""

import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ebook_pipeline.books.converting.from_pdf.lines import HYPHEN, Line, Look, Page, Span

LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_BROKEN_WORD = 2
_SPACE_CODE = 32
_PLAIN = frozenset({*range(0x21, 0x7F), *range(0xA1, 0x250), *range(0x2018, 0x201E)}) - {0xAD}
_WIDTHLESS = frozenset({0x200B, 0x2060, 0xFEFF})
_BOLD = re.compile(r"bold|black|heavy|semibold|demi(?!tal)|CMBX|SFBX", re.IGNORECASE)
_ITALIC = re.compile(r"ital|obliq|kursiv|CMTI|CMSL|SFTI", re.IGNORECASE)
_HEAVY = 600
_ITALIC_FLAG = 1 << 6
_INVISIBLE = 3
_GAP = 2.2
_TRACKED = 0.06
_SPACE = 0.135
_WIDE = 0.55
_INITIAL = 1.9
_MOST_APART = 0.55

Area = tuple[float, float, float, float, int]


def read_lines(textpage: Any, page: Page, turned: int, areas: Sequence[Area] = ()) -> Page:
    """Give `page`, shown `turned` degrees clockwise, the lines that pdfium sees on it.

    `areas` (left, bottom, right, top in the page's own space, number) are its links.
    """
    reader = Reader(textpage.raw, page, _turn(turned, (page.width, page.height)), areas)
    reader.read()
    page.lines = [line for line in map(finished, reader.lines) if line is not None]
    return page


def _turn(degrees: int, size: tuple[float, float]) -> Any:
    """Places of the page's own space as the reader sees them."""
    width, height = size
    return {
        90: lambda x, y: (y, height - x),
        180: lambda x, y: (width - x, height - y),
        270: lambda x, y: (width - y, x),
    }.get(degrees)


class Reader:
    """One pass over a page's characters; `lines` is what it found."""

    def __init__(self, raw: Any, page: Page, turn: Any, areas: Sequence[Area]) -> None:
        import ctypes

        import pypdfium2.raw as pdfium

        self._raw, self._page, self._turn = raw, page, turn
        self._pdfium, self._ctypes = pdfium, ctypes
        self._box = pdfium.FS_RECTF()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._looks: dict[tuple[int, float], Look] = {}
        self.lines: list[Line] = []
        self._line: Line | None = None
        self._in_word = False
        self._pending = False
        self._areas = areas
        self._quick = not areas and turn is None
        self._low = 0.0
        self._gaps: list[tuple[Span, int, float]] = []
        self._letters = 0

    def read(self) -> None:
        """Fill `lines`; a character costs three calls of pdfium, an object of the page two more."""
        pdfium, raw = self._pdfium, self._raw
        unicode_at, object_at = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetTextObject
        box_at, box = pdfium.FPDFText_GetLooseCharBox, self._box
        reference, address = self._ctypes.byref(box), self._ctypes.addressof
        last, mark, look = 0, -1, None
        for index in range(pdfium.FPDFText_CountChars(raw)):
            code = unicode_at(raw, index)
            if code in (10, 13):
                self._pending = True
                continue
            shown = object_at(raw, index)
            if not shown:
                self._space()
                continue
            box_at(raw, index, reference)
            here = address(shown.contents)
            if here != last or look is None:
                last = here
                mark = pdfium.FPDFPageObj_GetMarkedContentID(shown)
                look = self._look(shown, index, box.top - box.bottom)
            if not self._follows(code, look, mark):
                self._add(index, code, look, mark)
        self._end()

    def _follows(self, code: int, look: Look, mark: int) -> bool:
        """Put a plain letter right behind the one before it, quickly; False where it is not so."""
        line, box = self._line, self._box
        if line is None or self._pending or not self._quick or code not in _PLAIN:
            return False
        span = line.spans[-1]
        same = span.look is look and span.mark == mark and box.bottom == self._low
        if not same or not -0.5 < box.left - line.right < _TRACKED * look.size:
            return False
        span.text += chr(code)
        span.right = line.right = max(line.right, box.right)
        if self._in_word:
            line.first = line.right - line.left
        self._letters += 1
        self._page.letters += 1
        return True

    def _add(self, index: int, code: int, look: Look, mark: int) -> None:
        """Put a character into the line that it stands on."""
        if code == _SPACE_CODE:
            self._space()
            return
        left, right, middle = self._place()
        self._low = self._box.bottom
        line = self._line
        if line is not None and self._leaves(line, left, right, middle, look.size):
            self._end()
            line = None
        self._pending = False
        if line is None:
            line = self._line = Line([], self._page.number, left, right, 0.0, look.size)
            self._in_word = True
        gap = max(left - line.right, line.left - right) / look.size
        span = self._span(line, look, mark, gap)
        if not span.text:
            span.left, span.right, span.base = left, right, self._base(index)
        if gap > _TRACKED:
            self._widened(line, span, gap)
        self._write(line, span, code, left, right)

    def _span(self, line: Line, look: Look, mark: int, gap: float) -> Span:
        """The span that a character of this look and content belongs to, maybe a new one."""
        link = self._link() if self._areas else -1
        if line.spans and gap <= _WIDE:
            span = line.spans[-1]
            if span.look is look and span.mark == mark and span.link == link:
                return span
        span = Span("", look, 0.0, 0.0, 0.0, mark, link)
        line.spans.append(span)
        return span

    def _write(self, line: Line, span: Span, code: int, left: float, right: float) -> None:
        span.text += self._letter(code)
        self._letters += 1
        span.left, span.right = min(span.left, left), max(span.right, right)
        line.left, line.right = min(line.left, left), max(line.right, right)
        if self._in_word:
            line.first = line.right - line.left
        if code == _BROKEN_WORD:
            line.broken = True
            self._end()

    def _widened(self, line: Line, span: Span, gap: float) -> None:
        """Remember a gap without a space: a space is seen when the whole line is known."""
        before = span if span.text else line.spans[-2] if len(line.spans) > 1 else None
        if before is not None and not before.text.endswith(" "):
            self._gaps.append((before, len(before.text), gap))
            if gap > _SPACE:
                self._in_word = False

    def _letter(self, code: int) -> str:
        if code == _BROKEN_WORD or code == 0xFFFE:
            return HYPHEN
        if code in (0, 0xFFFD) or 0xE000 <= code <= 0xF8FF:
            self._page.unreadable += 1
            return "\ufffd" if code in (0, 0xFFFD) else chr(code)
        if (
            code in _WIDTHLESS
            or code < 32
            or 0x7F <= code < 0xA0
            or 0xD800 <= code < 0xE000
            or code == 0xFFFF
        ):
            return ""
        self._page.letters += 1
        return LIGATURES.get(code) or chr(code)

    def _place(self) -> tuple[float, float, float]:
        """Left, right and middle height of the character, as the page is shown."""
        box = self._box
        if self._turn is None:
            return box.left, box.right, (box.top + box.bottom) / 2
        (one, low), (two, high) = self._turn(box.left, box.bottom), self._turn(box.right, box.top)
        return min(one, two), max(one, two), (low + high) / 2

    def _link(self) -> int:
        x, y = (self._box.left + self._box.right) / 2, (self._box.bottom + self._box.top) / 2
        for left, bottom, right, top, number in self._areas:
            if left <= x <= right and bottom <= y <= top:
                return number
        return -1

    def _base(self, index: int) -> float:
        self._pdfium.FPDFText_GetCharOrigin(
            self._raw, index, self._ctypes.byref(self._x), self._ctypes.byref(self._y)
        )
        if self._turn is None:
            return self._y.value
        height: float = self._turn(self._x.value, self._y.value)[1]
        return height

    def _leaves(self, line: Line, left: float, right: float, middle: float, own: float) -> bool:
        """Whether a character of the size `own` is on another line, or far from what the line has.

        Where pdfium sees a line's end it stands there, unless it is right beside the last one.
        """
        span = line.spans[-1]
        size = max(span.look.size, line.size, 1.0)
        away = abs(middle - span.base - size * 0.3) > size * 1.1
        if size > _INITIAL * own:
            away = abs(middle - own * 0.3 - span.base) > own
        if self._pending:
            beside = -0.3 * size < left - line.right < _WIDE * size
            lifted = abs(middle - line.spans[0].base - size * 0.3) > size * 0.55
            return away or lifted or not beside
        return away or left - line.right > size * _GAP or line.left - right > size * _GAP

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
        self._gaps.clear()
        self._letters = 0
        self._line = None
        self._in_word = False

    def _put_spaces(self) -> None:
        """Turn wide gaps into spaces; where all letters stand apart, only what is wider still."""
        least = _SPACE
        if len(self._gaps) > _MOST_APART * max(self._letters, 8):
            least += statistics.median(gap for _, _, gap in self._gaps)
        for span, place, gap in reversed(self._gaps):
            if gap > least:
                span.text = f"{span.text[:place]} {span.text[place:]}"

    def _look(self, shown: Any, index: int, height: float) -> Look:
        pdfium = self._pdfium
        font = pdfium.FPDFTextObj_GetFont(shown)
        key = (self._ctypes.addressof(font.contents) if font else 0, round(height, 1))
        found = self._looks.get(key)
        if found is None:
            name = self._font_name(font)
            weight = pdfium.FPDFFont_GetWeight(font) if font else 0
            flags = pdfium.FPDFFont_GetFlags(font) if font else 0
            found = self._looks[key] = Look(
                round(self._size(index, height), 1),
                bool(_BOLD.search(name)) or weight >= _HEAVY,
                bool(_ITALIC.search(name)) or (flags > 0 and bool(flags & _ITALIC_FLAG)),
                pdfium.FPDFTextObj_GetTextRenderMode(shown) == _INVISIBLE,
            )
        return found

    def _font_name(self, font: Any) -> str:
        if not font:
            return ""
        name = self._ctypes.create_string_buffer(256)
        self._pdfium.FPDFFont_GetBaseFontName(font, name, 256)
        return name.value.decode("latin-1")

    def _size(self, index: int, height: float) -> float:
        matrix = self._pdfium.FS_MATRIX()
        self._pdfium.FPDFText_GetMatrix(self._raw, index, self._ctypes.byref(matrix))
        scale = abs(matrix.a * matrix.d - matrix.b * matrix.c) ** 0.5
        size: float = self._pdfium.FPDFText_GetFontSize(self._raw, index) * scale
        return size if 0 < size < 1000 else max(height, 0.1)


def finished(line: Line) -> Line | None:
    """The line without outer spaces, its size that of most letters; None where nothing is left."""
    line.spans[0].text = line.spans[0].text.lstrip()
    line.spans[-1].text = line.spans[-1].text.rstrip()
    line.spans = [span for span in line.spans if span.text]
    if not line.text.strip():
        return None
    weights: dict[float, int] = {}
    for span in line.spans:
        weights[span.look.size] = weights.get(span.look.size, 0) + len(span.text.strip())
    line.size = max(weights, key=lambda size: (weights[size], size))
    main = [span for span in line.spans if span.look.size == line.size]
    line.base = main[0].base
    for span in line.spans:
        span.look = _raised(span, line)
    return line


def _raised(span: Span, line: Line) -> Look:
    if span.look.size > line.size * 0.85:
        return span.look
    lift = (span.base - line.base) / line.size
    if abs(lift) < 0.1:
        return span.look
    return replace(span.look, raised=1 if lift > 0 else -1)
