"""The characters of a page one by one: what each is, how it looks, where it stands.

ISO 32000-2 §9.4 (text), §14.7.5.1 (marked content), §14.8.2.2 (artifacts). Lines are made of them
in `characters`, `vertical`, `right_to_left` and `slanted`.
"""

import collections
import functools
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ebook_pipeline.books.converting.from_pdf.lines import HYPHEN, FontStyle, Page
from ebook_pipeline.books.converting.from_pdf.turns import Turn

LIGATURES = {
    code: unicodedata.normalize("NFKC", chr(code)).strip()
    for code in (*range(0xFB00, 0xFDFA), *range(0xFE70, 0xFEFD))
}
"""What ligatures and the shapes of Hebrew and Arabic letters stand for."""
BROKEN_WORD = 2
"""What pdfium gives for a hyphen that breaks a word at a line's end."""
SPACE_CODE = 32
SLANTED = -1
"""The direction of letters that stand at no quarter turn."""
_WIDTHLESS = frozenset({0x200B, 0x2060, 0xFEFF})
_BOLD = re.compile(r"bold|black|heavy|semibold|demi(?!tal)|CMBX|SFBX", re.IGNORECASE)
_ITALIC = re.compile(r"ital|obliq|kursiv|CMTI|CMSL|SFTI", re.IGNORECASE)
_BOLD_WEIGHT = 600
"""OpenType's weight, 1 to 1000, from which a font is bold."""
_ITALIC_FLAG = 1 << 6
"""The flag of a font descriptor, §9.8.2."""
_INVISIBLE = 3
"""The text render mode that paints nothing, §9.3.6."""
_LEANING = 10.0
"""Degrees off a quarter turn, up to which letters count as upright: scans are seldom straight."""
_FAINT_LIGHT, _FAINT_ALPHA = 150, 130
"""Of 255: lightness from which, and opacity up to which, text can be read over such letters."""
_MOST_MARKS = 4
"""Marks of an object that are looked at."""

_SMALLEST = 0.1
"""Points of letters that are smaller still: distances are measured in sizes of them."""
_OF_BOX = 4
"""Numbers of pdfium's rectangle: left, top, right, bottom."""

LinkArea = tuple[float, float, float, float, int]


class CharacterCalls(NamedTuple):
    """pdfium's functions that are called for every character, with addresses in place of pointers.

    ctypes makes a pointer object of each that it returns: a third of a page's time.
    """

    unicode_at: Callable[[int, int], int]
    object_at: Callable[[int, int], int | None]
    box_at: Callable[[int, int, int], int]


@functools.cache
def character_calls() -> CharacterCalls:
    """Those functions of the library that is loaded."""
    import ctypes

    import pypdfium2.raw as pdfium

    page, place = (ctypes.c_void_p, ctypes.c_int), ctypes.c_void_p
    return CharacterCalls(
        ctypes.CFUNCTYPE(ctypes.c_uint, *page)(_address(pdfium.FPDFText_GetUnicode)),
        ctypes.CFUNCTYPE(ctypes.c_void_p, *page)(_address(pdfium.FPDFText_GetTextObject)),
        ctypes.CFUNCTYPE(ctypes.c_int, *page, place)(_address(pdfium.FPDFText_GetLooseCharBox)),
    )


PlacedCharacter = tuple[int, int, int | None, float, float, float, float]
"""Its index, its code, the object of the page that shows it, and left, right, top, bottom."""


def placed_characters(raw: Any, indices: Sequence[int]) -> Iterator[PlacedCharacter]:
    """Characters of a text page with their places in points."""
    import ctypes

    calls = character_calls()
    page = itertools.repeat(ctypes.cast(raw, ctypes.c_void_p).value or 0)
    boxes = (ctypes.c_float * (_OF_BOX * len(indices)))()
    start, step = ctypes.addressof(boxes), _OF_BOX * ctypes.sizeof(ctypes.c_float)
    codes = list(map(calls.unicode_at, page, indices))
    shown = list(map(calls.object_at, page, indices))
    collections.deque(map(calls.box_at, page, indices, itertools.count(start, step)), 0)
    left, top, right, bottom = (boxes[edge::_OF_BOX] for edge in range(_OF_BOX))
    return zip(indices, codes, shown, left, right, top, bottom, strict=True)


def _address(function: Any) -> int:
    import ctypes

    return ctypes.cast(function, ctypes.c_void_p).value or 0


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character with its place in points.

    `base` is the height that it stands on; characters that one shape stands for have one `origin`.
    """

    text: str
    style: FontStyle
    mark: int
    link: int
    left: float
    right: float
    bottom: float
    top: float
    base: float
    origin: float = 0.0

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


class GlyphReader:
    """What pdfium knows of a page's characters, seen in the direction of `turn`."""

    def __init__(
        self, raw: Any, page: Page, turn: Turn | None = None, areas: Sequence[LinkArea] = ()
    ) -> None:
        import ctypes

        import pypdfium2.raw as pdfium

        self._raw, self._page = raw, page
        self._turn = turn or Turn(0)
        self._pdfium, self._ctypes = pdfium, ctypes
        self._box = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._colour = tuple(ctypes.c_uint() for _ in range(4))
        self._styles: dict[tuple[int, float, bool], FontStyle] = {}
        self._areas = areas

    def glyphs(self, indices: Iterable[int]) -> Iterator[Glyph]:
        """These characters, but spaces that pdfium made up and line ends."""
        pdfium, raw, box = self._pdfium, self._raw, self._box
        for index in indices:
            code = pdfium.FPDFText_GetUnicode(raw, index)
            shown = pdfium.FPDFText_GetTextObject(raw, index)
            if not shown or code in (10, 13):
                continue
            pdfium.FPDFText_GetLooseCharBox(raw, index, self._ctypes.byref(box))
            style = self._style(shown, index, box.top - box.bottom)
            mark = pdfium.FPDFPageObj_GetMarkedContentID(shown)
            link = self._link() if self._areas else -1
            left, bottom, right, top = self._turn.rect((box.left, box.bottom, box.right, box.top))
            origin, base = self._origin(index)
            text = " " if code == SPACE_CODE else self._letter(code)
            yield Glyph(text, style, mark, link, left, right, bottom, top, base, origin)

    def reread(self, indices: Iterable[int]) -> list[Glyph]:
        """The same, where they were counted before."""
        letters, unreadable = self._page.letters, self._page.unreadable
        glyphs = list(self.glyphs(indices))
        self._page.letters, self._page.unreadable = letters, unreadable
        return glyphs

    def _direction(self, index: int) -> int:
        """Which way the character is read: quarter turns counter-clockwise, or SLANTED."""
        matrix = self._matrix
        self._pdfium.FPDFText_GetMatrix(self._raw, index, self._ctypes.byref(matrix))
        if matrix.b == 0 and matrix.a > 0:
            return 0
        degrees = math.degrees(math.atan2(matrix.b, matrix.a))
        quarters = round(degrees / 90)
        return quarters % 4 if abs(degrees - 90 * quarters) <= _LEANING else SLANTED

    def _letter(self, code: int) -> str:
        if code in (BROKEN_WORD, 0xFFFE):
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
        """Left, right and middle height of the character, in the direction of reading."""
        box = self._box
        if not self._turn.quarters:
            return box.left, box.right, (box.top + box.bottom) / 2
        left, low, right, high = self._turn.rect((box.left, box.bottom, box.right, box.top))
        return left, right, (low + high) / 2

    def _link(self) -> int:
        x, y = (self._box.left + self._box.right) / 2, (self._box.bottom + self._box.top) / 2
        for left, bottom, right, top, number in self._areas:
            if left <= x <= right and bottom <= y <= top:
                return number
        return -1

    def _origin(self, index: int) -> tuple[float, float]:
        """Where the character begins on its base line."""
        self._pdfium.FPDFText_GetCharOrigin(
            self._raw, index, self._ctypes.byref(self._x), self._ctypes.byref(self._y)
        )
        return self._turn.point(self._x.value, self._y.value)

    def _style(self, shown: Any, index: int, height: float) -> FontStyle:
        pdfium = self._pdfium
        font = pdfium.FPDFTextObj_GetFont(shown)
        address = self._ctypes.addressof(font.contents) if font else 0
        key = (address, round(height, 1), self._faint(shown))
        style = self._styles.get(key)
        if style is None:
            name = self._font_name(font)
            weight = pdfium.FPDFFont_GetWeight(font) if font else 0
            flags = pdfium.FPDFFont_GetFlags(font) if font else 0
            style = self._styles[key] = FontStyle(
                max(round(self._size(index, height), 1), _SMALLEST),
                bool(_BOLD.search(name)) or weight >= _BOLD_WEIGHT,
                bool(_ITALIC.search(name)) or (flags > 0 and bool(flags & _ITALIC_FLAG)),
                pdfium.FPDFTextObj_GetTextRenderMode(shown) == _INVISIBLE,
                faint=key[2],
            )
        return style

    def _faint(self, shown: Any) -> bool:
        """Whether text may be read over the object: it is light, thin, or called a watermark."""
        if self._pdfium.FPDFPageObj_CountMarks(shown) and self._is_watermark(shown):
            return True
        red, green, blue, alpha = self._colour
        byref = self._ctypes.byref
        known = self._pdfium.FPDFPageObj_GetFillColor(
            shown, byref(red), byref(green), byref(blue), byref(alpha)
        )
        if known and red.value == green.value == blue.value == 0 and alpha.value == 255:
            return False
        light = 0.3 * red.value + 0.59 * green.value + 0.11 * blue.value
        return bool(known) and (light >= _FAINT_LIGHT or alpha.value <= _FAINT_ALPHA)

    def _is_watermark(self, shown: Any) -> bool:
        """Whether the object is marked as an artifact that is a watermark."""
        pdfium, length = self._pdfium, self._ctypes.c_ulong()
        value = (self._ctypes.c_ushort * 32)()
        for number in range(min(pdfium.FPDFPageObj_CountMarks(shown), _MOST_MARKS)):
            mark = pdfium.FPDFPageObj_GetMark(shown, number)
            found = pdfium.FPDFPageObjMark_GetParamStringValue(
                mark, b"Subtype", value, 2 * len(value), self._ctypes.byref(length)
            )
            if found and bytes(value).decode("utf-16-le", "replace").startswith("Watermark\0"):
                return True
        return False

    def _font_name(self, font: Any) -> str:
        if not font:
            return ""
        name = self._ctypes.create_string_buffer(256)
        self._pdfium.FPDFFont_GetBaseFontName(font, name, 256)
        return name.value.decode("latin-1")

    def _size(self, index: int, height: float) -> float:
        matrix = self._matrix
        self._pdfium.FPDFText_GetMatrix(self._raw, index, self._ctypes.byref(matrix))
        scale = math.hypot(matrix.c, matrix.d)  # recognised text is stretched to its word's width
        size: float = self._pdfium.FPDFText_GetFontSize(self._raw, index) * scale
        return size if 0 < size < 1000 else max(height, 0.1)
