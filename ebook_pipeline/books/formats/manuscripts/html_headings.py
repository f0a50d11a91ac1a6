"""Headings marked in HTML whose author only made paragraphs look like headings."""

import re
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.formats.manuscripts.heading_detection import (
    StyledParagraph,
    detect_headings,
)

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = frozenset({"p", "div", "center"})
_BLOCKS_NAMES = """
p div center ul ol dl table blockquote pre figure hr section article main header
"""
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
_BOLD = frozenset({"b", "strong"})
_ALIGNED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_HEAVY = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)
_BROKEN = re.compile(r"(page-break-before|break-before)\s*:\s*(always|page)", re.IGNORECASE)
_SIZED = re.compile(r"font-size\s*:\s*(?:x*-?large\w*|1\.[2-9]\d*r?em|[2-9][\d.]*r?em|1[2-9]\d%)")
_NAMED = re.compile(r"\b(chapter|heading|title|chap)[-_]?(title|head|heading|number|name)?\b", re.I)


def mark_headings(root: etree._Element) -> int | None:
    """Make headings of the paragraphs that look so; how many. None where there are headings."""
    if any(_words(heading) for heading in root.iter(*_HEADINGS)):
        return None
    paragraphs = [element for element in root.iter(*_PARAGRAPHS) if _is_paragraph(element)]
    levels = detect_headings([_styled(paragraph) for paragraph in paragraphs])
    for index, level in levels.items():
        paragraphs[index].tag = f"h{min(level, 6)}"
        for bold in paragraphs[index].iter(*_BOLD):
            bold.tag = "span"
    return len(levels)


def strip_presentation(root: etree._Element) -> None:
    """Take the styles out that only said how things look."""
    for element in root.iter(etree.Element):
        for name in ("style", "align", "bgcolor", "color", "face", "width", "height"):
            if name in element.attrib:
                element.attrib.pop(name)


def _is_paragraph(element: etree._Element) -> bool:
    """Whether it holds words of its own and no other block."""
    return bool(_words(element)) and not any(
        inner.tag in _BLOCKS for inner in element.iterdescendants(etree.Element)
    )


def _styled(element: etree._Element) -> StyledParagraph:
    styles = " ".join(wrapper.get("style", "") for wrapper in (element, *_wrappers(element)))
    classes = " ".join(wrapper.get("class", "") for wrapper in (element, *_wrappers(element)))
    parent = element.getparent()
    centred = (
        element.get("align", "").lower() == "center"
        or element.tag == "center"
        or (parent is not None and parent.tag == "center")
        or _ALIGNED.search(styles) is not None
    )
    tags = {wrapper.tag for wrapper in _wrappers(element)}
    return StyledParagraph(
        _words(element),
        centred,
        bool(tags & _BOLD) or _HEAVY.search(styles) is not None,
        "big" in tags or bool(_SIZED.search(styles)) or bool(_NAMED.search(classes)),
        _BROKEN.search(styles) is not None,
    )


def _wrappers(element: etree._Element) -> Iterator[etree._Element]:
    """The elements that each hold all the words of the paragraph."""
    words, inner = _words(element), element
    while len(inner) and _words(inner[0]) == words:
        inner = inner[0]
        yield inner


def _words(element: etree._Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    return " ".join("".join(str(piece) for piece in element.itertext()).split())
