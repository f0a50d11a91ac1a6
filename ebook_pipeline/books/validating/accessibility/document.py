"""A content document as the checks read it: its elements, what is hidden, what they are called."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.formats.epub.content import SVG_TYPE
from ebook_pipeline.books.formats.epub.package import ManifestItem
from ebook_pipeline.books.validating.accessibility.faults import Fault

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_DECORATION = frozenset({"none", "presentation"})
_LONGEST_NAME = 10_000


@dataclass(frozen=True)
class Document:
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

    def seen(self, *names: str) -> Iterator[etree._Element]:
        """The elements of these XHTML names that nothing hides, in order."""
        wanted = [f"{XHTML}{name}" for name in names]
        return (one for one in self.root.iter(*wanted) if not is_hidden(one))

    def fault(self, rule: str, element: etree._Element, detail: str = "") -> Fault:
        """A fault of `element`, which the detail shows by its name unless it is given."""
        place = f"{self.name}:{element.sourceline}" if element.sourceline else self.name
        return Fault(rule, place, detail)


def document_of(item: ManifestItem, root: etree._Element, in_spine: bool, fixed: bool) -> Document:
    """The document with its elements by id, comments taken out."""
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    ids: dict[str, etree._Element] = {}
    for element in root.iter("*"):
        if element.get("id"):
            ids.setdefault(element.get("id", ""), element)
    return Document(item, root, in_spine, fixed, ids)


def local(element: etree._Element) -> str:
    """The element's name without its name space."""
    return etree.QName(element).localname


def words(value: str | None) -> list[str]:
    """The tokens of an attribute."""
    return (value or "").split()


def is_hidden(element: etree._Element) -> bool:
    """Whether the element or one around it is hidden from everyone, or from screen readers."""
    return any(_hides(one) for one in (element, *element.iterancestors()))


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
    return bool(_DECORATION & set(words(element.get("role"))))


def labelled(document: Document, element: etree._Element) -> bool:
    """Whether ARIA or a title gives the element a name."""
    if (element.get("aria-label") or "").strip() or (element.get("title") or "").strip():
        return True
    named = (document.ids.get(one) for one in words(element.get("aria-labelledby")))
    return any(one is not None and spoken(one) for one in named)


def has_name(document: Document, element: etree._Element) -> bool:
    """Whether a screen reader has something to say for the element."""
    return labelled(document, element) or bool(spoken(element))


def spoken(element: etree._Element) -> str:
    """The words in the element: its text, alternatives and labels of what is in it."""
    parts: list[str] = []
    length = 0
    for one in element.iter("*"):
        if one is not element and _hides(one):
            continue
        told = (one.text, one.get("alt"), one.get("aria-label"), one.get("alttext"))
        tail = "" if one is element else one.tail
        parts += [part for part in (*told, tail) if part and part.strip()]
        length += sum(map(len, parts[-5:]))
        if length > _LONGEST_NAME:
            break
    return " ".join(" ".join(parts).split())
