"""What is in the book, counted document by document: what its claims are held against."""

from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.validating.accessibility import images
from ebook_pipeline.books.validating.accessibility.document import (
    MATHML,
    SVG,
    XHTML,
    ContentDocument,
    is_decoration,
    is_hidden,
    local_name,
)
from ebook_pipeline.books.validating.accessibility.roles import is_page_break

_SSML = "{http://www.w3.org/2001/10/synthesis}"


@dataclass
class ContentInventory:
    """Counts of a whole book.

    `targets` are the places ``file#id`` that the navigation links to; `places` their positions in
    reading order, beside those of the spine's files. Page breaks are named by such places.
    """

    targets: frozenset[str] = frozenset()
    toc: int = 0
    pages: int = 0
    overlays: int = 0
    lexicons: int = 0
    places: dict[str, int] = field(default_factory=dict)
    page_breaks: list[str] = field(default_factory=list)
    breaks_at: set[str] = field(default_factory=set)
    images: int = 0
    described: int = 0
    decorative: int = 0
    formulas: int = 0
    described_formulas: int = 0
    players: int = 0
    headings: int = 0
    letters: int = 0
    roles: int = 0
    ruby: int = 0
    speech: int = 0
    _position: int = 0

    def note(self, document: ContentDocument) -> None:
        """Count the elements of a document of the spine."""
        if document.in_spine:
            self.places.setdefault(document.name, self._position)
        for element in document.root.iter("*"):
            self._position += 1
            self._place(document, element)
            self._count(element)

    def _place(self, document: ContentDocument, element: etree._Element) -> None:
        where = f"{document.name}#{element.get('id')}" if element.get("id") else ""
        if where in self.targets and document.in_spine:
            self.places.setdefault(where, self._position)
        if is_page_break(element) and document.in_spine:
            self.breaks_at.add(where or document.name)
            self.page_breaks.append(where or f"{document.name}:{element.sourceline}")

    def _count(self, element: etree._Element) -> None:
        name = local_name(element)
        self.letters += len((element.text or "").strip()) + len((element.tail or "").strip())
        self.roles += element.get("role") is not None
        self.speech += any(str(key).startswith(_SSML) for key in element.attrib)
        if element.tag in (f"{XHTML}img", f"{SVG}image"):
            self._count_image(element)
        elif element.tag == f"{MATHML}math":
            self.formulas += 1
            self.described_formulas += images.is_described(element)
        elif name in ("audio", "video"):
            self.players += 1
        elif name == "ruby":
            self.ruby += 1
        elif len(name) == 2 and name[0] == "h" and name[1] in "123456":
            self.headings += 1

    def _count_image(self, image: etree._Element) -> None:
        """``alt=""`` calls an image decoration; no ``alt`` says nothing."""
        self.images += 1
        text = (image.get("alt") or image.get("aria-label") or "").strip()
        drawing = next(image.iterancestors(f"{SVG}svg"), None)
        titled = drawing is not None and next(drawing.iter(f"{SVG}title"), None) is not None
        bare = image.get("alt") == "" or is_decoration(image) or is_hidden(image)
        self.described += bool(text) or titled
        self.decorative += bare and not text and not titled
