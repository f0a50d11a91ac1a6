"""Mobipocket's attributes as CSS: a class for each style, one style sheet for the book.

https://wiki.mobileread.com/wiki/MOBI#Mobipocket_HTML: on blocks, ``width`` is the indent of the
first line and ``height`` the space above.
"""

import re

from lxml import etree

from ebook_pipeline.books.converting.to_epub import modern_html
from ebook_pipeline.books.converting.to_epub.conforming import (
    XHTML,
    add_style,
    local_name,
    pop_attribute,
)

_BASE = """body { font-family: serif; line-height: 1.4; margin: 0 5% }
p, div { margin: 0 }
p { text-indent: 1.5em; text-align: justify }
blockquote { margin: 0 0 0 2em }
h1, h2, h3, h4, h5, h6 { text-align: center; margin: 1em 0; line-height: 1.2 }
.titled { font-size: 1em; font-weight: normal; margin: 0; text-align: justify }
.caps { font-variant: small-caps }
img { max-width: 100% }
hr { width: 30% }
"""
_BLOCKING = "p div blockquote h1 h2 h3 h4 h5 h6 li td th ul ol dl dd"
_BLOCKS = frozenset(_BLOCKING.split())
_LENGTH = re.compile(r"(-?\d{1,4}(?:\.\d{1,4})?)\s*(em|ex|pt|px|%|mm|cm|in)?", re.IGNORECASE)
_SIZES = ("0.6em", "0.6em", "0.8em", "1em", "1.15em", "1.5em", "2em", "3em")
_ALIGNED = frozenset({"left", "right", "center", "justify"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|[A-Za-z]{3,20}")
_FACE = re.compile(r"[A-Za-z][A-Za-z ,-]{0,99}")
_RENAMED = modern_html.RENAMED | {"nobr": ("span", "white-space: nowrap")}


class StyleClasses:
    """The styles of one book, their classes numbered as they are met."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def convert(self, element: etree._Element) -> None:
        """Turn the attributes that only Mobipocket has into a style of `element`."""
        name = local_name(element)
        if name in _RENAMED:
            new, own = _RENAMED[name]
            element.tag = f"{XHTML}{new}"
            add_style(element, own)
        declarations = "; ".join(_declarations(element, name))
        if declarations:
            add_style(element, declarations)

    def replace_styles(self, body: etree._Element) -> None:
        """Replace every ``style`` below `body` by the class of that style."""
        for element in body.iter(f"{XHTML}*"):
            style = pop_attribute(element, "style")
            if style:
                own = element.get("class")
                name = self._names.setdefault(style, f"look{len(self._names) + 1}")
                element.set("class", f"{own} {name}" if own else name)

    def style_sheet(self) -> bytes:
        """The book's style sheet."""
        rules = (f".{name} {{ {style} }}\n" for style, name in self._names.items())
        return (_BASE + "".join(rules)).encode()


def _declarations(element: etree._Element, name: str) -> list[str]:
    declarations = []
    if name in _BLOCKS:
        declarations += _block(element)
    align = element.get("align", "").lower()
    if align in _ALIGNED and name == "img":
        declarations += [f"float: {align}"] if align in ("left", "right") else []
    elif align in _ALIGNED:
        declarations.append(f"text-align: {align}")
    if name == "font":
        declarations += _font(element)
    background = element.get("bgcolor", "")
    if name != "body" and _COLOUR.fullmatch(background):
        declarations.append(f"background-color: {background}")
    return declarations


def _block(element: etree._Element) -> list[str]:
    declarations = []
    above, indent = _length(element.get("height")), _length(element.get("width"))
    if above is not None:
        declarations.append(f"margin-top: {above}")
    if indent is not None and local_name(element) not in ("td", "th"):
        declarations.append(f"text-indent: {indent}")
        if indent.startswith("-"):
            declarations.append(f"margin-left: {indent[1:]}")
    return declarations


def _length(text: str | None) -> str | None:
    """A length of Mobipocket in CSS: bare numbers are pixels."""
    match = _LENGTH.fullmatch((text or "").strip())
    if match is None:
        return None
    number = match[1]
    return "0" if float(number) == 0 else f"{number}{(match[2] or 'px').lower()}"


def _font(element: etree._Element) -> list[str]:
    declarations = []
    size = _size(element.get("size", "").strip())
    if size:
        declarations.append(f"font-size: {size}")
    if _COLOUR.fullmatch(element.get("color", "")):
        declarations.append(f"color: {element.get('color')}")
    if _FACE.fullmatch(element.get("face", "")):
        declarations.append(f"font-family: {element.get('face')}")
    return declarations


def _size(text: str) -> str:
    """HTML's seven sizes, of which 3 is the ordinary one, absolute or in steps."""
    if not re.fullmatch(r"[+-]?\d{1,2}", text):
        return ""
    number = int(text) + (3 if text[0] in "+-" else 0)
    return _SIZES[min(max(number, 1), 7)]
