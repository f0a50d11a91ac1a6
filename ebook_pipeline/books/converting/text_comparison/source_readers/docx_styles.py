"""What styles and lists of a DOCX say of its text: what is hidden, and the numbers of headings."""

import functools
import re

from lxml import etree

from ebook_pipeline.books.formats.manuscripts.numerals import numeral

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = frozenset({"0", "false", "off", "none"})
_DEEPEST = 30
"""Styles that are based on each other."""
_HEADING = re.compile(r"[^\W\d]+ ?[1-9]")


class WordStyles:
    """Looked up by id along the chain of ``basedOn``; counts the lists as it is asked."""

    def __init__(self, styles: etree._Element | None, numbers: etree._Element | None) -> None:
        found = styles.iter(f"{_W}style") if styles is not None else ()
        self._styles = {style.get(f"{_W}styleId", ""): style for style in found}
        self._normal = next(
            (
                key
                for key, style in self._styles.items()
                if style.get(f"{_W}default") in ("1", "true")
                and style.get(f"{_W}type") == "paragraph"
            ),
            "",
        )
        self._numbers = numbers
        self._counts: dict[tuple[str, int], int] = {}
        self._lists = functools.cache(self._levels)
        self._first = functools.cache(self._first_of)
        self._asked: tuple[etree._Element | None, str] = (None, "")

    def name(self, paragraph: etree._Element) -> str:
        style = self._styles.get(self._key(paragraph))
        return _value(style, "name") if style is not None else self._key(paragraph)

    def is_hidden(self, run: etree._Element) -> bool:
        own = run.find(f"{_W}rPr/{_W}vanish")
        if own is not None:
            return own.get(f"{_W}val", "1") not in _OFF
        paragraph = next(run.iterancestors(f"{_W}p"), None)
        keys = [_value(run, f"rPr/{_W}rStyle")]
        keys += [self._key(paragraph)] if paragraph is not None else []
        for key in keys:
            switch = self._first(key, f"{_W}rPr/{_W}vanish")
            if switch is not None and switch.get(f"{_W}val", "1") not in _OFF:
                return True
        return False

    def heading_label(self, paragraph: etree._Element) -> str:
        """The number that Word shows before a heading; counts every numbered paragraph."""
        key = self._key(paragraph)
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        number = own if own is not None else self._first(key, f"{_W}pPr/{_W}numPr")
        if number is None or self._numbers is None or _value(number, "numId") in ("", "0"):
            return ""
        level = _number(_value(number, "ilvl"))
        label = self._count(_value(number, "numId"), level)
        return label if self.is_heading(paragraph) else ""

    def is_heading(self, paragraph: etree._Element) -> bool:
        """By its outline level, its style's, or the style's name."""
        key, path = self._key(paragraph), f"{_W}pPr/{_W}outlineLvl"
        own = paragraph.find(path)
        outlined = own if own is not None else self._first(key, path)
        if outlined is not None and outlined.get(f"{_W}val", "9") != "9":
            return True
        names = (key, *(_value(style, "name") for style in self._chain(key)))
        return any(_HEADING.fullmatch(name) and not name.startswith("toc") for name in names)

    def _count(self, number: str, level: int) -> str:
        levels, family, start = self._lists(number)
        own = levels.get(level)
        if own is None:
            return ""
        first = start.get(level, _number(_value(own, "start")))
        self._counts[family, level] = self._counts.get((family, level), first - 1) + 1
        for deeper in range(level + 1, 9):
            if deeper in levels and _value(levels[deeper], "lvlRestart") != "0":
                self._counts.pop((family, deeper), None)
        text = "" if _value(own, "numFmt") == "bullet" else _value(own, "lvlText")
        for place, other in levels.items():
            shown = self._counts.get((family, place), _number(_value(other, "start")))
            text = text.replace(f"%{place + 1}", numeral(shown, _value(other, "numFmt")))
        return text if any(letter.isalnum() for letter in text) else ""

    def _levels(self, number: str) -> tuple[dict[int, etree._Element], str, dict[int, int]]:
        """The levels of a list, what its counts are kept under, and where it starts otherwise."""
        assert self._numbers is not None
        listed = _child_with(self._numbers, "num", "numId", number)
        family = _value(listed, "abstractNumId") if listed is not None else ""
        abstract = _child_with(self._numbers, "abstractNum", "abstractNumId", family)
        found = abstract.iterfind(f"{_W}lvl") if abstract is not None else ()
        levels = {_number(one.get(f"{_W}ilvl", "0")): one for one in found}
        start: dict[int, int] = {}
        for override in listed.iterfind(f"{_W}lvlOverride") if listed is not None else ():
            level = _number(override.get(f"{_W}ilvl", "0"))
            own = override.find(f"{_W}lvl")
            levels |= {level: own} if own is not None else {}
            if text := _value(override, "startOverride"):
                start[level] = _number(text)
            family = f"{family} of {number}"
        return levels, family, start

    def _key(self, paragraph: etree._Element) -> str:
        """Looked for once while all its runs are asked about: it may lie behind any of them."""
        if self._asked[0] is not paragraph:
            key = _value(paragraph, f"pPr/{_W}pStyle") or self._normal
            self._asked = (paragraph, key)
        return self._asked[1]

    def _chain(self, key: str) -> list[etree._Element]:
        chain: list[etree._Element] = []
        while key in self._styles and len(chain) < _DEEPEST:
            chain.append(self._styles[key])
            key = _value(chain[-1], "basedOn")
        return chain

    def _first_of(self, key: str, path: str) -> etree._Element | None:
        found = (style.find(path) for style in self._chain(key))
        return next((element for element in found if element is not None), None)


def _child_with(root: etree._Element, name: str, key: str, value: str) -> etree._Element | None:
    found = root.iterfind(f"{_W}{name}")
    return next((one for one in found if one.get(f"{_W}{key}") == value), None)


def _value(element: etree._Element, path: str) -> str:
    found = element.find(f"{_W}{path}")
    return found.get(f"{_W}val", "") if found is not None else ""


def _number(text: str) -> int:
    """`text` as a number, nought where it is none that a list has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
