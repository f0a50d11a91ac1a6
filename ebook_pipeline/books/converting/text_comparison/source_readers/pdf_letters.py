"""The letters of a PDF's page where pdfium sees them, and lines of them as they are read."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

FROM_RIGHT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LEFT_LETTERS = r"[^\W\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+"
_FROM_LEFT = re.compile(rf"{_LEFT_LETTERS}(?:(?<=\d)[.,:/-](?=\d){_LEFT_LETTERS})*")
"""Words, and numbers with what parts their digits, in lines that are read from the right."""
_SAME_LINE = 0.4
"""Of a letter's height: how far letters of one line may stand from each other in height."""
_ARABIC_NUMBER = re.compile(
    r"[\u0660-\u0669\u06f0-\u06f9]+(?:[.,\u066b\u066c][\u0660-\u0669\u06f0-\u06f9]+)*"
)
"""Digits that stand among letters read from the right and are read from the left."""
_COLUMN_GAP = 0.8
"""Of a letter's height: the gap behind a broken word from which another column follows."""
_SPACE = 0.2
"""Of a letter's height: the gap from which there is a space."""
_HALF = 2
"""Quarter turns by which a letter stands on its head."""
_QUARTER = 1.5707963
"""Radians of a quarter turn."""
_LEANING = 0.12
"""Of a quarter turn, from which letters are slanted."""


@dataclass(frozen=True)
class Letter:
    """A letter; left, right, base line and origin as it is read, its middle as it stands."""

    text: str
    quarters: int | None
    left: float
    right: float
    base: float
    height: float
    x: float
    y: float
    origin: float = 0.0


def letters_of(textpage: Any, shown: int = 0) -> Iterator[Letter]:
    """The letters in pdfium's order, those that stand on their head as they are read."""
    upside_down = [letter for letter in placed_letters(textpage) if _on_its_head(letter, shown)]
    if not upside_down:
        yield from placed_letters(textpage)
        return
    yield from (letter for letter in placed_letters(textpage) if not _on_its_head(letter, shown))
    line: list[Letter] = []
    for letter in sorted(upside_down, key=lambda letter: -letter.base):
        if line and not abreast(line[0], letter):
            yield from _with_spaces(sorted(line, key=_origin))
            line = []
        line.append(letter)
    yield from _with_spaces(sorted(line, key=_origin))


def placed_letters(textpage: Any) -> Iterator[Letter]:
    """The letters in pdfium's order, without ends of lines and what is no sign."""
    import ctypes

    import pypdfium2.raw as pdfium

    raw, box = textpage.raw, pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(pdfium.FPDFText_CountChars(raw)):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        if code in (10, 13) or 0xD800 <= code < 0xE000:
            continue
        pdfium.FPDFText_GetLooseCharBox(raw, index, box)
        pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
        is_drawn = pdfium.FPDFText_GetTextObject(raw, index)
        quarters = quarter_turns(textpage, index) if is_drawn else 0
        ends = {0: (box.left, box.right), 1: (box.bottom, box.top)}
        ends |= {2: (-box.right, -box.left), 3: (-box.top, -box.bottom)}
        left, right = ends[quarters or 0]
        base = {0: y.value, 1: -x.value, 2: -y.value, 3: x.value}[quarters or 0]
        height = max(pdfium.FPDFText_GetFontSize(raw, index), 1.0)
        place = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        begins = {0: x.value, 1: y.value, 2: -x.value, 3: -y.value}[quarters or 0]
        yield Letter(chr(code), quarters, left, right, base, height, *place, begins)


def quarter_turns(textpage: Any, index: int) -> int | None:
    """How a letter is turned, in quarters counter-clockwise; None for one that slants."""
    import pypdfium2.raw as pdfium

    angle: float = -pdfium.FPDFText_GetCharAngle(textpage.raw, index) / _QUARTER
    return round(angle) % 4 if abs(angle - round(angle)) <= _LEANING else None


def _with_spaces(line: Sequence[Letter]) -> Iterator[Letter]:
    before: Letter | None = None
    for letter in line:
        if before is not None and letter.left - before.right > _SPACE * letter.height:
            yield replace(before, text=" ")
        yield letter
        before = letter


def _on_its_head(letter: Letter, shown: int) -> bool:
    return letter.quarters is not None and (letter.quarters - shown) % 4 == _HALF


def _origin(letter: Letter) -> float:
    return letter.origin


def abreast(letter: Letter, other: Letter) -> bool:
    """Whether two letters stand on one line and are turned alike."""
    near = abs(letter.base - other.base) <= _SAME_LINE * other.height
    return near and letter.quarters == other.quarters


def is_apart(before: Letter, letter: Letter) -> bool:
    """Whether a letter stands on the same line in another column."""
    return abreast(before, letter) and letter.left - before.right > _COLUMN_GAP * letter.height


def line_of(row: Sequence[Letter]) -> str:
    """The letters as they were written, or from the right where one of them is read so."""
    text = "".join(letter.text for letter in row)
    if not FROM_RIGHT.search(text):
        return text
    ordered = sorted(
        (letter for letter in row if letter.text != " "),
        key=lambda letter: -(letter.left + letter.right),
    )
    pieces = [ordered[0].text] if ordered else []
    for before, letter in itertools.pairwise(ordered):
        mark = unicodedata.combining(letter.text) > 0
        gap = before.left - letter.right > _SPACE * letter.height and not mark
        pieces.append(" " * gap + letter.text)
    turned = _FROM_LEFT.sub(lambda match: match[0][::-1], "".join(pieces))
    turned = _ARABIC_NUMBER.sub(lambda match: match[0][::-1], turned)
    return unicodedata.normalize("NFC", turned)
