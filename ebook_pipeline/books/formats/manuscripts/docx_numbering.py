"""The numbers that a DOCX shows before its headings, written out: ECMA-376 part 1, §17.9.

Readers make lists of numbered paragraphs, but leave out the numbers of headings: “Chapter 3” is
then no heading at all where it is all that the heading says.
"""

from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.formats.manuscripts.docx_headings import (
    ParagraphStyles,
    W,
    numbering,
)
from ebook_pipeline.books.formats.manuscripts.numerals import numeral

_VAL = f"{W}val"
_LEVELS = 9


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
            text = text.replace(mark, numeral(count, shown.format))
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
