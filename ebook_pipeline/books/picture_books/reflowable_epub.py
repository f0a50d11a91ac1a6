"""The book as a reflowable EPUB 3: a picture with its alt text, and its words below, page by page.

EPUB 3.3, https://www.w3.org/TR/epub-33/; accessibility metadata by EPUB Accessibility 1.1. There is
no page list, as no printed edition is known by then whose pages it could name.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from html import escape

from ebook_pipeline.books.picture_books.finished_book import Page, PageKind, PictureBook
from ebook_pipeline.books.picture_books.wording_of_books import said

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The ZIP's time of every file: the same book is the same bytes."""
_MODIFIED = "2026-01-01T00:00:00Z"
_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
_STYLE = (
    "body { margin: 0 5%; text-align: center; font-family: sans-serif; }\n"
    "img { max-width: 100%; max-height: 75vh; }\n"
    "p { font-size: 1.3em; line-height: 1.5; margin: 0.6em 0; }\n"
)
_ACCESS = (
    ("schema:accessMode", "textual"),
    ("schema:accessMode", "visual"),
    ("schema:accessModeSufficient", "textual"),
    ("schema:accessibilityFeature", "alternativeText"),
    ("schema:accessibilityFeature", "displayTransformability"),
    ("schema:accessibilityFeature", "readingOrder"),
    ("schema:accessibilityFeature", "structuralNavigation"),
    ("schema:accessibilityFeature", "tableOfContents"),
    ("schema:accessibilityHazard", "none"),
)


def reflowable_epub(book: PictureBook) -> bytes:
    """The whole EPUB; the same book gives the same bytes."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        kept = zipfile.ZipInfo("mimetype", _MOMENT)
        archive.writestr(kept, "application/epub+zip", zipfile.ZIP_STORED)
        for name, text in _files(book):
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), text, zipfile.ZIP_DEFLATED)
    return body.getvalue()


def _files(book: PictureBook) -> Iterator[tuple[str, str]]:
    yield "META-INF/container.xml", _CONTAINER
    yield "EPUB/package.opf", _package(book)
    yield "EPUB/nav.xhtml", _navigation(book)
    yield "EPUB/style.css", _STYLE
    yield "EPUB/cover.svg", book.cover.front.colour
    for page in book.pages:
        yield f"EPUB/page-{page.number:02d}.xhtml", _page(book, page)
        yield f"EPUB/page-{page.number:02d}.svg", _drawn(page)


def _drawn(page: Page) -> str:
    return page.line_art if page.kind is PageKind.COLOURING else page.colour


def _page(book: PictureBook, page: Page) -> str:
    words = [paragraph for block in page.blocks for paragraph in block.paragraphs]
    shown = f'<div><img src="page-{page.number:02d}.svg" alt="{escape(page.alt)}"/></div>'
    if page.kind is PageKind.TITLE:
        text = f"<h1>{escape(words[0])}</h1>" + _paragraphs(words[1:])
        inner = text + shown
    else:
        inner = (shown if page.alt else "") + _paragraphs(words)
    return _document(book, f"{book.title}, {page.number}", f"<section>{inner}</section>")


def _paragraphs(words: list[str]) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in words)


def _document(book: PictureBook, title: str, inner: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html>'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{book.language}" xml:lang="{book.language}"><head><title>{escape(title)}</title>'
        f'<link rel="stylesheet" href="style.css"/></head><body>{inner}</body></html>'
    )


def _navigation(book: PictureBook) -> str:
    first, last = book.pages[2], book.pages[-1]
    contents = [(book.pages[0], book.title), (first, book.subtitle or book.title)]
    contents.append((last, said("end", book.language)))
    items = "".join(
        f'<li><a href="page-{page.number:02d}.xhtml">{escape(text)}</a></li>'
        for page, text in contents
    )
    inner = (
        f'<nav epub:type="toc" role="doc-toc"><h1>{escape(book.title)}</h1><ol>{items}</ol></nav>'
    )
    return _document(book, book.title, inner)


def _package(book: PictureBook) -> str:
    digest = hashlib.sha256(book.data_version.encode()).hexdigest()
    meta = "".join(f'<meta property="{name}">{value}</meta>' for name, value in _ACCESS)
    makers = " ".join(credit.maker + "." for credit in book.credits)
    manifest = "".join(_manifest(page) for page in book.pages)
    spine = "".join(f'<itemref idref="p{page.number}"/>' for page in book.pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><package version="3.0" unique-identifier="id" '
        f'xmlns="http://www.idpf.org/2007/opf" xml:lang="{book.language}">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{_uuid(digest)}</dc:identifier>'
        f"<dc:title>{escape(book.title)}</dc:title><dc:creator>{escape(book.author)}</dc:creator>"
        f"<dc:language>{book.language}</dc:language>"
        f"<dc:description>{escape(book.description)}</dc:description>"
        f"<dc:source>{escape(makers)}</dc:source>"
        f'<meta property="dcterms:modified">{_MODIFIED}</meta>{meta}{_series(book)}</metadata>'
        "<manifest>"
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="css" href="style.css" media-type="text/css"/>'
        '<item id="cover" href="cover.svg" properties="cover-image" media-type="image/svg+xml"/>'
        f"{manifest}</manifest><spine>{spine}</spine></package>"
    )


def _series(book: PictureBook) -> str:
    """EPUB 3.3 §D.3.2, https://www.w3.org/TR/epub-33/#belongs-to-collection"""
    if not book.series:
        return ""
    refined = '<meta refines="#series" property="{}">{}</meta>'
    position = refined.format("group-position", book.volume) if book.volume else ""
    return (
        f'<meta property="belongs-to-collection" id="series">{escape(book.series)}</meta>'
        + refined.format("collection-type", "series")
        + position
    )


def _manifest(page: Page) -> str:
    name = f"page-{page.number:02d}"
    return (
        f'<item id="p{page.number}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        f'<item id="i{page.number}" href="{name}.svg" media-type="image/svg+xml"/>'
    )


def _uuid(digest: str) -> str:
    """Version 8 of RFC 9562: made of the book's own digest."""
    d = f"{digest[:12]}8{digest[13:16]}a{digest[17:32]}"
    return f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
