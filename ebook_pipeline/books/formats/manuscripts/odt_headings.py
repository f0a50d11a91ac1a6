"""Headings marked in an ODT whose author only made paragraphs look like headings.

OpenDocument 1.3 part 3 §16 (styles) and §5.1 (paragraphs and headings).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.formats.manuscripts.heading_detection import (
    LARGER,
    StyledParagraph,
    detect_headings,
)

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_DEEPEST = 20
"""Styles that are based on each other."""


@dataclass(frozen=True)
class _Style:
    centred: bool = False
    bold: bool = False
    size: float = 0
    new_page: bool = False


class _Styles:
    def __init__(self, *roots: etree._Element) -> None:
        self._elements = {
            style.get(f"{STYLE}name", ""): style
            for root in roots
            for style in root.iter(f"{STYLE}style")
        }

    def of(self, element: etree._Element) -> _Style:
        return self._style(element.get(f"{TEXT}style-name", ""), 0)

    def _style(self, name: str, depth: int) -> _Style:
        element = self._elements.get(name)
        if element is None or depth > _DEEPEST:
            return _Style()
        parent = self._style(element.get(f"{STYLE}parent-style-name", ""), depth + 1)
        paragraph = element.find(f"{STYLE}paragraph-properties")
        letters = element.find(f"{STYLE}text-properties")
        align = _said(paragraph, f"{FO}text-align")
        weight = _said(letters, f"{FO}font-weight")
        broken = _said(paragraph, f"{FO}break-before")
        return _Style(
            align == "center" if align else parent.centred,
            weight in ("bold", "600", "700", "800", "900") if weight else parent.bold,
            _points(_said(letters, f"{FO}font-size")) or parent.size,
            broken == "page" if broken else parent.new_page,
        )


def mark_headings(content: etree._Element, styles: etree._Element | None) -> int | None:
    """Make headings of the paragraphs that look so; how many. None where there are headings."""
    if next(content.iter(f"{TEXT}h"), None) is not None:
        return None
    known = _Styles(*(root for root in (styles, content) if root is not None))
    paragraphs = [
        paragraph
        for paragraph in content.iterfind(f"{OFFICE}body/{OFFICE}text/{TEXT}p")
        if _text(paragraph)
    ]
    sizes: dict[float, int] = {}
    for paragraph in paragraphs:
        size = known.of(paragraph).size
        sizes[size] = sizes.get(size, 0) + len(_text(paragraph))
    body = max(sizes, key=lambda size: sizes[size], default=0)
    levels = detect_headings([_styled(paragraph, known, body) for paragraph in paragraphs])
    for index, level in levels.items():
        paragraphs[index].tag = f"{TEXT}h"
        paragraphs[index].set(f"{TEXT}outline-level", str(level))
    return len(levels)


def _styled(paragraph: etree._Element, styles: _Styles, body: float) -> StyledParagraph:
    style = styles.of(paragraph)
    spans = [styles.of(span) for span in _spans(paragraph)]
    within = bool(spans) and not (paragraph.text or "").strip()
    bold = style.bold or (within and all(span.bold for span in spans))
    size = max([style.size, *(span.size for span in spans if within)])
    return StyledParagraph(
        _text(paragraph), style.centred, bold, size > body * LARGER > 0, style.new_page
    )


def _spans(paragraph: etree._Element) -> Iterator[etree._Element]:
    return (span for span in paragraph.iterfind(f"{TEXT}span") if _text(span))


def _text(element: etree._Element) -> str:
    words = "".join(str(piece) for piece in element.itertext())
    return " ".join(words.split())


def _said(element: etree._Element | None, name: str) -> str:
    return element.get(name, "") if element is not None else ""


def _points(size: str) -> float:
    number = size.removesuffix("pt")
    return float(number) if size.endswith("pt") and number.replace(".", "", 1).isdigit() else 0
