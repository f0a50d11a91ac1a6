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
_PROPERTIES, _LETTERS = f"{W}pPr", f"{W}rPr"
_STYLE, _BOLD, _SIZE, _TEXT = f"{W}pStyle", f"{W}b", f"{W}sz", f"{W}t"
_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|overskrift|otsikko|nagłówek|nadpis|címsor"
    r"|başlık|заголовок|επικεφαλίδα|כותרת|عنوان|标题|標題|見出し|제목) ?([1-9])",
    re.IGNORECASE,
)
_PANDOC_HEADING = re.compile(r"heading [1-9]")
_NO_LEVEL = 9
"""The outline level of body text, §17.3.1.20."""
_LONGEST_HEADING = 300
"""Letters of a paragraph with an outline level, up to which it is a heading."""
_TITLES = frozenset({"title", "subtitle", "author", "date"})
_OWN = "EbookHeading"
_DEEPEST = 20
"""Styles that are based on each other."""


@dataclass(frozen=True)
class ParagraphStyle:
    """What a style says, its parents included; sizes in half points.

    `level` is that of headings, 1 the highest, 0 of none; `numbering` are the number of a list and
    the level in it.
    """

    name: str = ""
    level: int = 0
    centred: bool = False
    bold: bool = False
    size: int = 0
    new_page: bool = False
    hidden: bool = False
    right_to_left: bool = False
    numbering: tuple[str, int] | None = None

    @property
    def heading(self) -> bool:
        return self.level > 0


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
        self._hidden_last: tuple[etree._Element | None, bool] = (None, False)

    def of(self, paragraph: etree._Element) -> ParagraphStyle:
        named = _inner(paragraph, _PROPERTIES, _STYLE)
        return self._style(named.get(_VAL, "") if named is not None else self._normal, 0)

    def _style(self, key: str, depth: int) -> ParagraphStyle:
        if key not in self._known:
            self._known[key] = self._resolved(key, depth)
        return self._known[key]

    def _resolved(self, key: str, depth: int) -> ParagraphStyle:
        element = self._elements.get(key)
        if element is None or depth > _DEEPEST:
            return ParagraphStyle(name=key.lower(), level=_named_level(key))
        based = element.find(f"{W}basedOn")
        parent = ParagraphStyle() if based is None else self._style(based.get(_VAL, ""), depth + 1)
        named = element.find(f"{W}name")
        name = named.get(_VAL, "").lower() if named is not None else ""
        return ParagraphStyle(
            name,
            outline_level(element) or _named_level(name) or parent.level,
            _centred(element, parent.centred),
            _on(element.find(f"{W}rPr/{W}b"), parent.bold),
            _number(element.find(f"{W}rPr/{W}sz")) or parent.size,
            _on(element.find(f"{W}pPr/{W}pageBreakBefore"), parent.new_page),
            _on(element.find(f"{W}rPr/{W}vanish"), parent.hidden),
            _on(element.find(f"{W}pPr/{W}bidi"), parent.right_to_left),
            numbering(element, parent.numbering),
        )

    def is_hidden(self, run: etree._Element) -> bool:
        """Whether the letters of a run are not shown, §17.3.2.41."""
        named = _inner(run, _LETTERS, f"{W}rStyle")
        style = self._hides(next(run.iterancestors(f"{W}p"), None))
        if named is not None:
            style = style or self._style(named.get(_VAL, ""), 0).hidden
        return _on(_inner(run, _LETTERS, f"{W}vanish"), style)

    def _hides(self, paragraph: etree._Element | None) -> bool:
        """Looked for once while all its runs are asked about: it may lie behind any of them."""
        if paragraph is not None and self._hidden_last[0] is not paragraph:
            self._hidden_last = (paragraph, self.of(paragraph).hidden)
        return paragraph is not None and self._hidden_last[1]

    def runs_right_to_left(self, paragraph: etree._Element) -> bool:
        return _on(_inner(paragraph, _PROPERTIES, f"{W}bidi"), self.of(paragraph).right_to_left)

    def level(self, paragraph: etree._Element) -> int:
        """The level of a heading by its style or its own outline level; 0 for other paragraphs."""
        own = outline_level(paragraph)
        if own and len(_text(paragraph)) > _LONGEST_HEADING:
            own = 0
        return own or self.of(paragraph).level

    def with_headings(self) -> etree._Element:
        """The styles part with headings of our own; the same tree."""
        for level in range(1, 10):
            style = etree.SubElement(
                self._root, f"{W}style", {f"{W}type": "paragraph", f"{W}styleId": f"{_OWN}{level}"}
            )
            etree.SubElement(style, f"{W}name", {_VAL: f"heading {level}"})
        return self._root


def mark_headings(document: etree._Element, styles: ParagraphStyles) -> int | None:
    """Give paragraphs that look like headings a heading's style; how many.

    None where the document has headings of its own: then nothing is changed.
    """
    if any(styles.level(paragraph) for paragraph in document.iter(f"{W}p")):
        return None
    paragraphs = [block for block in document.iterfind(f"{W}body/{W}p") if _text(block)]
    body = _body_size(paragraphs, styles)
    seen = [_styled(paragraph, styles, body) for paragraph in paragraphs]
    levels = detect_headings(seen)
    for index, level in levels.items():
        if styles.of(paragraphs[index]).name not in _TITLES:
            _set_style(paragraphs[index], f"{_OWN}{min(level, 3)}")
            _unbolden(paragraphs[index])
    return len(levels)


def level_headings(document: etree._Element, styles: ParagraphStyles) -> bool:
    """Give headings whose style only we know for one a style of our own; whether there are any."""
    found = False
    for paragraph in document.iter(f"{W}p"):
        level = styles.level(paragraph)
        if level and not _PANDOC_HEADING.fullmatch(styles.of(paragraph).name):
            _set_style(paragraph, f"{_OWN}{level}")
            found = True
    return found


def outline_level(element: etree._Element) -> int:
    """The level that a style or paragraph gives itself, 1 the highest; 0 for none, §17.3.1.20."""
    outline = _inner(element, _PROPERTIES, f"{W}outlineLvl")
    return _number(outline) + 1 if outline is not None and _number(outline) < _NO_LEVEL else 0


def numbering(element: etree._Element, inherited: tuple[str, int] | None) -> tuple[str, int] | None:
    """The list that numbers a style or paragraph and the level in it, §17.3.1.19."""
    properties = element.find(f"{W}pPr/{W}numPr")
    if properties is None:
        return inherited
    number, level = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    known = inherited or ("", 0)
    return (
        number.get(_VAL, "") if number is not None else known[0],
        _number(level) if level is not None else known[1],
    )


def _named_level(name: str) -> int:
    match = _HEADING.fullmatch(name)
    return int(match[1]) if match else 0


def _styled(paragraph: etree._Element, styles: ParagraphStyles, body: int) -> StyledParagraph:
    style = styles.of(paragraph)
    runs = [run for run in paragraph.iter(f"{W}r") if _text(run).strip()]
    size = min((_size(run, style, styles) for run in runs), default=0)
    breaks = _inner(paragraph, _PROPERTIES, f"{W}pageBreakBefore")
    return StyledParagraph(
        " ".join(_text(paragraph).split()),
        _centred(paragraph, style.centred),
        bool(runs) and all(_on(_inner(run, _LETTERS, _BOLD), style.bold) for run in runs),
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
    return _number(_inner(run, _LETTERS, _SIZE)) or style.size or styles.size


def _text(element: etree._Element) -> str:
    return "".join([piece.text or "" for piece in element.iter(_TEXT)])


def _inner(element: etree._Element, outer: str, name: str) -> etree._Element | None:
    """The first `name` in an `outer` of the element: as `find`, in a third of its time."""
    for holder in element.iterchildren(outer):
        for found in holder.iterchildren(name):
            return found
    return None


def _centred(element: etree._Element, inherited: bool) -> bool:
    aligned = _inner(element, _PROPERTIES, f"{W}jc")
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


def _unbolden(paragraph: etree._Element) -> None:
    """A heading is bold by its style, if at all."""
    for run in paragraph.iter(f"{W}r"):
        for bold in run.findall(f"{W}rPr/{W}b"):
            run.find(f"{W}rPr").remove(bold)  # type: ignore[union-attr]
