"""A content document as the checks read it: its elements, what is hidden, their accessible names.

Names are computed in outline as by https://www.w3.org/TR/accname-1.2/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.formats.epub.content import SVG_TYPE
from ebook_pipeline.books.formats.epub.package import ManifestItem
from ebook_pipeline.books.validating.accessibility.violations import Violation

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_DECORATION = frozenset({"none", "presentation"})
_LONGEST_NAME = 10_000
"""Characters of an accessible name that are read; whether there is any is known long before."""


@dataclass(frozen=True)
class ContentDocument:
    """An XHTML or SVG document; `in_spine` is false for a navigation document beside the spine."""

    item: ManifestItem
    root: etree._Element
    in_spine: bool = True
    fixed: bool = False
    ids: dict[str, etree._Element] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.item.path or ""

    @property
    def is_svg(self) -> bool:
        return self.item.media_type == SVG_TYPE

    def visible_elements(self, *names: str) -> Iterator[etree._Element]:
        """The elements of these XHTML names that nothing hides, in order."""
        wanted = [f"{XHTML}{name}" for name in names]
        return (element for element in self.root.iter(*wanted) if not is_hidden(element))

    def violation(self, rule: str, element: etree._Element, detail: str = "") -> Violation:
        """What `element` does wrong, placed by the document's name and the element's line."""
        place = f"{self.name}:{element.sourceline}" if element.sourceline else self.name
        return Violation(rule, place, detail)


def content_document(
    item: ManifestItem, root: etree._Element, in_spine: bool, fixed: bool
) -> ContentDocument:
    """The document with its elements by id, comments taken out."""
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    ids: dict[str, etree._Element] = {}
    for element in root.iter("*"):
        if element.get("id"):
            ids.setdefault(element.get("id", ""), element)
    return ContentDocument(item, root, in_spine, fixed, ids)


def local_name(element: etree._Element) -> str:
    """The element's name without its name space."""
    return etree.QName(element).localname


def tokens_of(value: str | None) -> list[str]:
    """The tokens of an attribute that is a list separated by white space."""
    return (value or "").split()


def is_hidden(element: etree._Element) -> bool:
    """Whether the element or one around it is hidden from everyone, or from screen readers."""
    return any(_hides(ancestor) for ancestor in (element, *element.iterancestors()))


def _hides(element: etree._Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or "display:none" in style
        or "visibility:hidden" in style
    )


def is_decoration(element: etree._Element) -> bool:
    """Whether its author says that there is nothing to describe."""
    return bool(_DECORATION & set(tokens_of(element.get("role"))))


def has_label(document: ContentDocument, element: etree._Element) -> bool:
    """Whether ARIA or a title gives the element a name."""
    if (element.get("aria-label") or "").strip() or (element.get("title") or "").strip():
        return True
    named = (document.ids.get(name) for name in tokens_of(element.get("aria-labelledby")))
    return any(label is not None and name_from_content(label) for label in named)


def has_accessible_name(document: ContentDocument, element: etree._Element) -> bool:
    """Whether a screen reader has something to say for the element."""
    return has_label(document, element) or bool(name_from_content(element))


def name_from_content(element: etree._Element) -> str:
    """The element's text, with the alternatives and labels of what is in it."""
    parts: list[str] = []
    length = 0
    for descendant in element.iter("*"):
        if descendant is not element and _hides(descendant):
            continue
        texts = (
            descendant.text,
            descendant.get("alt"),
            descendant.get("aria-label"),
            descendant.get("alttext"),
        )
        tail = "" if descendant is element else descendant.tail
        parts += [part for part in (*texts, tail) if part and part.strip()]
        length += sum(map(len, parts[-5:]))
        if length > _LONGEST_NAME:
            break
    return " ".join(" ".join(parts).split())
