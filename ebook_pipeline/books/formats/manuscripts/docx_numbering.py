"""The numbers that a DOCX shows before its headings, written out: ECMA-376 part 1, §17.9.

Readers make lists of numbered paragraphs, but leave out the numbers of headings: “Chapter 3” is
then no heading at all where it is all that the heading says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.formats.manuscripts.docx_headings import (
    ParagraphStyles,
    W,
    numbering,
)

_VAL = f"{W}val"
_LEVELS = 9
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
          (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_MOST = 100_000
"""Numbers above it are no chapters'."""


@dataclass(frozen=True)
class _Level:
    """One level of a list: how its number looks, where it starts, the text around it."""

    format: str = "decimal"
    start: int = 1
    text: str = ""
    restart: int | None = None


@dataclass
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


def write_heading_numbers(
    document: etree._Element, numbers: etree._Element | None, styles: ParagraphStyles
) -> None:
    """Put the number that each heading shows into its text, and take it out of its list."""
    if numbers is None:
        return
    lists = _Lists(numbers)
    for paragraph in document.iter(f"{W}p"):
        style = styles.of(paragraph)
        placed = numbering(paragraph, style.numbering)
        if placed is None or not placed[0].strip("0"):
            continue
        label = lists.next_label(*placed)
        if styles.level(paragraph):
            _write(paragraph, label)


def _write(paragraph: etree._Element, label: str) -> None:
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    for numbered in properties.findall(f"{W}numPr"):
        properties.remove(numbered)
    if not any(letter.isalnum() for letter in label):
        return
    empty = not any(piece.text for piece in paragraph.iter(f"{W}t"))
    run = etree.Element(f"{W}r")
    text = etree.SubElement(run, f"{W}t")
    text.text = label if empty else f"{label} "
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    paragraph.insert(paragraph.index(properties) + 1, run)


class _Lists:
    """Counts the paragraphs of every list, §17.9.25."""

    def __init__(self, root: etree._Element) -> None:
        abstract = {
            one.get(f"{W}abstractNumId", ""): one for one in root.iterfind(f"{W}abstractNum")
        }
        self._lists: dict[str, _List] = {}
        self._by_number: dict[str, _List] = {}
        for number in root.iterfind(f"{W}num"):
            key = _value(number.find(f"{W}abstractNumId"))
            overrides = number.findall(f"{W}lvlOverride")
            known = self._lists.setdefault(key, _List(_levels(abstract.get(key))))
            if overrides:
                known = _List(known.levels | _overridden(overrides, known.levels))
            self._by_number[number.get(f"{W}numId", "")] = known

    def next_label(self, number: str, level: int) -> str:
        """What the next paragraph at `level` of list `number` shows before its text."""
        known = self._by_number.get(number)
        if known is None or level >= _LEVELS:
            return ""
        own = known.levels.get(level, _Level())
        known.counts[level] = known.counts.get(level, own.start - 1) + 1
        for deeper in range(level + 1, _LEVELS):
            restart = known.levels.get(deeper, _Level()).restart
            if restart is None or level < restart:
                known.counts.pop(deeper, None)
        return _label(known, own)


def _label(known: _List, own: _Level) -> str:
    text = "" if own.format == "bullet" else own.text
    for place in range(_LEVELS):
        mark = f"%{place + 1}"
        if mark in text:
            shown = known.levels.get(place, _Level())
            count = known.counts.get(place, shown.start)
            text = text.replace(mark, _formatted(count, shown.format))
    return text


def _levels(root: etree._Element | None) -> dict[int, _Level]:
    if root is None:
        return {}
    return {_int(one.get(f"{W}ilvl", "0")): _level(one) for one in root.iterfind(f"{W}lvl")}


def _overridden(overrides: list[etree._Element], levels: dict[int, _Level]) -> dict[int, _Level]:
    changed = {}
    for override in overrides:
        number = _int(override.get(f"{W}ilvl", "0"))
        own = override.find(f"{W}lvl")
        level = _level(own) if own is not None else levels.get(number, _Level())
        start = override.find(f"{W}startOverride")
        if start is not None:
            level = _Level(level.format, _int(_value(start)), level.text, level.restart)
        changed[number] = level
    return changed


def _level(element: etree._Element) -> _Level:
    restart = element.find(f"{W}lvlRestart")
    start = element.find(f"{W}start")
    return _Level(
        _value(element.find(f"{W}numFmt")) or "decimal",
        _int(_value(start)) if start is not None else 0,
        _value(element.find(f"{W}lvlText")),
        _int(_value(restart)) if restart is not None else None,
    )


def _value(element: etree._Element | None) -> str:
    return element.get(_VAL, "") if element is not None else ""


def _int(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _formatted(number: int, format_: str) -> str:
    """`number` as §17.18.59 names its format; decimal where we know no better."""
    if format_ == "none":
        return ""
    return _FORMATS.get(format_, str)(min(number, _MOST))


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    written = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


def _letter(number: int) -> str:
    """A to Z, then AA to ZZ."""
    if not 0 < number <= 26 * 20:
        return str(number)
    return chr(65 + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _ordinal(number: int) -> str:
    teen = 10 < number % 100 < 14
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_UP_TO_NINETEEN = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen "
    "Sixteen Seventeen Eighteen Nineteen"
)
_ONES = tuple(_UP_TO_NINETEEN.split())
_TENS = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")


def _cardinal(number: int) -> str:
    """English words up to ninety-nine, as headings have them."""
    if number < 20:
        return _ONES[max(number, 0)]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    return str(number)


_HAN = "〇一二三四五六七八九"


def _han(number: int) -> str:
    if not 0 < number < 100:
        return "".join(_HAN[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else "十" if tens == 1 else f"{_HAN[tens]}十"
    return before + (_HAN[ones] if ones else "")


_FORMATS: dict[str, Callable[[int], str]] = {
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "decimalZero": lambda number: f"{number:02}",
    "chineseCounting": _han,
    "chineseCountingThousand": _han,
    "japaneseCounting": _han,
    "taiwaneseCountingThousand": _han,
    "ideographDigital": _han,
}
