"""KF8's documents, which are XHTML with addresses of its own, made into an EPUB's.

https://wiki.mobileread.com/wiki/KF8: ``kindle:pos:fid:…:off:…`` is a place in the text,
``kindle:flow:…`` a style sheet or drawing, ``kindle:embed:…`` a picture or font.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.converting.from_kindle.markup import KindleLosses, is_external, parse_html
from ebook_pipeline.books.converting.to_epub.clean_css import clean_sheet
from ebook_pipeline.books.converting.to_epub.conforming import (
    EPUB_TYPE,
    XHTML,
    conform,
    local_name,
    pop_attribute,
)
from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.foundation.errors import BookError

_POSITION = re.compile(rb"kindle:pos:fid:([0-9A-Va-v]{1,8}):off:([0-9A-Va-v]{1,12})")
_ADDRESS = re.compile(r"kindle:(flow|embed):([0-9A-Va-v]{1,8})")
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SVG = "{http://www.w3.org/2000/svg}"
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_UNKNOWN = frozenset({"filter", "-webkit-filter", "backdrop-filter", "mix-blend-mode"})
"""Properties that no Kindle knows, so that authors never saw what they do to the book."""
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TYPED = frozenset({"a", "area", "link", "style", "script", "ol", "object", "source", "embed"})


@dataclass(frozen=True)
class Addresses:
    """Where Kindle's addresses lead: names by number, and ids by document and byte.

    `drawings` are flows that show pictures themselves and must be written into the page.
    """

    embeds: Mapping[int, str]
    flows: Mapping[int, str]
    drawings: Mapping[int, bytes]
    place: Callable[[int, int], str | None]

    def of(self, url: str) -> str | None:
        """The file that `url` names, seen from a folder below the package; None for nothing."""
        match = _ADDRESS.match(url)
        if match is None:
            return url if url.startswith(("data:image/", "#")) else None
        names = self.flows if match[1].lower() == "flow" else self.embeds
        name = names.get(int(match[2], 32))
        return None if name is None else f"../{name}"

    def link(self, url: str) -> str | None:
        """What a link to `url` leads to: ``part0001.xhtml#id``, a site, or nothing."""
        match = _POSITION.match(url.encode("utf-8", "replace"))
        if match is not None:
            return self.place(int(match[1], 32), int(match[2], 32))
        if is_external(url):
            return url
        return url if url.startswith("#") and len(url) > 1 else None


@dataclass
class Kf8Page:
    """A document to be written: its ``body``, and what its head holds."""

    body: etree._Element
    title: str = ""
    language: str = ""
    style: str = ""
    viewport: str = ""
    sheets: list[str] = field(default_factory=list)


def link_positions(data: bytes) -> Iterator[tuple[int, int]]:
    """The fragment and offset of every link in `data`."""
    for match in _POSITION.finditer(data):
        yield int(match[1], 32), int(match[2], 32)


def parse_page(data: bytes, encoding: str, addresses: Addresses, losses: KindleLosses) -> Kf8Page:
    """One document, its addresses an EPUB's. Raises BookError (``xml.…``, ``convert.empty``)."""
    root = _root(data, encoding)
    body = root.find(f"{XHTML}body")
    made = Kf8Page(_fresh(body if body is not None else root))
    _head(root, made, addresses)
    for element in list(made.body.iter("*")):
        _restore_type(element)
        _readdress(element, addresses, losses)
    conform(made.body)
    return made


def style_sheet(data: bytes, encoding: str, addresses: Addresses) -> bytes:
    """A flow of CSS as an EPUB's style sheet."""
    text = data.decode(encoding, "replace")
    bare = text.replace("<![CDATA[", "").replace("]]>", "")
    return clean_sheet(bare, addresses.of, _UNKNOWN).encode()


def svg_file(
    data: bytes, encoding: str, addresses: Addresses, losses: KindleLosses
) -> bytes | None:
    """A flow of SVG as a file; None where it can't be read."""
    root = _drawn(data, encoding)
    if root is None:
        return None
    for element in root.iter("*"):
        _readdress(element, addresses, losses)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _root(data: bytes, encoding: str) -> etree._Element:
    text = data.decode(encoding, "replace")
    plain = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text).encode()
    try:
        return xml.parse(plain)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        html = etree.Element(f"{XHTML}html")
        html.append(parse_html(text))
        return html


def _fresh(body: etree._Element) -> etree._Element:
    """The body in a tree of its own, which declares only what it may use."""
    spaces = {None: XHTML[1:-1], "epub": EPUB_TYPE[1:].partition("}")[0], "xlink": _XLINK[1:-5]}
    whole = etree.Element(f"{XHTML}body", nsmap=spaces)  # type: ignore[arg-type]
    whole.text = body.text
    whole.attrib.update(dict(body.attrib))
    whole.extend(list(body))
    return whole


def _head(root: etree._Element, made: Kf8Page, addresses: Addresses) -> None:
    made.language = root.get("lang") or root.get(_LANG) or ""
    head = root.find(f"{XHTML}head")
    for element in () if head is None else head:
        name = local_name(element)
        if name == "title":
            made.title = " ".join((element.text or "").split())
        elif name == "link" and "stylesheet" in element.get("rel", "stylesheet"):
            where = addresses.of(element.get("href", ""))
            made.sheets += [where] if where and where.endswith(".css") else []
        elif name == "style":
            made.style += clean_sheet(element.text or "", addresses.of, _UNKNOWN)
        elif name == "meta" and element.get("name") == "viewport":
            made.viewport = element.get("content", "")


def _restore_type(element: etree._Element) -> None:
    """``epub:type``, which lost its prefix; old readers get ``aid``, which nobody else knows."""
    pop_attribute(element, "aid")
    for key in list(element.attrib):
        if str(key).startswith(("data-Amazon", "data-amzn")):
            element.attrib.pop(key)
    if not str(element.tag).startswith(XHTML) or local_name(element) in _TYPED - {"a", "ol"}:
        return
    kind = pop_attribute(element, "type")
    if kind and element.get(EPUB_TYPE) is None and not re.fullmatch(r"[1aAiI]", kind):
        element.set(EPUB_TYPE, kind)


def _readdress(element: etree._Element, addresses: Addresses, losses: KindleLosses) -> None:
    name = local_name(element)
    if name in ("audio", "video"):
        losses.media.add(name)
    if name in ("img", "image"):
        _show(element, addresses, losses)
    elif name in ("a", "use"):
        for key in ("href", _XLINK):
            new = addresses.link(pop_attribute(element, key).strip())
            if new is not None:
                element.set(key, new)


def _show(element: etree._Element, addresses: Addresses, losses: KindleLosses) -> None:
    """A picture's file; a drawing that shows pictures is written into the page."""
    key = "src" if local_name(element) == "img" else _XLINK
    old = pop_attribute(element, key) or pop_attribute(element, "href")
    match = _ADDRESS.match(old)
    flow = int(match[2], 32) if match is not None and match[1] == "flow" else 0
    if _inline(element, addresses.drawings.get(flow, b""), addresses, losses):
        return
    where = addresses.of(old)
    if where is not None:
        element.set(key, where)
        return
    losses.pictures.add(int(match[2], 32) if match else 0)
    alt = element.get("alt", "")
    if local_name(element) == "img":
        element.attrib.clear()
        element.tag, element.text = f"{XHTML}span", alt
    else:
        element.tag = f"{_SVG}g"
        element.attrib.clear()


def _inline(
    element: etree._Element, data: bytes, addresses: Addresses, losses: KindleLosses
) -> bool:
    drawn, parent = _drawn(data, "utf-8"), element.getparent()
    if drawn is None or parent is None or local_name(element) != "img":
        return False
    for inner in drawn.iter("*"):
        pop_attribute(inner, "aid")
        if local_name(inner) == "image":
            _show(inner, addresses, losses)
    if element.get("alt"):
        drawn.set("role", "img")
        drawn.set("aria-label", element.get("alt", ""))
    drawn.tail = element.tail
    parent.replace(element, drawn)
    return True


def _drawn(data: bytes, encoding: str) -> etree._Element | None:
    """The SVG element of a flow; kindlegen leaves its namespaces out."""
    text = data.decode(encoding, "replace")
    match = re.search(r"<svg\b[^>]*>", text)
    if match is None:
        return None
    opening = match[0]
    for prefix, space in (("xmlns", _SVG[1:-1]), ("xmlns:xlink", _XLINK[1:-5])):
        if f"{prefix}=" not in opening:
            opening = opening.replace("<svg", f'<svg {prefix}="{space}"', 1)
    try:
        root = xml.parse((opening + text[match.end() :]).encode(), recover=True)
    except BookError:
        return None
    for script in list(root.iter(f"{_SVG}script")):
        parent = script.getparent()
        if parent is not None:
            parent.remove(script)
    return root


def manifest_properties(body: etree._Element) -> frozenset[str]:
    """The manifest properties of a document, EPUB 3.3 D.2."""
    names = {
        name
        for name, tag in (("svg", f"{_SVG}svg"), ("mathml", _MATH))
        if next(body.iter(tag), None) is not None
    }
    return frozenset(names)
