"""Attributes of HTML 4 and XHTML 1.1 as HTML now has them: styled, renamed, mended or dropped.

HTML §16.2 lists what is obsolete: https://html.spec.whatwg.org/multipage/obsolete.html
"""

import re

from lxml import etree

from ebook_pipeline.books.converting.to_epub.conforming import add_style
from ebook_pipeline.books.language_tags import language_tag

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
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
abbr alink archive axis background border cellpadding cellspacing char charoff charset classid
codebase codetype compact coords declare face frame frameborder hspace language link longdesc
marginheight marginwidth nohref noshade nowrap profile rev rules scheme scope scrolling shape size
span standby summary target valuetype version vlink vspace
"""
_DROPPED = frozenset(_OBSOLETE.split())
_KEPT = {
    "a": {"target"},
    "area": {"coords", "shape", "target"},
    "col": {"span"},
    "colgroup": {"span"},
    "form": {"target"},
    "input": {"size"},
    "select": {"size"},
    "th": {"abbr", "scope"},
}
"""Attributes among the obsolete ones that their own elements keep."""
_ONLY_ELSEWHERE = {
    "name": frozenset({"a", "img"}),
    "type": frozenset({"ul", "li", "param"}),
}
_SIZED = frozenset({"img", "video", "iframe", "embed", "object", "canvas", "source", "input"})
_WHOLE_PIXELS = re.compile(r"\s*(\d+)(?:px)?\s*")
_CITING = frozenset({"blockquote", "del", "ins", "q"})
_MOMENT = re.compile(r"\d{4,}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?")


def renew_attributes(element: etree._Element, name: str) -> None:
    """The attributes of an element that was called `name`, as EPUB 3 allows them."""
    for key, value in list(element.attrib.items()):
        _renew(element, name, str(key), str(value))
    _languages(element)


def _renew(element: etree._Element, name: str, key: str, value: str) -> None:
    if key in _STYLED and name != "meta":
        element.attrib.pop(key)
        add_style(element, _STYLED[key].format(value))
    elif key in ("width", "height"):
        _size(element, name, key, value)
    elif _is_obsolete(name, key) or _is_wrong(name, key, value):
        element.attrib.pop(key)


def _size(element: etree._Element, name: str, key: str, value: str) -> None:
    """Pictures have a size in whole pixels; other sizes, and those of other elements, are style."""
    pixels = _WHOLE_PIXELS.fullmatch(value)
    if name in _SIZED and pixels:
        element.set(key, pixels[1])
        return
    element.attrib.pop(key)
    if value.strip() and "*" not in value:
        add_style(element, f"{key}: {pixels[1]}px" if pixels else f"{key}: {value.strip()}")


def _is_obsolete(name: str, key: str) -> bool:
    everywhere = key in _DROPPED and key not in _KEPT.get(name, ())
    return everywhere or name in _ONLY_ELSEWHERE.get(key, ())


def _is_wrong(name: str, key: str, value: str) -> bool:
    if key == "cite" and name in _CITING:
        return not value.lower().startswith(("http://", "https://"))
    if key == "datetime":
        return _MOMENT.fullmatch(value.strip()) is None
    if key == "hreflang":
        return language_tag(value) != value
    return key == _XML_BASE


def _languages(element: etree._Element) -> None:
    """``lang`` and ``xml:lang``, which must agree: https://www.w3.org/TR/epub-33/#sec-xhtml"""
    keys = [key for key in (_XML_LANG, "lang") if key in element.attrib]
    stated = [element.get(key, "") for key in keys]
    tag = next(filter(None, map(language_tag, stated)), "")
    for key in keys:
        if tag or not element.get(key, "").strip():
            element.set(key, tag)
        else:
            element.attrib.pop(key)
