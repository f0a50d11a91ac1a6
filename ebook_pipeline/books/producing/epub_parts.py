"""What both EPUBs of a picture book have: metadata, pictures, fonts, the cover, words as markup."""

import io
import re
import uuid
from collections.abc import Iterable, Sequence

from lxml import etree

from ebook_pipeline.books.converting.to_epub.nav_document import EPUB, XHTML, serialize_xhtml
from ebook_pipeline.books.converting.to_epub.publication import (
    FOLDER,
    PackageMetadata,
    PublicationFile,
)
from ebook_pipeline.books.picture_books import typefaces
from ebook_pipeline.books.picture_books.finished_book import Page, PageKind, PictureBook
from ebook_pipeline.books.picture_books.trim_sizes import BLEED
from ebook_pipeline.books.producing.interior import placed
from ebook_pipeline.books.producing.typst_pages import PlacedPicture, Sheet, set_pages
from ebook_pipeline.books.records import TocEntry

COVER_HEIGHT = 2000
"""Pixels of the cover picture, which shops ask to be at least 1,000."""
_NAMESPACE = uuid.UUID("0d2ab4d5-6f0e-5a3e-9c39-7a4f4f1b53c1")
_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_FACES = (
    (typefaces.TEXT_FAMILY, False),
    (typefaces.TEXT_FAMILY, True),
    (typefaces.TITLE_FAMILY, True),
)
_WORDS = {
    "en": ("Cover", "The story", "Every picture is described; the words are text."),
    "de": ("Umschlag", "Die Geschichte", "Jedes Bild ist beschrieben; alle Worte sind Text."),
}
_H = f"{{{XHTML}}}"
_SPACES: dict[str | None, str] = {None: XHTML, "epub": EPUB}
TYPE = f"{{{EPUB}}}type"


def words(book: PictureBook) -> tuple[str, str, str]:
    """“Cover”, “The story” and a sentence on accessibility, in the book's language."""
    return _WORDS[book.language]


def shown_pages(book: PictureBook) -> tuple[Page, ...]:
    """All pages but the empty backs that only paper needs."""
    return tuple(page for page in book.pages if page.kind is not PageKind.BACK)


def picture_of(book: PictureBook, page: Page) -> str:
    """The page's picture as the book shows it, cut at the trim."""
    colouring = page.kind is PageKind.COLOURING
    svg = page.line_art if colouring else page.colour
    size = f"{book.trim.width:g} {book.trim.height:g}"
    return _VIEW_BOX.sub(f'viewBox="{BLEED:g} {BLEED:g} {size}"', svg, count=1)


def picture_name(page: Page) -> str:
    return f"{FOLDER}pictures/page-{page.number:03d}.svg"


def pictures(book: PictureBook) -> list[PublicationFile]:
    """A file for each page's picture."""
    return [
        PublicationFile(picture_name(page), "image/svg+xml", picture_of(book, page).encode())
        for page in shown_pages(book)
    ]


def font_files() -> list[PublicationFile]:
    """The typefaces of the words, all under the Open Font License."""
    files = [typefaces.font_file(family, bold=bold) for family, bold in _FACES]
    return [
        PublicationFile(f"{FOLDER}fonts/{file.name}", "font/ttf", file.read_bytes())
        for file in files
    ]


def font_faces() -> str:
    """The style sheet's lines that name them; it lies beside the folder of fonts."""
    rules = []
    for family, bold in _FACES:
        file = typefaces.font_file(family, bold=bold)
        weight = "bold" if bold else "normal"
        source = f'src: url("fonts/{file.name}")'
        rules.append(f'@font-face {{ font-family: "{family}"; font-weight: {weight}; {source}; }}')
    return "\n".join(rules) + "\n"


def cover_picture(book: PictureBook) -> PublicationFile:
    """The front of the cover, drawn, as shops show it."""
    import pypdfium2 as pdfium

    width, height = book.trim.width, book.trim.height
    front = book.cover.front
    art = PlacedPicture(
        svg=front.colour, x=-BLEED, y=-BLEED, width=width + 2 * BLEED, height=height + 2 * BLEED
    )
    texts = tuple(placed(block, (-BLEED, -BLEED)) for block in front.blocks)
    sheet = Sheet(width=width, height=height, pictures=(art,), words=texts)
    with pdfium.PdfDocument(set_pages((sheet,), book.language)) as pdf:
        drawn = pdf[0].render(scale=COVER_HEIGHT / height).to_pil().convert("RGB")
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=88, optimize=False, dpi=(300, 300))
    return PublicationFile(
        f"{FOLDER}cover.jpg", "image/jpeg", out.getvalue(), frozenset({"cover-image"})
    )


def metadata(
    book: PictureBook, form: str, features: Iterable[str], more: Sequence[tuple[str, str]] = ()
) -> PackageMetadata:
    """What the package says of the book and of who can read it; `form` tells the EPUBs apart."""
    identifier = uuid.uuid5(_NAMESPACE, f"{book.data_version} {form}").urn
    accessible = [
        *(("schema:accessMode", mode) for mode in ("textual", "visual")),
        *(("schema:accessModeSufficient", modes) for modes in ("textual,visual", "textual")),
        *(("schema:accessibilityFeature", feature) for feature in features),
        ("schema:accessibilityHazard", "none"),
        ("schema:accessibilitySummary", words(book)[2]),
        ("pageBreakSource", "none"),
        ("schema:typicalAgeRange", str(book.age_group)),
    ]
    return PackageMetadata(
        title=book.title,
        subtitle=book.subtitle,
        identifiers=(identifier,),
        languages=(book.language,),
        creators=(book.author,),
        subjects=book.keywords,
        description=book.description,
        rights="; ".join(credit.maker for credit in book.credits),
        metas=(*more, *accessible),
        series=(book.series, str(book.volume or "")),
    )


def document(book: PictureBook, title: str) -> tuple[etree._Element, etree._Element]:
    """An XHTML document in the book's language: its head and its body."""
    root = etree.Element(f"{_H}html", nsmap=_SPACES)  # type: ignore[arg-type]
    root.set("lang", book.language)
    root.set("{http://www.w3.org/XML/1998/namespace}lang", book.language)
    head = element(root, "head")
    element(head, "title").text = title
    element(head, "link", rel="stylesheet", type="text/css", href="style.css")
    return head, element(root, "body")


def element(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    """A new element of XHTML; ``class_`` is written ``class``."""
    named = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return etree.SubElement(parent, f"{_H}{tag}", named)


def page_break(parent: etree._Element, page: Page) -> None:
    """Where a page of the printed book begins. EPUB Accessibility 1.1 §4.1.3"""
    mark = element(parent, "span", id=f"page-{page.number}", role="doc-pagebreak")
    mark.set("aria-label", str(page.number))
    mark.set(TYPE, "pagebreak")


def written(head: etree._Element) -> bytes:
    """The document as bytes."""
    root = head.getparent()
    if root is None:
        raise ValueError("a head without its document")
    return serialize_xhtml(root)


def page_list(book: PictureBook, name_of: dict[int, str]) -> list[TocEntry]:
    """The pages, each in the document of `name_of`."""
    return [
        TocEntry(title=str(page.number), href=f"{name_of[page.number]}#page-{page.number}", level=1)
        for page in shown_pages(book)
    ]
