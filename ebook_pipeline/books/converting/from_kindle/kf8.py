"""A KF8 book as a publication: documents, styles, drawings and fonts as the author made them."""

import re
from collections.abc import Sequence

from ebook_pipeline.books.converting.from_kindle import kf8_markup, metadata
from ebook_pipeline.books.converting.from_kindle.anchors import Anchored, anchored
from ebook_pipeline.books.converting.from_kindle.headings import titles
from ebook_pipeline.books.converting.from_kindle.kf8_markup import Addresses, Page
from ebook_pipeline.books.converting.from_kindle.markup import Losses, shows
from ebook_pipeline.books.converting.from_kindle.pages import (
    Look,
    contents_of,
    document,
    known,
    landmarks_of,
    settle,
    written,
)
from ebook_pipeline.books.converting.from_kindle.pictures import Pictures
from ebook_pipeline.books.converting.to_epub.publication import FOLDER, Item, Publication, Said
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


def publication(book: KindleBook, said: Said, pictures: Pictures, losses: Losses) -> Publication:
    """The book in its own documents. Raises BookError (``mobi.…``, ``convert.empty``)."""
    parts, encoding = assemble(book), book.header.encoding
    lines = contents_of(book)
    marked = _marked(parts, lines)
    addresses = _addresses(parts, pictures, marked)
    pages = [kf8_markup.page(one.data, encoding, addresses, losses) for one in marked]
    if not any(shows(one.body) for one in pages):
        raise BookError("convert.empty", "The book holds no text.")
    styles = _styles(parts, encoding, addresses, losses)
    names = {item.name.removeprefix(FOLDER) for item in styles}
    ids = settle([one.body for one in pages])
    toc = [_entry(line, addresses, ids) for line in lines]
    toc = toc if any(one.href for one in toc) else _by_title(pages, said)
    documents = _documents(book, pages, names, toc, said)
    guide = ((one.kind, one.title, _href(addresses, (one.fragment, 0))) for one in parts.landmarks)
    return Publication(
        said=said,
        documents=documents,
        resources=[*styles, *_used([*documents, *styles], pictures)],
        toc=toc,
        landmarks=landmarks_of((kind, title, known(href, ids)) for kind, title, href in guide),
        progression=metadata.progression(book),
    )


def _marked(parts: Kf8Text, lines: Sequence[ContentsEntry]) -> list[Anchored]:
    """The documents with an id wherever a link, a line of contents or a landmark leads."""
    wanted: list[set[int]] = [set() for _ in parts.documents]
    places = [line.fragment for line in lines if line.fragment is not None]
    places += [(one.fragment, 0) for one in parts.landmarks]
    places += [pair for one in parts.documents for pair in kf8_markup.positions(one.data)]
    for fragment, offset in places:
        found = parts.place(fragment, offset)
        if found is not None:
            wanted[found[0]].add(found[1])
    pairs = zip(parts.documents, wanted, strict=True)
    return [anchored(document.data, offsets, "place") for document, offsets in pairs]


def _addresses(parts: Kf8Text, pictures: Pictures, marked: Sequence[Anchored]) -> Addresses:
    def place(fragment: int, offset: int) -> str | None:
        found = parts.place(fragment, offset)
        if found is None:
            return None
        number, at = found
        identifier = marked[number].ids.get(at, "")
        return document(number).rpartition("/")[2] + (f"#{identifier}" if identifier else "")

    flows, drawings = {}, {}
    for number, flow in enumerate(parts.flows, 1):
        if not _SVG.search(flow):
            flows[number] = f"styles/style-{number:04}.css"
        elif _IMAGE.search(flow):
            drawings[number] = flow
        else:
            flows[number] = f"images/drawing-{number:04}.svg"
    return Addresses(pictures.names, flows, drawings, place)


def _styles(parts: Kf8Text, encoding: str, addresses: Addresses, losses: Losses) -> list[Item]:
    """The style sheets, and the drawings that are files of their own."""
    made = []
    for number, name in addresses.flows.items():
        flow = parts.flows[number - 1]
        if name.endswith(".css"):
            data = kf8_markup.sheet(flow, encoding, addresses)
            made.append(Item(f"{FOLDER}{name}", "text/css", data))
        else:
            drawn = kf8_markup.drawing(flow, encoding, addresses, losses)
            made += [Item(f"{FOLDER}{name}", "image/svg+xml", drawn)] if drawn else []
    return made


def _entry(line: ContentsEntry, addresses: Addresses, ids: Sequence[frozenset[str]]) -> TocEntry:
    href = known(_href(addresses, line.fragment), ids)
    return TocEntry(title=line.title, href=href, level=line.level)


def _href(addresses: Addresses, place: tuple[int, int] | None) -> str:
    """The container's name of a place, empty for none."""
    found = None if place is None else addresses.place(*place)
    return f"{FOLDER}text/{found}" if found else ""


def _by_title(pages: Sequence[Page], said: Said) -> list[TocEntry]:
    """A contents from the documents' own titles."""
    if len(pages) == 1:
        return [TocEntry(title=said.title, href=document(0))]
    return [
        TocEntry(title=page.title or f"Part {number + 1}", href=document(number))
        for number, page in enumerate(pages)
    ]


def _documents(
    book: KindleBook, pages: Sequence[Page], names: set[str], toc: Sequence[TocEntry], said: Said
) -> list[Item]:
    named = titles(toc)
    spreads = page_spreads(book, len(pages))
    made = []
    for number, page in enumerate(pages):
        look = Look(
            language=page.language or said.languages[0],
            sheets=[one for one in page.sheets if one.removeprefix("../") in names],
            title=page.title or named.get(document(number), said.title),
            style=page.style,
            viewport=_viewport(book, page),
            spread=spreads[number],
        )
        made.append(written(number, page.body, look))
    return made


def _viewport(book: KindleBook, page: Page) -> str:
    """The page's own size, else the book's; books that flow have none."""
    if not metadata.is_fixed(book):
        return ""
    if _VIEWPORT.search(page.viewport):
        return page.viewport
    size = _SIZE.search(book.exth.first("original_resolution"))
    return f"width={size[1]}, height={size[2]}" if size else "width=1200, height=1600"


def _used(items: Sequence[Item], pictures: Pictures) -> list[Item]:
    """The pictures and fonts that documents and style sheets name, and the cover."""
    names = {name.decode() for item in items for name in _USED.findall(item.data)}
    return pictures.used(names)
