"""Text alternatives of what is not text: WCAG 1.1.1."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    MATHML,
    SVG,
    Document,
    has_name,
    is_decoration,
    is_hidden,
    labelled,
    spoken,
    words,
)
from ebook_pipeline.books.validating.accessibility.faults import Fault

_SAYS_NOTHING = re.compile(
    r"(?:image|img|picture|photo|graphic|figure|illustration|untitled|alt|null|\d|[-–—_.\s])+"
    r"|\S+\.(?:jpe?g|png|gif|svg|webp|tiff?|bmp)",
    re.IGNORECASE,
)
_LONGEST_PLACEHOLDER = 100
_SHAPES = "image path rect circle ellipse line polyline polygon use"
_DRAWS = frozenset(f"{SVG}{name}" for name in _SHAPES.split())


def faults(document: Document) -> Iterator[Fault]:
    """Images, drawings, image maps, image buttons and formulas that have nothing to say."""
    for image in document.seen("img"):
        yield from _image(document, image)
    for drawing in document.root.iter(f"{SVG}svg"):
        yield from _drawing(document, drawing)
    for element in document.root.iter("*"):
        rule = _rule_of_role(document, element)
        if rule and not is_hidden(element):
            yield document.fault(rule, element)
    for formula in document.root.iter(f"{MATHML}math"):
        if not is_described(formula) and not is_hidden(formula):
            yield document.fault("math-alt", formula)


def is_described(formula: etree._Element) -> bool:
    """Whether a formula has ``alttext``, a label or an annotation."""
    said = (formula.get("alttext") or "") + (formula.get("aria-label") or "")
    annotated = next(formula.iter(f"{MATHML}annotation", f"{MATHML}annotation-xml"), None)
    return bool(said.strip()) or annotated is not None


def _image(document: Document, image: etree._Element) -> Iterator[Fault]:
    alt, shown = image.get("alt"), image.get("src") or ""
    if alt is None or (not alt.strip() and alt):
        if not is_decoration(image) and not labelled(document, image):
            yield document.fault("image-alt", image, _name(shown))
    elif alt and _says_nothing(alt.strip(), shown):
        yield document.fault("image-alt-name", image, repr(alt[:60]))


def _says_nothing(alt: str, shown: str) -> bool:
    if len(alt) > _LONGEST_PLACEHOLDER:
        return False
    stem = posixpath.splitext(_name(shown))[0]
    return alt in (_name(shown), stem) or bool(_SAYS_NOTHING.fullmatch(alt))


def _name(source: str) -> str:
    return posixpath.basename(unquote(source.split("?")[0]))[:80]


def _drawing(document: Document, drawing: etree._Element) -> Iterator[Fault]:
    """A drawing needs a name unless it holds readable text, or is hidden or decoration."""
    if is_hidden(drawing) or is_decoration(drawing) or labelled(document, drawing):
        return
    if next(drawing.iterancestors(f"{SVG}svg"), None) is not None or _titled(drawing):
        return
    pictured = "img" in words(drawing.get("role")) or next(drawing.iter(*_DRAWS), None) is not None
    if pictured and not any(spoken(one) for one in drawing.iter(f"{SVG}text")):
        yield document.fault("svg-img-alt", drawing)


def _titled(drawing: etree._Element) -> bool:
    found = drawing.iter(f"{SVG}title", f"{SVG}desc")
    return any("".join(one.itertext()).strip() for one in found)  # type: ignore[arg-type]


def _rule_of_role(document: Document, element: etree._Element) -> str | None:
    """The rule that the element breaks by having no name, or None."""
    name = etree.QName(element).localname
    if name == "area" and element.get("href") and not (element.get("alt") or "").strip():
        return None if labelled(document, element) else "area-alt"
    if name == "object" and not is_decoration(element):
        return None if has_name(document, element) else "object-alt"
    if name == "input" and element.get("type") == "image":
        told = (element.get("alt") or "").strip() or labelled(document, element)
        return None if told else "input-image-alt"
    if "img" in words(element.get("role")) and name not in ("img", "svg"):
        return None if labelled(document, element) else "role-img-alt"
    return None
