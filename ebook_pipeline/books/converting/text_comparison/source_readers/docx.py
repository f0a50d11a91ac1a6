"""DOCX as it is compared: ECMA-376 part 1, §17; what Word prints, in the order of the text.

Left out on purpose: contents that Word made, hidden and deleted text, comments, heads and feet of
pages, words within charts and diagrams.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.text_comparison.source_readers.docx_styles import WordStyles
from ebook_pipeline.books.converting.text_comparison.source_readers.word_package import (
    WORD_NAMESPACE,
    WordPackage,
)
from ebook_pipeline.books.converting.text_comparison.source_text import LeftOutKind, SourceText
from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.manuscripts.symbol_fonts import FONTS, shown_in, sign_of_field

_SPACES = frozenset({"tab", "ptab", "br", "cr"})
_SKIPPED = frozenset(
    {"rPr", "tblPr", "trPr", "tcPr", "sectPr", "instrText", "delInstrText", "tblGrid", "sdtPr"}
)
_MUTED = {"del": LeftOutKind.DELETED, "moveFrom": LeftOutKind.DELETED}
_READABLE = frozenset({"t", "txbxContent", "blip", "imagedata"})
_CONTENTS = re.compile(r"\s*(TOC|TOA)\b", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"toc ?[1-9]|toc heading|contents heading", re.IGNORECASE)
_EQUATION = re.compile(r"\s*EQ\b", re.IGNORECASE)
_ADDRESS = re.compile(r'\s*HYPERLINK\s+"?((?:https?|mailto|tel|ftp):[^"\s]*)', re.IGNORECASE)
_WEB = re.compile(r"(https?|mailto|tel|ftp):", re.IGNORECASE)


def read(path: Path) -> SourceText:
    """The DOCX at `path`. Raises BookError, LimitExceeded."""
    with archive.opened(path) as container:
        package = WordPackage(container)
        collector = TextCollector()
        main = package.target("", "officeDocument") or "word/document.xml"
        _Reader(package, main, collector).read()
        for kind, part in package.related(main):
            _leave_out(package, kind, part, collector)
        return collector.text()


def _leave_out(package: WordPackage, kind: str, part: str, collector: TextCollector) -> None:
    left_out = {
        "header": LeftOutKind.RUNNING_HEADS,
        "footer": LeftOutKind.RUNNING_HEADS,
        "comments": LeftOutKind.COMMENTS,
        "chart": LeftOutKind.DRAWINGS,
        "diagramData": LeftOutKind.DRAWINGS,
    }.get(kind)
    if left_out is not None:
        for paragraph in package.tree(part).iter("{*}p"):
            text = "".join(piece.text or "" for piece in paragraph.iter("{*}t"))
            collector.leave_out(left_out, text)


@dataclass
class _Field:
    """A complex field: its instruction, whether its result is reached."""

    code: str = ""
    result: bool = False
    shown: bool = False
    begin: etree._Element | None = None


@dataclass
class _Muted:
    """Text that does not go into the book, until its paragraph ends."""

    kind: LeftOutKind
    pieces: list[str] = field(default_factory=list)


class _Reader:
    """Walks the text part; every wrapper that it does not know is looked into."""

    def __init__(self, package: WordPackage, part: str, collector: TextCollector) -> None:
        self._package = package
        self._part = part
        self._to = collector
        self._rels = package.relationships(part)
        styles, numbers = package.target(part, "styles"), package.target(part, "numbering")
        self._styles = WordStyles(
            package.tree(styles) if styles else None, package.tree(numbers) if numbers else None
        )
        self._notes = {kind: self._read_notes(kind) for kind in ("footnote", "endnote")}
        self._open_notes: set[str] = set()
        self._fields: list[_Field] = []
        self._contents = 0
        self._muted: list[LeftOutKind] = []
        self._kept_back: dict[LeftOutKind, list[str]] = {}
        self._paragraphs = 0
        self._bookmarks: set[str] = set()

    def _read_notes(self, kind: str) -> dict[str, tuple[str, etree._Element]]:
        part = self._package.target(self._part, f"{kind}s")
        notes = self._package.tree(part) if part else ()
        return {_attribute(note, "id"): (part, note) for note in notes}

    def read(self) -> None:
        root = self._package.tree(self._part)
        self._bookmarks = {_attribute(one, "name") for one in root.iter("{*}bookmarkStart")}
        body = root.find("{*}body")
        self._children(body if body is not None else root)

    def _children(self, element: etree._Element) -> None:
        for inner in element:
            self._visit(inner)

    def _visit(self, element: etree._Element) -> None:
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        handler: Callable[[etree._Element], None] | None = getattr(self, f"_see_{name}", None)
        if name in _SPACES:
            self._say(" ")
        elif name in _MUTED:
            self._mute(_MUTED[name], element)
        elif handler is not None:
            handler(element)
        elif name and name not in _SKIPPED:
            self._children(element)

    def _say(self, text: str) -> None:
        muted = LeftOutKind.CONTENTS if self._contents else self._muted[-1] if self._muted else None
        if muted is None:
            self._to.add(text)
        else:
            self._kept_back.setdefault(muted, []).append(text)

    def _mute(self, kind: LeftOutKind, element: etree._Element) -> None:
        self._muted.append(kind)
        self._children(element)
        self._muted.pop()

    def _see_p(self, element: etree._Element) -> None:
        self._paragraphs += 1
        self._to.place = f"{self._part}, paragraph {self._paragraphs}"
        contents = _CONTENTS_STYLE.fullmatch(self._styles.name(element)) is not None
        label = "" if contents else self._styles.heading_label(element)
        if label:
            self._say(f"{label} ")
        if contents:
            self._mute(LeftOutKind.CONTENTS, element)
        else:
            self._children(element)
        joined = element.find("{*}pPr/{*}rPr/{*}del") is not None
        if not joined:
            self._to.end()
        for kind, pieces in self._kept_back.items():
            self._to.leave_out(kind, "".join(pieces))
        self._kept_back.clear()

    def _see_pPr(self, element: etree._Element) -> None:  # noqa: N802
        """Properties say nothing."""

    def _see_r(self, element: etree._Element) -> None:
        if self._styles.is_hidden(element):
            self._mute(LeftOutKind.HIDDEN, element)
        else:
            self._children(element)

    def _see_t(self, element: etree._Element) -> None:
        if etree.QName(element).namespace == WORD_NAMESPACE:
            text, font = element.text or "", _font_of_signs(element)
            if self._fields and text:
                self._fields[-1].shown = True
            self._say(_words_in(shown_in(font, text)) if font else text)

    def _see_sym(self, element: etree._Element) -> None:
        """A character of a font; of the font Symbol the Greek letters are words, §17.3.3.30."""
        code, font = _attribute(element, "char"), _attribute(element, "font").casefold()
        if font in FONTS and re.fullmatch("[0-9A-Fa-f]{1,4}", code):
            self._say(_words_in(shown_in(font, chr(int(code, 16) & 0xFF))))

    def _see_delText(self, element: etree._Element) -> None:  # noqa: N802
        self._kept_back.setdefault(LeftOutKind.DELETED, []).append(element.text or "")

    def _see_noBreakHyphen(self, _: etree._Element) -> None:  # noqa: N802
        self._say("-")

    def _see_tbl(self, element: etree._Element) -> None:
        counts = not self._is_layout(element) and not self._is_deleted(element)
        self._to.counts["tables"] += counts
        self._to.end()
        self._children(element)

    def _is_layout(self, table: etree._Element) -> bool:
        """A table of one column that holds headings only places them: it is no table."""
        narrow = all(len(row.findall("{*}tc")) <= 1 for row in table.iter("{*}tr"))
        return narrow and any(map(self._styles.is_heading, table.iter("{*}p")))

    def _is_deleted(self, table: etree._Element) -> bool:
        return all(row.find("{*}trPr/{*}del") is not None for row in table.iter("{*}tr"))

    def _see_tr(self, element: etree._Element) -> None:
        if element.find("{*}trPr/{*}del") is not None:
            self._mute(LeftOutKind.DELETED, element)
        else:
            self._children(element)

    def _see_tc(self, element: etree._Element) -> None:
        if element.find("{*}tcPr/{*}cellDel") is not None:
            self._mute(LeftOutKind.DELETED, element)
        else:
            self._children(element)

    def _see_sdt(self, element: etree._Element) -> None:
        gallery = element.find("{*}sdtPr/{*}docPartObj/{*}docPartGallery")
        if gallery is not None and _attribute(gallery, "val") == "Table of Contents":
            self._mute(LeftOutKind.CONTENTS, element)
        else:
            self._children(element)

    def _see_fldSimple(self, element: etree._Element) -> None:  # noqa: N802
        code = _attribute(element, "instr")
        if _CONTENTS.match(code):
            self._mute(LeftOutKind.CONTENTS, element)
            return
        if address := _ADDRESS.match(code):
            self._to.addresses.add(address[1])
        self._children(element)

    def _see_fldChar(self, element: etree._Element) -> None:  # noqa: N802
        kind = _attribute(element, "fldCharType")
        if kind == "begin":
            self._fields.append(_Field(begin=element))
        elif kind == "separate" and self._fields and not self._fields[-1].result:
            self._fields[-1].result = True
            self._contents += _CONTENTS.match(self._fields[-1].code) is not None
        elif kind == "end" and self._fields:
            self._end_field(self._fields.pop())

    def _end_field(self, ended: _Field) -> None:
        self._contents -= ended.result and _CONTENTS.match(ended.code) is not None
        address = _ADDRESS.match(ended.code)
        if address and ended.result:
            self._to.addresses.add(address[1])
        if ended.begin is None:
            return
        entries = ended.begin.findall(".//{*}ddList/{*}listEntry")
        chosen = ended.begin.find(".//{*}ddList/{*}result")
        number = _attribute(chosen, "val") if chosen is not None else "0"
        if number.isdecimal() and int(number) < len(entries):
            self._say(_attribute(entries[int(number)], "val"))
        if not ended.shown and (sign := sign_of_field(ended.code)):
            self._say(_words_in(sign))
        self._to.counts["formulas"] += _EQUATION.match(ended.code) is not None and not ended.shown
        box = ended.begin.find(".//{*}checkBox")
        if box is not None:
            said = box.find("{*}checked")
            said = box.find("{*}default") if said is None else said
            ticked = said is not None and _attribute(said, "val") not in ("0", "false", "off")
            self._say("☒" if ticked else "☐")

    def _see_textpath(self, element: etree._Element) -> None:
        self._say(_attribute(element, "string"))

    def _see_instrText(self, element: etree._Element) -> None:  # noqa: N802
        if self._fields and not self._fields[-1].result:
            self._fields[-1].code += element.text or ""

    def _see_hyperlink(self, element: etree._Element) -> None:
        _, target, inside = self._rels.get(_attribute(element, "id"), ("", "", True))
        says = any(piece.text for piece in element.iter("{*}t"))
        if says and not inside and _WEB.match(target):
            self._to.addresses.add(target)
        self._children(element)

    def _see_ruby(self, element: etree._Element) -> None:
        for name in ("rubyBase", "rt"):
            for part in element.iterfind(f"{{*}}{name}"):
                self._children(part)
                self._say(" " if name == "rt" or element.find("{*}rt") is not None else "")

    def _see_AlternateContent(self, element: etree._Element) -> None:  # noqa: N802
        branches = [*element.iterfind("{*}Choice"), *element.iterfind("{*}Fallback")]
        for branch in branches:
            if any(_local(one) in _READABLE for one in branch.iter(etree.Element)):
                self._children(branch)
                return

    def _see_txbxContent(self, element: etree._Element) -> None:  # noqa: N802
        self._to.begin_aside()
        self._children(element)
        self._to.end_aside()

    def _see_footnoteReference(self, element: etree._Element) -> None:  # noqa: N802
        self._note("footnote", element)

    def _see_endnoteReference(self, element: etree._Element) -> None:  # noqa: N802
        self._note("endnote", element)

    def _note(self, kind: str, element: etree._Element) -> None:
        key = _attribute(element, "id")
        part, note = self._notes[kind].get(key, ("", None))
        if note is None or key in self._open_notes or self._muted:
            return
        self._open_notes.add(key)
        rels, self._rels = self._rels, self._package.relationships(part)
        place = self._to.place
        self._to.counts["notes"] += 1
        self._to.begin_aside()
        self._children(note)
        self._to.end_aside(note=True)
        self._rels, self._to.place = rels, place
        self._open_notes.discard(key)

    def _see_drawing(self, element: etree._Element) -> None:
        pictures = [self._picture(_attribute(blip, "embed")) for blip in element.iter("{*}blip")]
        described = element.find(".//{*}docPr")
        if described is not None and any(pictures) and (text := described.get("descr")):
            self._to.alternatives.append(text)
        self._children(element)

    def _see_imagedata(self, element: etree._Element) -> None:
        self._picture(_attribute(element, "id"))

    def _picture(self, key: str) -> bool:
        kind, where, inside = self._rels.get(key, ("", "", False))
        shown = bool(kind == "image" and inside and where and not self._muted)
        self._to.counts["pictures"] += shown
        return shown

    def _see_oMath(self, _: etree._Element) -> None:  # noqa: N802
        self._to.counts["formulas"] += 1
        self._to.add(" ")


def _font_of_signs(text: etree._Element) -> str:
    """The font of a run whose letters are signs; empty for others."""
    run = text.getparent()
    fonts = run.find("{*}rPr/{*}rFonts") if run is not None else None
    names = (_attribute(fonts, name) for name in ("ascii", "hAnsi")) if fonts is not None else ()
    return next((name.casefold() for name in names if name.casefold() in FONTS), "")


def _words_in(signs: str) -> str:
    """What of a font of signs is a word: Greek letters; the others are nobody's words."""
    return "".join(sign if sign.isalpha() else " " for sign in signs)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _attribute(element: etree._Element, name: str) -> str:
    """The attribute of this local name, whatever its namespace."""
    own = element.get(name)
    if own is not None:
        return own
    return next(
        (str(value) for key, value in element.items() if str(key).endswith(f"}}{name}")), ""
    )
