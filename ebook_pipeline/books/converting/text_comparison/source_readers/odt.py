"""ODT as it is compared: OpenDocument 1.3 part 3; what its text shows, in its order.

Left out on purpose: contents that the word processor made, hidden text, tracked deletions,
comments, heads and feet of pages.
"""

from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.text_comparison.source_text import LeftOutKind, SourceText
from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.epub import archive, xml

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_UNSEEN = frozenset({"note-citation", "number", "sender-initials", "annotation-end"})
_SPACES = frozenset({"s", "tab", "line-break"})
_LISTED = frozenset({"table-of-content", "illustration-index", "table-index", "object-index"})
_WEB = ("http:", "https:", "mailto:", "tel:", "ftp:")
_DEEPEST = 30
"""Styles that are based on each other."""
_LARGEST_PART = 64 << 20


def read(path: Path) -> SourceText:
    """The ODT at `path`. Raises BookError, LimitExceeded."""
    with archive.opened(path) as container:
        parts = {
            name: xml.parse(container.read(name, _LARGEST_PART), place=name)
            for name in ("content.xml", "styles.xml")
            if name in container
        }
        reader = _Reader(parts, frozenset(container.names))
        return reader.read()


class _Reader:
    def __init__(self, parts: dict[str, etree._Element], names: frozenset[str]) -> None:
        self._parts = parts
        self._names = names
        self._to = TextCollector()
        self._paragraphs = 0
        self._styles = {
            (style.get(f"{_STYLE}family"), style.get(f"{_STYLE}name")): style
            for part in reversed(list(parts.values()))
            for style in part.iter(f"{_STYLE}style")
        }

    def read(self) -> SourceText:
        body = self._parts["content.xml"].find(".//{*}body/{*}text")
        if body is not None:
            self._children(body)
        if "styles.xml" in self._parts:
            for page in self._parts["styles.xml"].iter(f"{_STYLE}master-page"):
                for paragraph in page.iter(f"{_TEXT}p", f"{_TEXT}h"):
                    self._leave_out(LeftOutKind.RUNNING_HEADS, paragraph)
        return self._to.text()

    def _children(self, element: etree._Element) -> None:
        self._to.add(element.text)
        for inner in element:
            if isinstance(inner.tag, str):
                self._visit(inner, etree.QName(inner).localname)
            self._to.add(inner.tail)

    def _visit(self, element: etree._Element, name: str) -> None:
        left_out = self._left_out(element, name)
        if left_out is not None:
            self._leave_out(left_out, element)
        elif name in ("p", "h") and element.tag.startswith(_TEXT):
            self._paragraph(element)
        elif name in _SPACES:
            self._to.add(" ")
        elif name == "ruby-text":
            self._to.add(" ")
            self._children(element)
            self._to.add(" ")
        elif name == "note":
            self._note(element)
        elif element.tag.startswith(_DRAW) or name in ("list", "table", "section"):
            self._held(element, name)
        elif name not in _UNSEEN and not name.endswith("-source"):
            self._count(element, name)
            self._children(element)

    def _paragraph(self, element: etree._Element) -> None:
        inside = any(one.tag in (f"{_TEXT}p", f"{_TEXT}h") for one in element.iterancestors())
        if not inside:
            self._paragraphs += 1
            self._to.place = f"content.xml, paragraph {self._paragraphs}"
        self._children(element)
        self._to.end()

    def _note(self, element: etree._Element) -> None:
        self._to.counts["notes"] += 1
        self._to.begin_aside()
        for body in element.iterfind(f"{_TEXT}note-body"):
            self._children(body)
        self._to.end_aside(note=True)

    def _held(self, element: etree._Element, name: str) -> None:
        """Boxes and shapes stand behind the paragraph that holds them; so may lists and tables."""
        inside = any(one.tag in (f"{_TEXT}p", f"{_TEXT}h") for one in element.iterancestors())
        self._count(element, name)
        if name in ("object", "object-ole"):
            return
        if name == "a" or (name == "image" and not len(element)):
            self._children(element)
        elif inside:
            self._to.begin_aside()
            self._shape(element)
            self._to.end_aside()
        else:
            self._to.end()
            self._shape(element)
            self._to.end()

    def _shape(self, element: etree._Element) -> None:
        """What a frame, shape, list or table holds; names and descriptions of it are no text."""
        for inner in element:
            if isinstance(inner.tag, str) and etree.QName(inner).localname not in ("title", "desc"):
                self._visit(inner, etree.QName(inner).localname)

    def _count(self, element: etree._Element, name: str) -> None:
        href = element.get(_HREF, "")
        if name == "table":
            self._to.counts["tables"] += not _is_layout(element)
        elif name == "image" and href.removeprefix("./") in self._names:
            self._to.counts["pictures"] += 1
            frame = element.getparent()
            said = _description(frame) if frame is not None else ""
            self._to.alternatives += [said] if said else []
        elif name == "object" and f"{href.removeprefix('./')}/content.xml" in self._names:
            frame = element.getparent()
            pictured = frame is not None and frame.find(f"{_DRAW}image") is not None
            self._to.counts["formulas"] += 0 if pictured else 1
        elif (
            name == "a"
            and href.lower().startswith(_WEB)
            and "".join(map(str, element.itertext())).strip()
        ):
            self._to.addresses.add(href)

    def _left_out(self, element: etree._Element, name: str) -> LeftOutKind | None:
        if name in _LISTED:
            return LeftOutKind.CONTENTS
        if name == "tracked-changes":
            return LeftOutKind.DELETED
        if name == "annotation":
            return LeftOutKind.COMMENTS
        return LeftOutKind.HIDDEN if self._is_hidden(element, name) else None

    def _is_hidden(self, element: etree._Element, name: str) -> bool:
        if name == "hidden-text":
            return element.get(f"{_TEXT}is-hidden") == "true"
        if name == "section":
            shown = element.get(f"{_TEXT}display")
            hidden = element.get(f"{_TEXT}is-hidden") == "true"
            return shown == "none" or (shown == "condition" and hidden)
        family = {"span": "text", "p": "paragraph", "h": "paragraph"}.get(name)
        if family is None:
            return False
        for field in element.iterfind(f"{_TEXT}hidden-paragraph"):
            if field.get(f"{_TEXT}is-hidden") == "true":
                return True
        return self._display(family, element.get(f"{_TEXT}style-name"), 0) == "none"

    def _display(self, family: str, name: str | None, depth: int) -> str:
        style = self._styles.get((family, name))
        if style is None or depth > _DEEPEST:
            return ""
        letters = style.find(f"{_STYLE}text-properties")
        own = letters.get(f"{_TEXT}display", "") if letters is not None else ""
        return own or self._display(family, style.get(f"{_STYLE}parent-style-name"), depth + 1)

    def _leave_out(self, kind: LeftOutKind, element: etree._Element) -> None:
        """Say what is left out; dates and names of changes are no text."""
        if kind in (LeftOutKind.DELETED, LeftOutKind.COMMENTS):
            for paragraph in element.iter(f"{_TEXT}p", f"{_TEXT}h"):
                self._to.leave_out(kind, "".join(map(str, paragraph.itertext())))
        else:
            self._to.leave_out(kind, " ".join(map(str, element.itertext())))


def _is_layout(table: etree._Element) -> bool:
    """A table of one column that holds headings only places them: it is no table of the book."""
    rows = table.iter("{*}table-row")
    narrow = all(len(row.findall("{*}table-cell")) <= 1 for row in rows)
    return narrow and next(table.iter(f"{_TEXT}h"), None) is not None


def _description(frame: etree._Element) -> str:
    for name in ("desc", "title"):
        found = frame.find(f"{{*}}{name}")
        if found is not None and (found.text or "").strip():
            return " ".join((found.text or "").split())
    return ""
