"""Headings marked in a DOCX whose author only made paragraphs look like headings.

Part 1 §17.3.1 (paragraphs) and §17.7 (styles) of ECMA-376.
"""

import re
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.formats.manuscripts.heading_detection import (
    LARGER,
    StyledParagraph,
    detect_headings,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{W}val"
_HEADING = re.compile(r"(heading|überschrift|titre|título|titolo|kop|rubrik) ?[1-9]", re.IGNORECASE)
_TITLES = frozenset({"title", "subtitle", "author", "date"})
_OWN = "EbookHeading"
_DEEPEST = 20
"""Styles that are based on each other."""


@dataclass(frozen=True)
class ParagraphStyle:
    """What a paragraph style says, its parents included; sizes in half points."""

    name: str = ""
    heading: bool = False
    centred: bool = False
    bold: bool = False
    size: int = 0
    new_page: bool = False


class ParagraphStyles:
    """The paragraph styles of one document by their id."""

    def __init__(self, root: etree._Element | None) -> None:
        self._root = root if root is not None else etree.Element(f"{W}styles")
        self._elements = {
            style.get(f"{W}styleId", ""): style for style in self._root.iter(f"{W}style")
        }
        self._known: dict[str, ParagraphStyle] = {}
        size = self._root.find(f"{W}docDefaults//{W}sz")
        self.size = _number(size) or 20
        normal = [key for key, style in self._elements.items() if style.get(f"{W}default") == "1"]
        self._normal = normal[0] if normal else "Normal"

    def of(self, paragraph: etree._Element) -> ParagraphStyle:
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        return self._style(named.get(_VAL, "") if named is not None else self._normal, 0)

    def _style(self, key: str, depth: int) -> ParagraphStyle:
        if key not in self._known:
            self._known[key] = self._resolved(key, depth)
        return self._known[key]

    def _resolved(self, key: str, depth: int) -> ParagraphStyle:
        element = self._elements.get(key)
        if element is None or depth > _DEEPEST:
            return ParagraphStyle(name=key.lower(), heading=_HEADING.fullmatch(key) is not None)
        based = element.find(f"{W}basedOn")
        parent = ParagraphStyle() if based is None else self._style(based.get(_VAL, ""), depth + 1)
        named = element.find(f"{W}name")
        name = named.get(_VAL, "").lower() if named is not None else ""
        level = element.find(f"{W}pPr/{W}outlineLvl")
        outlined = level is not None and _number(level) < 9
        return ParagraphStyle(
            name,
            parent.heading or outlined or _HEADING.fullmatch(name) is not None,
            _centred(element, parent.centred),
            _on(element.find(f"{W}rPr/{W}b"), parent.bold),
            _number(element.find(f"{W}rPr/{W}sz")) or parent.size,
            _on(element.find(f"{W}pPr/{W}pageBreakBefore"), parent.new_page),
        )

    def with_headings(self) -> etree._Element:
        """The styles part with headings of our own; the same tree."""
        for level in range(1, 4):
            style = etree.SubElement(
                self._root, f"{W}style", {f"{W}type": "paragraph", f"{W}styleId": f"{_OWN}{level}"}
            )
            etree.SubElement(style, f"{W}name", {_VAL: f"heading {level}"})
        return self._root


def mark_headings(document: etree._Element, styles: ParagraphStyles) -> int | None:
    """Give paragraphs that look like headings a heading's style; how many.

    None where the document has headings of its own: then nothing is changed.
    """
    paragraphs = [block for block in document.iterfind(f"{W}body/{W}p") if _text(block)]
    if any(styles.of(paragraph).heading for paragraph in document.iter(f"{W}p")):
        return None
    body = _body_size(paragraphs, styles)
    seen = [_styled(paragraph, styles, body) for paragraph in paragraphs]
    levels = detect_headings(seen)
    for index, level in levels.items():
        if styles.of(paragraphs[index]).name not in _TITLES:
            _set_style(paragraphs[index], f"{_OWN}{min(level, 3)}")
    return len(levels)


def _styled(paragraph: etree._Element, styles: ParagraphStyles, body: int) -> StyledParagraph:
    style = styles.of(paragraph)
    runs = [run for run in paragraph.iter(f"{W}r") if _text(run).strip()]
    size = min((_size(run, style, styles) for run in runs), default=0)
    breaks = paragraph.find(f"{W}pPr/{W}pageBreakBefore")
    return StyledParagraph(
        " ".join(_text(paragraph).split()),
        _centred(paragraph, style.centred),
        bool(runs) and all(_on(run.find(f"{W}rPr/{W}b"), style.bold) for run in runs),
        size > body * LARGER,
        _on(breaks, style.new_page) or _after_page_break(paragraph),
    )


def _after_page_break(paragraph: etree._Element) -> bool:
    before = paragraph.getprevious()
    for block in (paragraph, before) if before is not None else (paragraph,):
        for element in block.iter(f"{W}br"):
            if element.get(f"{W}type") == "page":
                return True
    return False


def _body_size(paragraphs: list[etree._Element], styles: ParagraphStyles) -> int:
    """The size that most letters have, half points."""
    letters: dict[int, int] = {}
    for paragraph in paragraphs:
        style = styles.of(paragraph)
        for run in paragraph.iter(f"{W}r"):
            size = _size(run, style, styles)
            letters[size] = letters.get(size, 0) + len(_text(run))
    return max(letters, key=lambda size: letters[size], default=styles.size)


def _size(run: etree._Element, style: ParagraphStyle, styles: ParagraphStyles) -> int:
    return _number(run.find(f"{W}rPr/{W}sz")) or style.size or styles.size


def _text(element: etree._Element) -> str:
    return "".join(piece.text or "" for piece in element.iter(f"{W}t"))


def _centred(element: etree._Element, inherited: bool) -> bool:
    aligned = element.find(f"{W}pPr/{W}jc")
    return inherited if aligned is None else aligned.get(_VAL) == "center"


def _on(switch: etree._Element | None, inherited: bool) -> bool:
    """A switch that is on when it is there without a value, §17.17.4."""
    if switch is None:
        return inherited
    return switch.get(_VAL, "1").lower() not in ("0", "false", "off", "none")


def _number(element: etree._Element | None) -> int:
    value = element.get(_VAL, "") if element is not None else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0


def _set_style(paragraph: etree._Element, key: str) -> None:
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    for old in properties.findall(f"{W}pStyle"):
        properties.remove(old)
    properties.insert(0, etree.Element(f"{W}pStyle", {_VAL: key}))
    for run in paragraph.iter(f"{W}r"):
        for bold in run.findall(f"{W}rPr/{W}b"):
            run.find(f"{W}rPr").remove(bold)  # type: ignore[union-attr]
