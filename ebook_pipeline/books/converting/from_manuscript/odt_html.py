"""ODT → HTML: everything that OpenDocument 1.3 part 3 lets stand in a text, §4 to §11.

Pandoc reads ODT too, but passes over text boxes, ruby, fields, tables within tables and lists,
headings within tables and lists within notes, with all that is in them. What this module does not
know it looks into: no letter is passed over. The HTML is what `body` reads of pandoc.
"""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.odt_links import (
    lead_to_headings,
    link_target,
    place_id,
)
from ebook_pipeline.books.formats.epub import archive, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.manuscripts.odt_headings import DRAW, OFFICE, TEXT
from ebook_pipeline.books.formats.manuscripts.odt_styles import OdtStyle, OdtStyles

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LARGEST_PART = 64 << 20
_HIGHEST = 6
_MOST_SPANNED = 1000
_BLOCKS = frozenset(f"{TEXT}{name}" for name in ("p", "h", "list", "numbered-paragraph"))
_SILENT = frozenset(
    {f"{TEXT}{name}" for name in ("note-citation", "number", "list-style", "sequence-decls",
                                  "variable-decls", "user-field-decls", "tracked-changes")}
    | {f"{_SVG}title", f"{_SVG}desc", f"{OFFICE}annotation", f"{OFFICE}forms",
       f"{DRAW}contour-polygon", f"{DRAW}contour-path", f"{DRAW}image-map"}
)  # fmt: skip
_PLACES = frozenset(
    f"{TEXT}{name}"
    for name in ("bookmark", "bookmark-start", "reference-mark", "reference-mark-start")
)
_REFERENCES = frozenset({f"{TEXT}bookmark-ref", f"{TEXT}reference-ref"})
_LENGTH = re.compile(r"\d{1,4}(?:\.\d{1,6})?(?:cm|mm|in|pt|px)")


def write_odt_html(odt: Path, target: Path) -> Path:
    """Write the cleaned ODT at `odt` as HTML to `target`, pictures in ``media`` beside it.

    Runs in the sandbox. Raises BookError, LimitExceeded.
    """
    with archive.opened(odt) as container:
        written = _Writer(container, target.parent).document()
    data: bytes = etree.tostring(
        written, encoding="utf-8", method="html", doctype="<!DOCTYPE html>"
    )
    target.write_bytes(data)
    return target


class _Writer:
    def __init__(self, container: Archive, folder: Path) -> None:
        self._container = container
        self._folder = folder
        self._content = _tree(container, "content.xml")
        common = [_tree(container, "styles.xml")] if "styles.xml" in container else []
        self._styles = OdtStyles(*common, self._content)
        self._behind: list[list[etree._Element]] = []
        self._notes: list[etree._Element] = []
        self._counts: dict[str, int] = {}
        self._pieces: dict[str, Callable[[etree._Element, etree._Element], None]] = {
            f"{TEXT}s": _space,
            f"{TEXT}tab": _space,
            f"{TEXT}line-break": _line_break,
            f"{TEXT}span": self._span,
            f"{TEXT}a": self._link,
            f"{DRAW}a": self._link,
            f"{TEXT}note": self._note,
            f"{TEXT}ruby": self._ruby,
            f"{DRAW}frame": self._frame,
            **dict.fromkeys(_REFERENCES, self._reference),
            **dict.fromkeys(_PLACES, _anchor),
        }

    def document(self) -> etree._Element:
        root = etree.Element("html")
        head = etree.SubElement(root, "head")
        etree.SubElement(head, "meta", {"charset": "utf-8"})
        body = etree.SubElement(root, "body")
        text = self._content.find(f"{OFFICE}body/{OFFICE}text")
        if text is not None:
            self._blocks(text, body)
        lead_to_headings(body, _HIGHEST)
        if self._notes:
            section = etree.SubElement(body, "section", {"role": "doc-endnotes"})
            etree.SubElement(section, "ol").extend(self._notes)
        return root

    def _blocks(
        self, element: etree._Element, to: etree._Element, lists: tuple[str, int] = ("", 0)
    ) -> None:
        """The blocks within `element`, loose letters among them; `lists` are style and depth."""
        _say(to, element.text)
        for inner in element:
            tag = inner.tag
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                self._paragraph(inner, to)
            elif tag == f"{TEXT}list":
                self._list(inner, to, lists)
            elif tag == f"{_TABLE}table":
                self._table(inner, to)
            elif tag in (f"{DRAW}frame", f"{DRAW}a"):
                self._paragraph(_wrapped(inner), to)
            elif isinstance(tag, str) and tag not in _SILENT:
                self._blocks(inner, to, lists)
            if tag not in _BLOCKS:
                _say(to, inner.tail)

    def _paragraph(self, element: etree._Element, to: etree._Element) -> None:
        style = self._styles.paragraph(element)
        holder = etree.SubElement(to, "blockquote") if style.quoted else to
        level = element.get(f"{TEXT}outline-level", "1")
        heading = element.tag == f"{TEXT}h"
        size = min(int(level), _HIGHEST) if level.isdecimal() and len(level) < 4 else 1
        paragraph = etree.SubElement(holder, f"h{max(size, 1)}" if heading else "p")
        if style.right_to_left:
            paragraph.set("dir", "rtl")
        self._behind.append([])
        self._inline(element, paragraph)
        behind = self._behind.pop()
        if behind and not _says(paragraph):
            holder.remove(paragraph)
        for block in behind:
            holder.append(block)

    def _inline(self, element: etree._Element, to: etree._Element) -> None:
        _say(to, element.text)
        for inner in element:
            if isinstance(inner.tag, str):
                self._piece(inner, to)
            _say(to, inner.tail)

    def _piece(self, element: etree._Element, to: etree._Element) -> None:
        tag = element.tag
        write = self._pieces.get(str(tag))
        if write is not None:
            write(element, to)
        elif tag in _BLOCKS or tag == f"{_TABLE}table":
            self._box(_wrapped(element))
        elif str(tag).startswith(DRAW):
            self._box(element)
        elif tag not in _SILENT:
            self._inline(element, to)

    def _span(self, element: etree._Element, to: etree._Element) -> None:
        self._inline(element, _styled(to, self._styles.letters(element)))

    def _link(self, element: etree._Element, to: etree._Element) -> None:
        self._linked(element, to, element.get(_HREF, ""))

    def _reference(self, element: etree._Element, to: etree._Element) -> None:
        self._linked(element, to, f"#{element.get(f'{TEXT}ref-name', '')}")

    def _linked(self, element: etree._Element, to: etree._Element, href: str) -> None:
        plain = not href or href == "#" or any(one.tag == "a" for one in (to, *to.iterancestors()))
        self._inline(
            element, to if plain else etree.SubElement(to, "a", {"href": link_target(href)})
        )

    def _note(self, element: etree._Element, to: etree._Element) -> None:
        number = len(self._notes) + 1
        note = etree.Element("li", {"id": f"fn{number}"})
        self._notes.append(note)
        mark = {"href": f"#fn{number}", "class": "footnote-ref", "role": "doc-noteref"}
        etree.SubElement(etree.SubElement(to, "a", mark), "sup").text = str(number)
        body = element.find(f"{TEXT}note-body")
        self._blocks(body if body is not None else element, note)

    def _ruby(self, element: etree._Element, to: etree._Element) -> None:
        ruby = etree.SubElement(to, "ruby")
        for inner in element:
            reading = inner.tag == f"{TEXT}ruby-text"
            self._inline(inner, etree.SubElement(ruby, "rt") if reading else ruby)

    def _frame(self, element: etree._Element, to: etree._Element) -> None:
        """A picture or formula in the line, a box behind the paragraph, §10.4.2."""
        formula = element.find(f"{DRAW}object")
        math = self._formula(formula) if formula is not None else None
        image = element.find(f"{DRAW}image")
        if math is not None:
            to.append(math)
        elif image is not None:
            self._picture(element, image, to)
        else:
            self._box(element)

    def _picture(self, frame: etree._Element, image: etree._Element, to: etree._Element) -> None:
        name = image.get(_HREF, "").removeprefix("./")
        if name not in self._container:
            return
        media = self._folder / "media" / name.replace("/", "-")
        media.parent.mkdir(exist_ok=True)
        media.write_bytes(self._container.read(name))
        said = frame.findtext(f"{_SVG}desc") or frame.findtext(f"{_SVG}title") or ""
        shown = {"src": f"media/{media.name}", "alt": " ".join(said.split())}
        width = frame.get(f"{_SVG}width", "")
        if _LENGTH.fullmatch(width):
            shown["style"] = f"width: {width}"
        etree.SubElement(to, "img", shown)

    def _formula(self, element: etree._Element) -> etree._Element | None:
        part = f"{element.get(_HREF, '').removeprefix('./').rstrip('/')}/content.xml"
        if part not in self._container:
            return None
        return _plain_names(_tree(self._container, part))

    def _box(self, element: etree._Element) -> None:
        """What `element` says goes behind the paragraph that it hangs on."""
        holder = etree.Element("div")
        self._blocks(element, holder)
        behind = self._behind[-1] if self._behind else []
        image = holder.find("p/img")
        if image is not None and len(holder) == 1 and len(holder[0]) == 1:
            behind.append(_figure(holder[0], image))
        else:
            behind += _loose(holder)

    def _list(self, element: etree._Element, to: etree._Element, lists: tuple[str, int]) -> None:
        name, depth = element.get(f"{TEXT}style-name") or lists[0], lists[1] + 1
        if next(element.iter(f"{TEXT}h"), None) is not None:  # headings numbered as a list
            for item in element:
                self._blocks(item, to, (name, depth))
            return
        level = self._styles.list_level(name, depth)
        listed = etree.SubElement(to, "ol" if _is_numbered(level) else "ul")
        if listed.tag == "ol":
            self._number(element, listed, level, f"{name} {depth}")
        for item in element:
            written = etree.SubElement(listed, "li")
            self._blocks(item, written, (name, depth))
            _tighten(written)

    def _number(
        self,
        element: etree._Element,
        listed: etree._Element,
        level: etree._Element | None,
        key: str,
    ) -> None:
        """Where a list begins to count, §5.3.2 and §5.3.3."""
        first = element.find(f"{TEXT}list-item")
        start = first.get(f"{TEXT}start-value", "") if first is not None else ""
        start = start or (level.get(f"{TEXT}start-value", "") if level is not None else "")
        number = int(start) if start.isdecimal() and len(start) < 6 else 1
        if element.get(f"{TEXT}continue-numbering") == "true" or element.get(
            f"{TEXT}continue-list"
        ):
            number = self._counts.get(key, 0) + 1
        self._counts[key] = number - 1 + len(element.findall(f"{TEXT}list-item"))
        if number != 1:
            listed.set("start", str(number))

    def _table(self, element: etree._Element, to: etree._Element) -> None:
        table = etree.SubElement(to, "table")
        for row, heads in _rows(element, heads=False):
            written = etree.SubElement(_part(table, "thead" if heads else "tbody"), "tr")
            for cell in row:
                if cell.tag == f"{_TABLE}table-cell":
                    self._cell(cell, etree.SubElement(written, "th" if heads else "td"))

    def _cell(self, element: etree._Element, cell: etree._Element) -> None:
        for name, attribute in (("columns", "colspan"), ("rows", "rowspan")):
            spanned = element.get(f"{_TABLE}number-{name}-spanned", "1")
            if spanned.isdecimal() and len(spanned) < 6 and 1 < int(spanned) <= _MOST_SPANNED:
                cell.set(attribute, spanned)
        self._blocks(element, cell)
        _tighten(cell)


def _tree(container: Archive, name: str) -> etree._Element:
    return xml.parse(container.read(name, _LARGEST_PART), place=name)


def _say(to: etree._Element, text: str | None) -> None:
    """Put `text` at the end of `to`; between blocks spaces say nothing."""
    if not text:
        return
    if len(to):
        to[-1].tail = (to[-1].tail or "") + text
    else:
        to.text = (to.text or "") + text


def _says(element: etree._Element) -> bool:
    return bool("".join(map(str, element.itertext())).strip()) or len(element) > 0


def _wrapped(element: etree._Element) -> etree._Element:
    """A copy of `element` in a paragraph of its own."""
    paragraph = etree.Element(f"{TEXT}p")
    copied = copy.deepcopy(element)
    copied.tail = None
    paragraph.append(copied)
    return paragraph


def _space(element: etree._Element, to: etree._Element) -> None:  # noqa: ARG001
    _say(to, " ")


def _line_break(element: etree._Element, to: etree._Element) -> None:  # noqa: ARG001
    etree.SubElement(to, "br")


def _anchor(element: etree._Element, to: etree._Element) -> None:
    etree.SubElement(to, "span", {"id": place_id(element.get(f"{TEXT}name", ""))})


def _styled(to: etree._Element, style: OdtStyle) -> etree._Element:
    """The innermost of the elements that `style` makes at the end of `to`."""
    names = [("strong", style.bold), ("em", style.italic), ("s", style.struck),
             ("sup", style.raised > 0), ("sub", style.raised < 0)]  # fmt: skip
    for name, asked in names:
        to = etree.SubElement(to, name) if asked else to
    attributes = {"class": "smallcaps"} if style.small_caps else {}
    if style.language:
        attributes["lang"] = style.language
    return etree.SubElement(to, "span", attributes) if attributes else to


def _tighten(holder: etree._Element) -> None:
    """An item's or cell's only paragraph is no paragraph; lists may follow it."""
    paragraphs = [block for block in holder if block.tag not in ("ol", "ul")]
    if len(paragraphs) != 1 or holder[0].tag != "p" or holder[0].attrib:
        return
    only = holder[0]
    holder.text = f"{holder.text or ''}{only.text or ''}"
    for place, inner in enumerate(list(only)):
        holder.insert(place, inner)
    holder.remove(only)


def _figure(paragraph: etree._Element, image: etree._Element) -> etree._Element:
    """A picture with its caption, which stands before or behind it."""
    figure = etree.Element("figure")
    words = f"{paragraph.text or ''} {image.tail or ''}"
    image.tail = None
    figure.append(image)
    if words.strip():
        etree.SubElement(figure, "figcaption").text = " ".join(words.split())
    return figure


def _loose(holder: etree._Element) -> Iterator[etree._Element]:
    """The blocks of `holder`, letters between them in paragraphs."""
    texts = [holder.text, *(block.tail for block in holder)]
    for text, block in zip(texts, [*list(holder), None], strict=True):
        if text and text.strip():
            paragraph = etree.Element("p")
            paragraph.text = text
            yield paragraph
        if block is not None:
            block.tail = None
            yield block


def _is_numbered(level: etree._Element | None) -> bool:
    if level is None:
        return False
    style = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
    return level.tag == f"{TEXT}list-level-style-number" and bool(level.get(f"{style}num-format"))


def _rows(element: etree._Element, *, heads: bool) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of a table, however they are grouped, and whether they are heads."""
    for inner in element:
        if inner.tag == f"{_TABLE}table-row":
            yield inner, heads
        elif isinstance(inner.tag, str) and inner.tag.startswith(f"{_TABLE}table-"):
            yield from _rows(inner, heads=heads or inner.tag == f"{_TABLE}table-header-rows")


def _part(table: etree._Element, name: str) -> etree._Element:
    last = table[-1] if len(table) else None
    return last if last is not None and last.tag == name else etree.SubElement(table, name)


def _plain_names(element: etree._Element) -> etree._Element:
    """A formula without prefixes, as HTML has it."""
    plain = etree.Element(etree.QName(element).localname)
    for key, value in element.attrib.items():
        plain.set(etree.QName(key).localname, value)
    plain.text, plain.tail = element.text, element.tail
    for inner in element.iterchildren(etree.Element):
        plain.append(_plain_names(inner))
    return plain
