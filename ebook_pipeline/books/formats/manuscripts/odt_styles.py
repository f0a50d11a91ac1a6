"""What the styles of an ODT say of letters, paragraphs and lists: OpenDocument 1.3 part 3, §16."""

from dataclasses import dataclass

from lxml import etree

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_DEEPEST = 20
"""Styles that are based on each other."""
_QUOTATIONS = "Quotations"


@dataclass(frozen=True)
class OdtStyle:
    """What a style says, its parents included."""

    bold: bool = False
    italic: bool = False
    small_caps: bool = False
    struck: bool = False
    raised: int = 0
    """1 for superscript, -1 for subscript."""
    hidden: bool = False
    language: str = ""
    right_to_left: bool = False
    quoted: bool = False


class OdtStyles:
    """The styles of a document by family and name; lists by name and level."""

    def __init__(self, *roots: etree._Element) -> None:
        self._styles: dict[tuple[str, str], etree._Element] = {}
        self._lists: dict[tuple[str, int], etree._Element] = {}
        self._known: dict[tuple[str, str], OdtStyle] = {}
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                key = (style.get(f"{STYLE}family", ""), style.get(f"{STYLE}name", ""))
                self._styles[key] = style
            for style in root.iter(f"{TEXT}list-style"):
                for level in style:
                    number = level.get(f"{TEXT}level", "") if isinstance(level.tag, str) else ""
                    if number.isdecimal() and len(number) < 4:
                        self._lists[style.get(f"{STYLE}name", ""), int(number)] = level

    def letters(self, element: etree._Element) -> OdtStyle:
        """The style of a span."""
        return self._of("text", element.get(f"{TEXT}style-name", ""), 0)

    def paragraph(self, element: etree._Element) -> OdtStyle:
        """The style of a paragraph or heading."""
        return self._of("paragraph", element.get(f"{TEXT}style-name", ""), 0)

    def section(self, element: etree._Element) -> OdtStyle:
        return self._of("section", element.get(f"{TEXT}style-name", ""), 0)

    def list_level(self, name: str, level: int) -> etree._Element | None:
        """The ``list-level-style`` of a list's level, 1 the outermost."""
        return self._lists.get((name, level))

    def _of(self, family: str, name: str, depth: int) -> OdtStyle:
        key = (family, name)
        if key not in self._known:
            element = self._styles.get(key)
            if element is None or depth > _DEEPEST:
                return OdtStyle()
            parent = self._of(family, element.get(f"{STYLE}parent-style-name", ""), depth + 1)
            self._known[key] = _resolved(element, name, parent)
        return self._known[key]


def _resolved(element: etree._Element, name: str, parent: OdtStyle) -> OdtStyle:
    letters = element.find(f"{STYLE}text-properties")
    paragraph = element.find(f"{STYLE}paragraph-properties")
    weight, slant = _said(letters, f"{FO}font-weight"), _said(letters, f"{FO}font-style")
    caps, line = (
        _said(letters, f"{FO}font-variant"),
        _said(letters, f"{STYLE}text-line-through-style"),
    )
    display, mode = _said(letters, f"{TEXT}display"), _said(paragraph, f"{STYLE}writing-mode")
    return OdtStyle(
        weight in ("bold", "600", "700", "800", "900") if weight else parent.bold,
        slant in ("italic", "oblique") if slant else parent.italic,
        caps == "small-caps" if caps else parent.small_caps,
        line != "none" if line else parent.struck,
        _raised(_said(letters, f"{STYLE}text-position"), parent.raised),
        display == "none" if display else parent.hidden,
        _language(letters) or parent.language,
        mode.startswith("rl") if mode and mode != "page" else parent.right_to_left,
        name == _QUOTATIONS or parent.quoted,
    )


def _raised(position: str, inherited: int) -> int:
    """``super 58%``, ``-33% 58%``; 0 % is neither."""
    first = position.split(" ")[0] if position else ""
    if not first:
        return inherited
    if first in ("super", "sub"):
        return 1 if first == "super" else -1
    if first.strip("-0%.") == "":
        return 0
    return -1 if first.startswith("-") else 1


def _language(letters: etree._Element | None) -> str:
    language, country = _said(letters, f"{FO}language"), _said(letters, f"{FO}country")
    if language in ("", "none", "zxx"):
        return ""
    return f"{language}-{country}" if country not in ("", "none") else language


def _said(element: etree._Element | None, name: str) -> str:
    return element.get(name, "") if element is not None else ""
