"""XHTML 1.1 documents made to conform to EPUB 3's XHTML; style attributes keep how they look.

HTML §16.2 lists what is obsolete: https://html.spec.whatwg.org/multipage/obsolete.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.converting.to_epub import dtbook
from ebook_pipeline.books.converting.to_epub.conforming import add_style
from ebook_pipeline.books.converting.to_epub.modern_attributes import renew_attributes
from ebook_pipeline.books.converting.to_epub.modern_structure import mend_structure
from ebook_pipeline.books.converting.to_epub.nav_document import serialize_xhtml
from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.foundation.errors import BookError

_H = "{http://www.w3.org/1999/xhtml}"
_SVG = "{http://www.w3.org/2000/svg}svg"
_SVG_LINK = "{http://www.w3.org/2000/svg}a"
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_SWITCH = "{http://www.idpf.org/2007/ops}switch"
_XLINK = "{http://www.w3.org/1999/xlink}href"
RENAMED = {
    "acronym": ("abbr", ""),
    "big": ("span", "font-size: larger"),
    "center": ("div", "text-align: center"),
    "dir": ("ul", ""),
    "font": ("span", ""),
    "strike": ("s", ""),
    "tt": ("span", "font-family: monospace"),
}
_EQUIVS = frozenset({"content-type", "default-style", "refresh"})
_SCRIPTED = frozenset({f"{_H}script", f"{_H}form", f"{_H}input", f"{_H}button"})


@dataclass(frozen=True)
class ModernDocument:
    """A rewritten document: its bytes, title, ids, and manifest properties (EPUB 3.3 D.2).

    `links` are the files of the container that it leads to.
    """

    data: bytes
    title: str
    ids: frozenset[str]
    properties: frozenset[str]
    links: frozenset[str]


def modernize(data: bytes, name: str) -> ModernDocument:
    """The document `data` as EPUB 3 wants it; malformed ones are read as far as they go."""
    try:
        root = xml.parse(data, place=name)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        root = xml.parse(data, place=name, recover=True)
    if dtbook.is_dtbook(root):
        dtbook.into_xhtml(root)
    ids: set[str] = set()
    for element in list(root.iter()):
        if isinstance(element.tag, str) and element.tag.startswith(_H):
            _renew(element, ids)
    _head(root, name)
    title = root.findtext(f"{_H}head/{_H}title") or ""
    return ModernDocument(
        serialize_xhtml(root),
        title.strip(),
        frozenset(ids),
        _properties(root),
        frozenset(_links(root, name)),
    )


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
        add_style(element, style)
    if name == "a" and element.get("name") and not element.get("id"):
        element.set("id", element.get("name", ""))
    renew_attributes(element, name)
    mend_structure(element, name)
    _identify(element, ids)


def _identify(element: etree._Element, ids: set[str]) -> None:
    """An id is unique in its document: later ones go."""
    identifier = element.get("id")
    if identifier is None:
        return
    if identifier in ids or not identifier.strip():
        element.attrib.pop("id")
    ids.add(identifier)


def _links(root: etree._Element, name: str) -> Iterator[str]:
    for element in root.iter(f"{_H}a", f"{_H}area", _SVG_LINK):
        path = resolve(name, element.get("href") or element.get(_XLINK) or "")
        if path and path != name:
            yield path


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
        elif element.tag == _SWITCH:
            properties.add("switch")
        elif element.tag in _SCRIPTED or any(str(key).startswith("on") for key in element.attrib):
            properties.add("scripted")
    return frozenset(properties)
