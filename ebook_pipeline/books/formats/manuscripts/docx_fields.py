"""Fields of a DOCX become what they show: ECMA-376 part 1, §17.16.

A field's last result stays as text; contents that the word processor made go, their page numbers
are those of another edition; what reads other files is said. Hyperlinks stay fields.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FIELD = re.compile(
    r"\s*\\?(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|DDEAUTO|DDE|LINK|RD|EMBED|DATABASE|MACROBUTTON"
    r"|AUTOTEXT|GOTOBUTTON|PRINT)\b",
    re.IGNORECASE,
)
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"?([^"\s]*)', re.IGNORECASE)
_CONTENTS_FIELD = re.compile(r"\s*(TOC|TOA)\b", re.IGNORECASE)
_REFERENCE = re.compile(
    r"\s*(?:REF|PAGEREF|NOTEREF)\s+\"?([^\s\"]{1,200})\"?(?=.*\\h)", re.IGNORECASE | re.DOTALL
)
_SIGN_FIELD = re.compile(
    r"\s*SYMBOL\s+(?P<code>\d{1,5}|0x[0-9A-Fa-f]{1,4})\b.*?\\f\s+\"?(?P<font>[\w ]{1,40}\w)",
    re.IGNORECASE,
)
_LINKED = re.compile(r"(https?|mailto|tel|ftp):", re.IGNORECASE)
_CONTENTS_GALLERY = "Table of Contents"
_CONTENTS_STYLE = re.compile(r"toc ?([1-9]|heading)|contents heading", re.IGNORECASE)
SHOWN = frozenset(
    f"{W}{name}" for name in ("t", "tab", "ptab", "br", "cr", "sym", "drawing", "pict", "object")
)
"""Elements of a run that show something."""
StyleName = Callable[[etree._Element], str]


@dataclass
class _Field:
    code: str = ""
    showing: bool = False
    chars: list[etree._Element] = field(default_factory=list)
    shown: list[etree._Element] = field(default_factory=list)

    @property
    def is_contents(self) -> bool:
        return _CONTENTS_FIELD.match(self.code) is not None


def show_results(
    root: etree._Element, name: str, collector: FindingCollector, style_name: StyleName
) -> None:
    """Replace every field below `root`, the part `name`, by what it shows.

    `style_name` tells a paragraph's style: contents are known by theirs too.
    """
    for element in list(root.iter(f"{W}fldSimple")):
        _simple(element, name, collector)
    for element in list(root.iter(f"{W}sdt")):
        gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
        if gallery is not None and gallery.get(f"{W}val") == _CONTENTS_GALLERY:
            _drop(element, name, collector)
    _Fields(name, collector).read(root)
    for paragraph in list(root.iter(f"{W}p")):
        if _CONTENTS_STYLE.fullmatch(style_name(paragraph)):
            _drop(paragraph, name, collector)


def _simple(element: etree._Element, name: str, collector: FindingCollector) -> None:
    code = element.get(f"{W}instr", "")
    if _CONTENTS_FIELD.match(code):
        _drop(element, name, collector)
        return
    link = _LINK_FIELD.match(code)
    if link and _field(code, name, collector):
        return
    _field(code, name, collector)
    unwrap(element)


class _Fields:
    """Complex fields, which nest and run over paragraphs, §17.16.18."""

    def __init__(self, name: str, collector: FindingCollector) -> None:
        self._name = name
        self._collector = collector
        self._open: list[_Field] = []
        self._contents: _Field | None = None
        self._gone: list[etree._Element] = []

    def read(self, root: etree._Element) -> None:
        for element in list(root.iter(etree.Element)):
            tag = element.tag
            if tag == f"{W}fldChar":
                self._char(element)
            elif tag == f"{W}instrText" and self._open:
                self._open[-1].code += element.text or ""
                self._open[-1].chars.append(element)
            elif tag in SHOWN and self._contents is not None:
                self._contents.shown.append(element)
        for unclosed in self._open:
            for element in unclosed.chars:
                remove(element)
        self._take_out()

    def _take_out(self) -> None:
        """Take contents out, and the paragraphs that held nothing else."""
        holders: dict[etree._Element, None] = {}
        for element in self._gone:
            holder = next(element.iterancestors(f"{W}p"), None)
            if holder is not None:
                holders[holder] = None
            _note_contents(element, self._name, self._collector)
            remove(element)
        for paragraph in holders:
            if next(paragraph.iter(*SHOWN, f"{W}sectPr"), None) is None:
                remove(paragraph)

    def _char(self, element: etree._Element) -> None:
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            self._open.append(_Field(chars=[element]))
        elif self._open:
            self._open[-1].chars.append(element)
            if kind == "separate":
                self._open[-1].showing = True
                if self._contents is None and self._open[-1].is_contents:
                    self._contents = self._open[-1]
            elif kind == "end":
                self._close(self._open.pop())

    def _close(self, closed: _Field) -> None:
        if closed is self._contents:
            self._gone += closed.shown
            self._contents = None
        code = _field(closed.code, self._name, self._collector)
        if code and _LINK_FIELD.match(code) and closed.showing:
            return
        reference = _REFERENCE.match(closed.code)
        if reference and closed.showing:
            _link(closed.chars, reference[1])
        sign = _SIGN_FIELD.match(closed.code)
        chosen = _chosen_entry(closed.chars[0]) or _box(closed.chars[0])
        if chosen:
            closed.chars[0].addnext(_text(chosen))
        elif sign and not _shows(closed.chars):
            code = f"{int(sign['code'], 0) & 0xFF | 0xF000:04X}"
            properties = {f"{W}font": sign["font"], f"{W}char": code}
            closed.chars[0].addnext(etree.Element(f"{W}sym", properties))
        for element in closed.chars:
            remove(element)


def _shows(chars: list[etree._Element]) -> bool:
    """Whether a field has a result: runs with something to see between its characters."""
    first, last = chars[0].getparent(), chars[-1].getparent()
    run = first
    while run is not None:
        if next(run.iter(*SHOWN), None) is not None:
            return True
        run = None if run is last else run.getnext()
    return False


def _box(begin: etree._Element) -> str:
    """A box of a form that is ticked or not, §17.16.7."""
    box = begin.find(f"{W}ffData/{W}checkBox")
    if box is None:
        return ""
    said = box.find(f"{W}checked")
    said = box.find(f"{W}default") if said is None else said
    ticked = said is not None and said.get(f"{W}val", "1") not in ("0", "false", "off")
    return "☒" if ticked else "☐"


def _link(chars: list[etree._Element], bookmark: str) -> None:
    """What stands between the first and the last of `chars` leads to `bookmark`, §17.16.5.51."""
    first, last = chars[0].getparent(), chars[-1].getparent()
    if first is None or last is None or first is last or first.getparent() is not last.getparent():
        return
    link = etree.Element(f"{W}hyperlink", {f"{W}anchor": bookmark})
    while (run := first.getnext()) is not None and run is not last:
        link.append(run)
    first.addnext(link)


def _chosen_entry(begin: etree._Element) -> str:
    """The entry that a drop-down of a form shows, §17.16.12."""
    entries = begin.findall(f"{W}ffData/{W}ddList/{W}listEntry")
    chosen = begin.find(f"{W}ffData/{W}ddList/{W}result")
    number = chosen.get(f"{W}val", "0") if chosen is not None else "0"
    index = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    return entries[index].get(f"{W}val", "") if index < len(entries) else ""


def _text(text: str) -> etree._Element:
    element = etree.Element(f"{W}t")
    element.text = text
    return element


def _field(code: str, name: str, collector: FindingCollector) -> str:
    """A field's instruction, emptied where it reads other files; its last result stays."""
    reading = _FIELD.match(code)
    if reading:
        collector.add("manuscript.external", " ".join(code.split()), name)
        return ""
    link = _LINK_FIELD.match(code)
    if link and not code.lstrip()[9:].lstrip().startswith("\\") and not _LINKED.match(link[1]):
        collector.add("manuscript.local-link", link[1], name)
        return ""
    return code


def _drop(element: etree._Element, name: str, collector: FindingCollector) -> None:
    _note_contents(element, name, collector)
    remove(element)


def _note_contents(element: etree._Element, name: str, collector: FindingCollector) -> None:
    words = " ".join("".join(piece.text or "" for piece in element.iter(f"{W}t")).split())
    if words:
        collector.add("manuscript.contents", words[:60], name)


def remove(element: etree._Element) -> None:
    """Take `element` out of its parent with all that is in it."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def unwrap(element: etree._Element) -> None:
    """Put what is in `element` in its place."""
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    parent.remove(element)
    parent[place:place] = list(element)  # at once: each index is counted from the first sibling


def text_of(element: etree._Element) -> Iterator[str]:
    """The letters of runs below `element`."""
    return (piece.text or "" for piece in element.iter(f"{W}t"))
