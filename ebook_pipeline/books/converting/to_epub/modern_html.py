"""XHTML 1.1 documents made to conform to EPUB 3's XHTML; style attributes keep how they look.

HTML §16.2 lists what is obsolete: https://html.spec.whatwg.org/multipage/obsolete.html
"""

from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.converting.to_epub.nav_document import serialize_xhtml
from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.foundation.errors import BookError

_H = "{http://www.w3.org/1999/xhtml}"
_SVG = "{http://www.w3.org/2000/svg}svg"
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
RENAMED = {
    "acronym": ("abbr", ""),
    "big": ("span", "font-size: larger"),
    "center": ("div", "text-align: center"),
    "dir": ("ul", ""),
    "font": ("span", ""),
    "strike": ("s", ""),
    "tt": ("span", "font-family: monospace"),
}
_STYLED = {
    "align": "text-align: {}",
    "bgcolor": "background-color: {}",
    "clear": "clear: {}",
    "color": "color: {}",
    "face": "font-family: {}",
    "text": "color: {}",
    "valign": "vertical-align: {}",
}
_OBSOLETE = """
abbr alink axis border cellpadding cellspacing char charoff charset compact face frame
hspace language link longdesc noshade nowrap profile rev rules scheme size summary version
vlink vspace
"""
_DROPPED = frozenset(_OBSOLETE.split())
_SIZED = frozenset({"img", "video", "iframe", "embed", "object", "canvas", "source", "input"})
_KEEP_SIZE = frozenset({"input", "select"})
_EQUIVS = frozenset({"content-type", "default-style", "refresh"})
_SCRIPTED = frozenset({f"{_H}script", f"{_H}form", f"{_H}input", f"{_H}button"})


@dataclass(frozen=True)
class ModernDocument:
    """A rewritten document: its bytes, title, ids, and manifest properties (EPUB 3.3 D.2)."""

    data: bytes
    title: str
    ids: frozenset[str]
    properties: frozenset[str]


def modernize(data: bytes, name: str) -> ModernDocument:
    """The document `data` as EPUB 3 wants it; malformed ones are read as far as they go."""
    try:
        root = xml.parse(data, place=name)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        root = xml.parse(data, place=name, recover=True)
    ids: set[str] = set()
    for element in list(root.iter()):
        if isinstance(element.tag, str) and element.tag.startswith(_H):
            _renew(element, ids)
    _head(root, name)
    title = root.findtext(f"{_H}head/{_H}title") or ""
    return ModernDocument(serialize_xhtml(root), title.strip(), frozenset(ids), _properties(root))


def _renew(element: etree._Element, ids: set[str]) -> None:
    name = etree.QName(element).localname.lower()
    if name == "meta" and element.get("http-equiv", "content-type").lower() not in _EQUIVS:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
        return
    if name in RENAMED:
        new, style = RENAMED[name]
        element.tag = f"{_H}{new}"
        _style(element, style)
    if name == "a" and element.get("name") and not element.get("id"):
        element.set("id", element.get("name", ""))
    _attributes(element, name)
    _identify(element, ids)


def _identify(element: etree._Element, ids: set[str]) -> None:
    """An id is unique in its document: later ones go."""
    identifier = element.get("id")
    if identifier is None:
        return
    if identifier in ids or not identifier.strip():
        element.attrib.pop("id")
    ids.add(identifier)


def _attributes(element: etree._Element, name: str) -> None:
    for key, value in list(element.attrib.items()):
        attribute, text = str(key), str(value)
        if attribute in _STYLED and name != "meta":
            element.attrib.pop(attribute)
            _style(element, _STYLED[attribute].format(text))
        elif attribute in ("width", "height") and name not in _SIZED:
            element.attrib.pop(attribute)
            _style(element, f"{attribute}: {text}{'px' if text.isdigit() else ''}")
        elif _is_obsolete(attribute, name):
            element.attrib.pop(attribute)


def _is_obsolete(attribute: str, name: str) -> bool:
    if attribute == "size":
        return name not in _KEEP_SIZE
    if attribute == "name":
        return name in ("a", "img")
    if attribute == "type":
        return name in ("ul", "li")
    if attribute == "abbr":
        return name != "th"
    return attribute in _DROPPED


def _style(element: etree._Element, declaration: str) -> None:
    if declaration:
        own = element.get("style", "").strip().rstrip(";")
        element.set("style", f"{own}; {declaration}" if own else declaration)


def _head(root: etree._Element, name: str) -> None:
    """A head with a title, and one statement of the encoding at most."""
    head = root.find(f"{_H}head")
    if head is None:
        head = etree.Element(f"{_H}head")
        root.insert(0, head)
    for meta in head.findall(f"{_H}meta"):
        if meta.get("http-equiv", "").lower() == "content-type":
            head.remove(meta)
    title = head.find(f"{_H}title")
    if title is None:
        title = etree.Element(f"{_H}title")
        head.insert(0, title)
    if not (title.text or "").strip():
        title.text = name.rsplit("/", 1)[-1]


def _properties(root: etree._Element) -> frozenset[str]:
    properties = set()
    for element in root.iter():
        if element.tag == _SVG:
            properties.add("svg")
        elif element.tag == _MATH:
            properties.add("mathml")
        elif element.tag in _SCRIPTED or any(str(key).startswith("on") for key in element.attrib):
            properties.add("scripted")
    return frozenset(properties)
