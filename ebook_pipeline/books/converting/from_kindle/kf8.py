"""A KF8 book as a publication: documents, styles, drawings and fonts as the author made them."""

import re
from collections.abc import Sequence

from ebook_pipeline.books.converting.from_kindle import kf8_markup, metadata
from ebook_pipeline.books.converting.from_kindle.anchors import AnchoredMarkup, insert_anchors
from ebook_pipeline.books.converting.from_kindle.documents import (
    DocumentHead,
    checked_href,
    contents_entries,
    document_file,
    document_name,
    mend_links,
    nav_landmarks,
)
from ebook_pipeline.books.converting.from_kindle.headings import titles_by_document
from ebook_pipeline.books.converting.from_kindle.kf8_markup import Addresses, Kf8Page
from ebook_pipeline.books.converting.from_kindle.markup import KindleLosses, is_visible
from ebook_pipeline.books.converting.from_kindle.pictures import KindleImages
from ebook_pipeline.books.converting.to_epub.publication import (
    FOLDER,
    EpubPublication,
    PackageMetadata,
    PublicationFile,
)
from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.contents import ContentsEntry
from ebook_pipeline.books.formats.kindle.kf8 import Kf8Text, assemble
from ebook_pipeline.books.formats.kindle.page_spreads import page_spreads
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.foundation.errors import BookError

_SVG = re.compile(rb"<svg\b")
_IMAGE = re.compile(rb"<image\b")
_SIZE = re.compile(r"(\d{2,5})\s*x\s*(\d{2,5})", re.IGNORECASE)
_VIEWPORT = re.compile(r"width\s*=\s*\d+.*height\s*=\s*\d+|height\s*=\s*\d+.*width\s*=\s*\d+")
_USED = re.compile(rb"(?:image|font)-\d{4,}\.[a-z0-9]+")


def publication(
    book: KindleBook, package: PackageMetadata, pictures: KindleImages, losses: KindleLosses
) -> EpubPublication:
    """The book in its own documents. Raises BookError (``mobi.…``, ``convert.empty``)."""
    parts, encoding = assemble(book), book.encoding.name
    lines = contents_entries(book)
    marked = _marked(parts, lines, encoding)
    addresses = _addresses(parts, pictures, marked)
    pages = [
        kf8_markup.parse_page(marked_document.data, encoding, addresses, losses)
        for marked_document in marked
    ]
    if not any(is_visible(page.body) for page in pages):
        raise BookError("convert.empty", "The book holds no text.")
    styles = _styles(parts, encoding, addresses, losses)
    names = {item.name.removeprefix(FOLDER) for item in styles}
    ids = mend_links([page.body for page in pages])
    toc = [_entry(line, addresses, ids) for line in lines]
    toc = toc if any(entry.href for entry in toc) else _by_title(pages, package)
    documents = _documents(book, pages, names, toc, package)
    guide = (
        (mark.kind, mark.title, _href(addresses, (mark.fragment, 0))) for mark in parts.landmarks
    )
    return EpubPublication(
        metadata=package,
        documents=documents,
        resources=[*styles, *_used([*documents, *styles], pictures)],
        toc=toc,
        landmarks=nav_landmarks(
            (kind, title, checked_href(href, ids)) for kind, title, href in guide
        ),
        progression=metadata.progression(book),
    )


def _marked(parts: Kf8Text, lines: Sequence[ContentsEntry], encoding: str) -> list[AnchoredMarkup]:
    """The documents with an id wherever a link, a line of contents or a landmark leads."""
    wanted: list[set[int]] = [set() for _ in parts.documents]
    places = [line.fragment for line in lines if line.fragment is not None]
    places += [(mark.fragment, 0) for mark in parts.landmarks]
    places += [pair for part in parts.documents for pair in kf8_markup.link_positions(part.data)]
    for fragment, offset in places:
        position = parts.place(fragment, offset)
        if position is not None:
            wanted[position[0]].add(position[1])
    pairs = zip(parts.documents, wanted, strict=True)
    return [
        insert_anchors(document.data, offsets, "place", encoding) for document, offsets in pairs
    ]


def _addresses(
    parts: Kf8Text, pictures: KindleImages, marked: Sequence[AnchoredMarkup]
) -> Addresses:
    def place(fragment: int, offset: int) -> str | None:
        position = parts.place(fragment, offset)
        if position is None:
            return None
        number, at = position
        identifier = marked[number].ids.get(at, "")
        return document_name(number).rpartition("/")[2] + (f"#{identifier}" if identifier else "")

    flows, drawings = {}, {}
    for number, flow in enumerate(parts.flows, 1):
        if not _SVG.search(flow):
            flows[number] = f"styles/style-{number:04}.css"
        elif _IMAGE.search(flow):
            drawings[number] = flow
        else:
            flows[number] = f"images/drawing-{number:04}.svg"
    return Addresses(pictures.names, flows, drawings, place)


def _styles(
    parts: Kf8Text, encoding: str, addresses: Addresses, losses: KindleLosses
) -> list[PublicationFile]:
    """The style sheets, and the drawings that are files of their own."""
    made = []
    for number, name in addresses.flows.items():
        flow = parts.flows[number - 1]
        if name.endswith(".css"):
            data = kf8_markup.style_sheet(flow, encoding, addresses)
            made.append(PublicationFile(f"{FOLDER}{name}", "text/css", data))
        else:
            drawn = kf8_markup.svg_file(flow, encoding, addresses, losses)
            made += [PublicationFile(f"{FOLDER}{name}", "image/svg+xml", drawn)] if drawn else []
    return made


def _entry(line: ContentsEntry, addresses: Addresses, ids: Sequence[frozenset[str]]) -> TocEntry:
    href = checked_href(_href(addresses, line.fragment), ids)
    return TocEntry(title=line.title, href=href, level=line.level)


def _href(addresses: Addresses, place: tuple[int, int] | None) -> str:
    """The container's name of a place, empty for none."""
    name = None if place is None else addresses.place(*place)
    return f"{FOLDER}text/{name}" if name else ""


def _by_title(pages: Sequence[Kf8Page], package: PackageMetadata) -> list[TocEntry]:
    """A contents from the documents' own titles."""
    if len(pages) == 1:
        return [TocEntry(title=package.title, href=document_name(0))]
    return [
        TocEntry(title=page.title or f"Part {number + 1}", href=document_name(number))
        for number, page in enumerate(pages)
    ]


def _documents(
    book: KindleBook,
    pages: Sequence[Kf8Page],
    names: set[str],
    toc: Sequence[TocEntry],
    package: PackageMetadata,
) -> list[PublicationFile]:
    named = titles_by_document(toc)
    spreads = page_spreads(book, len(pages))
    made = []
    for number, page in enumerate(pages):
        head = DocumentHead(
            language=page.language or package.languages[0],
            sheets=[sheet for sheet in page.sheets if sheet.removeprefix("../") in names],
            title=page.title or named.get(document_name(number), package.title),
            style=page.style,
            viewport=_viewport(book, page),
            spread=spreads[number],
        )
        made.append(document_file(number, page.body, head))
    return made


def _viewport(book: KindleBook, page: Kf8Page) -> str:
    """The page's own size, else the book's; books that flow have none."""
    if not metadata.is_fixed(book):
        return ""
    if _VIEWPORT.search(page.viewport):
        return page.viewport
    size = _SIZE.search(book.exth.first("original_resolution"))
    return f"width={size[1]}, height={size[2]}" if size else "width=1200, height=1600"


def _used(items: Sequence[PublicationFile], pictures: KindleImages) -> list[PublicationFile]:
    """The pictures and fonts that documents and style sheets name, and the cover."""
    names = {name.decode() for item in items for name in _USED.findall(item.data)}
    return pictures.used(names)
