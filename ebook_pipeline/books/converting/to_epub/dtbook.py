"""DTBook, the other text that EPUB 2 allows and EPUB 3 does not, written as XHTML.

ANSI/NISO Z39.86-2005 §4, https://daisy.org/activities/standards/daisy/daisy-3/z39-86-2005-r2012/
"""

from lxml import etree

DTBOOK_TYPE = "application/x-dtbook+xml"
_DTBOOK = "{http://www.daisy.org/z3986/2005/dtbook/}"
_H = "{http://www.w3.org/1999/xhtml}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DIVISIONS = ("frontmatter", "bodymatter", "rearmatter", "level", "poem", "linegroup", "imggroup")
_LINES = ("line", "lic", "byline", "dateline", "docauthor", "author", "bridgehead", "hd")
_PHRASES = ("linenum", "pagenum", "noteref", "annoref", "sent", "w")
_ASIDES = ("annotation", "note", "prodnote", "sidebar")
_RENAMED = {
    "dtbook": "html",
    "book": "body",
    **dict.fromkeys(_DIVISIONS, "div"),
    **{f"level{depth}": "section" for depth in range(1, 7)},
    **dict.fromkeys(_LINES, "p"),
    **dict.fromkeys(_PHRASES, "span"),
    **dict.fromkeys(_ASIDES, "aside"),
    "epigraph": "blockquote",
    "covertitle": "p",
    "doctitle": "p",
    "title": "p",
}
_LINKS = {"noteref": "idref", "annoref": "idref"}
_INLINE_PARENTS = frozenset({"p", "span", "h1", "h2", "h3", "h4", "h5", "h6"})
_KEPT_NAMES = (
    "alt class colspan dir headers height href id rowspan scope src style title type width"
)
_KEPT = frozenset({*_KEPT_NAMES.split(), _XML_LANG})


def is_dtbook(root: etree._Element) -> bool:
    """Whether `root` is DTBook's, in its namespace or, as older ones, in none."""
    return root.tag in (f"{_DTBOOK}dtbook", "dtbook")


def into_xhtml(root: etree._Element) -> None:
    """Rename everything in `root`, a DTBook document, to what XHTML calls it; no word is lost."""
    for element in list(root.iter(etree.Element)):
        local = etree.QName(element).localname
        if etree.QName(element).namespace in (None, _DTBOOK[1:-1]):
            _rename(element, local)


def _rename(element: etree._Element, local: str) -> None:
    parent = element.getparent()
    outer = etree.QName(parent).localname if parent is not None else ""
    name = _RENAMED.get(local, local)
    if local == "title" and outer == "head":
        name = "title"
    if local == "list":
        name = "ol" if element.get("type") == "ol" else "ul"
    if name in ("p", "div", "aside") and outer in _INLINE_PARENTS:
        name = "span"
    if local in _LINKS and element.get(_LINKS[local]):
        name = "a"
        element.set("href", f"#{element.get(_LINKS[local], '').removeprefix('#')}")
    if local == "list":
        element.attrib.pop("type", "")
    if local != "meta":
        for key in set(element.attrib) - _KEPT:
            element.attrib.pop(key)
    element.tag = f"{_H}{name}"
