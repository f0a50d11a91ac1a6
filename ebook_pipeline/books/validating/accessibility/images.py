"""Text alternatives of what is not text: WCAG 1.1.1."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    MATHML,
    SVG,
    ContentDocument,
    has_accessible_name,
    has_label,
    is_decoration,
    is_hidden,
    name_from_content,
    tokens_of,
)
from ebook_pipeline.books.validating.accessibility.violations import Violation

_SAYS_NOTHING = re.compile(
    r"(?:image|img|picture|photo|graphic|figure|illustration|untitled|alt|null|\d|[-–—_.\s])+"
    r"|\S+\.(?:jpe?g|png|gif|svg|webp|tiff?|bmp)",
    re.IGNORECASE,
)
_LONGEST_PLACEHOLDER = 100
"""Characters of an alternative text above which it is no placeholder."""
_SHAPES = "image path rect circle ellipse line polyline polygon use"
_DRAWS = frozenset(f"{SVG}{name}" for name in _SHAPES.split())


def violations(document: ContentDocument) -> Iterator[Violation]:
    """Images, drawings, image maps, image buttons and formulas that have nothing to say."""
    for image in document.visible_elements("img"):
        yield from _image(document, image)
    for drawing in document.root.iter(f"{SVG}svg"):
        yield from _drawing(document, drawing)
    for element in document.root.iter("*"):
        rule = _rule_of_role(document, element)
        if rule and not is_hidden(element):
            yield document.violation(rule, element)
    for formula in document.root.iter(f"{MATHML}math"):
        if not is_described(formula) and not is_hidden(formula):
            yield document.violation("math-alt", formula)


def is_described(formula: etree._Element) -> bool:
    """Whether a formula has ``alttext``, a label or an annotation."""
    text = (formula.get("alttext") or "") + (formula.get("aria-label") or "")
    annotated = next(formula.iter(f"{MATHML}annotation", f"{MATHML}annotation-xml"), None)
    return bool(text.strip()) or annotated is not None


def _image(document: ContentDocument, image: etree._Element) -> Iterator[Violation]:
    alt, shown = image.get("alt"), image.get("src") or ""
    if alt is None or (not alt.strip() and alt):
        if not is_decoration(image) and not has_label(document, image):
            yield document.violation("image-alt", image, _name(shown))
    elif alt and _says_nothing(alt.strip(), shown):
        yield document.violation("image-alt-name", image, repr(alt[:60]))


def _says_nothing(alt: str, shown: str) -> bool:
    if len(alt) > _LONGEST_PLACEHOLDER:
        return False
    stem = posixpath.splitext(_name(shown))[0]
    return alt in (_name(shown), stem) or bool(_SAYS_NOTHING.fullmatch(alt))


def _name(source: str) -> str:
    return posixpath.basename(unquote(source.split("?")[0]))[:80]


def _drawing(document: ContentDocument, drawing: etree._Element) -> Iterator[Violation]:
    """A drawing needs a name unless it holds readable text, or is hidden or decoration."""
    if is_hidden(drawing) or is_decoration(drawing) or has_label(document, drawing):
        return
    if next(drawing.iterancestors(f"{SVG}svg"), None) is not None or _titled(drawing):
        return
    pictured = (
        "img" in tokens_of(drawing.get("role")) or next(drawing.iter(*_DRAWS), None) is not None
    )
    if pictured and not any(name_from_content(text) for text in drawing.iter(f"{SVG}text")):
        yield document.violation("svg-img-alt", drawing)


def _titled(drawing: etree._Element) -> bool:
    titles = drawing.iter(f"{SVG}title", f"{SVG}desc")
    return any("".join(title.itertext()).strip() for title in titles)  # type: ignore[arg-type]


def _rule_of_role(document: ContentDocument, element: etree._Element) -> str | None:
    """The rule that the element breaks by having no name, or None."""
    name = etree.QName(element).localname
    if name == "area" and element.get("href") and not (element.get("alt") or "").strip():
        return None if has_label(document, element) else "area-alt"
    if name == "object" and not is_decoration(element):
        return None if has_accessible_name(document, element) else "object-alt"
    if name == "input" and element.get("type") == "image":
        text = (element.get("alt") or "").strip() or has_label(document, element)
        return None if text else "input-image-alt"
    if "img" in tokens_of(element.get("role")) and name not in ("img", "svg"):
        return None if has_label(document, element) else "role-img-alt"
    return None
