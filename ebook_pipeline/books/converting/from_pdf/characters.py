"""A page's characters read into its lines.

ISO 32000-2 §9.4 (text), §14.7.5.1 (marked content). pdfium gives characters in their order,
with spaces and line ends where it sees them; both are judged anew by the characters' places.
Thresholds, in sizes of the characters unless it says otherwise: see the package.
"""

import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ebook_pipeline.books.converting.from_pdf.lines import HYPHEN, FontStyle, Line, Page, Span

LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_BROKEN_WORD = 2
"""What pdfium gives for a hyphen that breaks a word at a line's end."""
_SPACE_CODE = 32
_PLAIN = frozenset({*range(0x21, 0x7F), *range(0xA1, 0x250), *range(0x2018, 0x201E)}) - {0xAD}
_WIDTHLESS = frozenset({0x200B, 0x2060, 0xFEFF})
_BOLD = re.compile(r"bold|black|heavy|semibold|demi(?!tal)|CMBX|SFBX", re.IGNORECASE)
_ITALIC = re.compile(r"ital|obliq|kursiv|CMTI|CMSL|SFTI", re.IGNORECASE)
_BOLD_WEIGHT = 600
"""OpenType's weight, 1 to 1000, from which a font is bold."""
_ITALIC_FLAG = 1 << 6
"""The flag of a font descriptor, §9.8.2."""
_INVISIBLE = 3
"""The text render mode that paints nothing, §9.3.6."""
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
_RAISED_SIZE = 0.85
"""Times the line's size, up to which letters off the base line are raised or lowered."""
_RAISED_LIFT = 0.1
"""Height off the base line, in sizes of the line, from which they are."""

LinkArea = tuple[float, float, float, float, int]


def read_lines(textpage: Any, page: Page, turned: int, areas: Sequence[LinkArea] = ()) -> Page:
    """Give `page`, shown `turned` degrees clockwise, the lines that pdfium sees on it.

    `areas` (left, bottom, right, top in the page's own space, number) are its links.
    """
    reader = CharacterReader(textpage.raw, page, _turn(turned, (page.width, page.height)), areas)
    reader.read()
    page.lines = [line for line in map(finish_line, reader.lines) if line is not None]
    return page


def _turn(degrees: int, size: tuple[float, float]) -> Any:
    """Places of the page's own space as the reader sees them."""
    width, height = size
    return {
        90: lambda x, y: (y, height - x),
        180: lambda x, y: (width - x, height - y),
        270: lambda x, y: (width - y, x),
    }.get(degrees)


class CharacterReader:
    """One pass over a page's characters; `lines` is what it found."""

    def __init__(self, raw: Any, page: Page, turn: Any, areas: Sequence[LinkArea]) -> None:
        import ctypes

        import pypdfium2.raw as pdfium

        self._raw, self._page, self._turn = raw, page, turn
        self._pdfium, self._ctypes = pdfium, ctypes
        self._box = pdfium.FS_RECTF()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._styles: dict[tuple[int, float], FontStyle] = {}
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
        last, mark, style = 0, -1, None
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
            if here != last or style is None:
                last = here
                mark = pdfium.FPDFPageObj_GetMarkedContentID(shown)
                style = self._style(shown, index, box.top - box.bottom)
            if not self._follows(code, style, mark):
                self._add(index, code, style, mark)
        self._end()

    def _follows(self, code: int, style: FontStyle, mark: int) -> bool:
        """Put a plain letter right behind the one before it, quickly; False where it is not so."""
        line, box = self._line, self._box
        if line is None or self._pending or not self._quick or code not in _PLAIN:
            return False
        span = line.spans[-1]
        same = span.style is style and span.mark == mark and box.bottom == self._low
        if not same or not -0.5 < box.left - line.right < _TIGHT_GAP * style.size:
            return False
        span.text += chr(code)
        span.right = line.right = max(line.right, box.right)
        if self._in_word:
            line.first = line.right - line.left
        self._letters += 1
        self._page.letters += 1
        return True

    def _add(self, index: int, code: int, style: FontStyle, mark: int) -> None:
        """Put a character into the line that it stands on."""
        if code == _SPACE_CODE:
            self._space()
            return
        left, right, middle = self._place()
        self._low = self._box.bottom
        line = self._line
        if line is not None and self._leaves(line, left, right, middle, style.size):
            self._end()
            line = None
        self._pending = False
        if line is None:
            line = self._line = Line([], self._page.number, left, right, 0.0, style.size)
            self._in_word = True
        gap = max(left - line.right, line.left - right) / style.size
        span = self._span(line, style, mark, gap)
        if not span.text:
            span.left, span.right, span.base = left, right, self._base(index)
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
            if gap > _SPACE_GAP:
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
        (start, low), (end, high) = self._turn(box.left, box.bottom), self._turn(box.right, box.top)
        return min(start, end), max(start, end), (low + high) / 2

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
        size = max(span.style.size, line.size, 1.0)
        away = abs(middle - span.base - size * _MIDDLE) > size * _OTHER_LINE
        if size > _DROP_CAP_SIZE * own:
            away = abs(middle - own * _MIDDLE - span.base) > own
        if self._pending:
            beside = -_OVERLAP * size < left - line.right < _SPAN_GAP * size
            lifted = abs(middle - line.spans[0].base - size * _MIDDLE) > size * _LIFTED
            return away or lifted or not beside
        return (
            away
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
        self._gaps.clear()
        self._letters = 0
        self._line = None
        self._in_word = False

    def _put_spaces(self) -> None:
        """Turn wide gaps into spaces; in a letterspaced line, only those that are wider still."""
        least = _SPACE_GAP
        if len(self._gaps) > _LETTERSPACED_SHARE * max(self._letters, _FEWEST_LETTERSPACED):
            least += statistics.median(gap for _, _, gap in self._gaps)
        for span, place, gap in reversed(self._gaps):
            if gap > least:
                span.text = f"{span.text[:place]} {span.text[place:]}"

    def _style(self, shown: Any, index: int, height: float) -> FontStyle:
        pdfium = self._pdfium
        font = pdfium.FPDFTextObj_GetFont(shown)
        key = (self._ctypes.addressof(font.contents) if font else 0, round(height, 1))
        style = self._styles.get(key)
        if style is None:
            name = self._font_name(font)
            weight = pdfium.FPDFFont_GetWeight(font) if font else 0
            flags = pdfium.FPDFFont_GetFlags(font) if font else 0
            style = self._styles[key] = FontStyle(
                round(self._size(index, height), 1),
                bool(_BOLD.search(name)) or weight >= _BOLD_WEIGHT,
                bool(_ITALIC.search(name)) or (flags > 0 and bool(flags & _ITALIC_FLAG)),
                pdfium.FPDFTextObj_GetTextRenderMode(shown) == _INVISIBLE,
            )
        return style

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
