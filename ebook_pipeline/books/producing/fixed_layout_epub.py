"""EPUB 3 in fixed layout: a page is a document, its words are text that lies over the picture.

EPUB 3.3 §8.2 (fixed layouts), §9 (media overlays). Words can be searched and read aloud; every
picture is described.
"""

from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.to_epub.publication import (
    FOLDER,
    EpubPublication,
    PublicationFile,
    write_publication,
)
from ebook_pipeline.books.formats.epub.content import XHTML_TYPE
from ebook_pipeline.books.picture_books.finished_book import Page, PageKind, PictureBook, TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import BLEED
from ebook_pipeline.books.producing import epub_parts as parts
from ebook_pipeline.books.producing.inks import rgb_of
from ebook_pipeline.books.producing.read_aloud import PageAudio, clock, overlay
from ebook_pipeline.books.records import TocEntry

FEATURES = (
    "alternativeText",
    "readingOrder",
    "structuralNavigation",
    "tableOfContents",
    "pageNavigation",
    "pageBreakMarkers",
)
_STYLE = """html, body { margin: 0; padding: 0; }
body { position: relative; overflow: hidden; }
img { position: absolute; left: 0; top: 0; width: 100%; height: 100%; }
.words { position: absolute; display: flex; flex-direction: column; }
.words p, .words h1 { margin: 0; font-size: inherit; font-weight: inherit; line-height: inherit; }
.words p + p { margin-top: 0.6em; }
.center { text-align: center; }
.middle { justify-content: center; }
"""
_READ_ALOUD = ".-epub-media-overlay-active { background-color: #ffe9a8; color: #1a1a1a; }\n"
_LIGHT = 0.6
"""Luma (0 to 1) from which ink is light: the page behind it is dark then, also without picture."""


def write_fixed_layout(
    book: PictureBook, target: Path, audio: Mapping[int, PageAudio] | None = None
) -> None:
    """Write the EPUB to `target`; `audio` reads pages aloud, by their numbers."""
    spoken = dict(audio or {})
    pages = parts.shown_pages(book)
    documents = [_cover(book), *(_document(book, page, page.number in spoken) for page in pages)]
    overlays = [
        overlay(page, _name(page), _targets(page), spoken[page.number])
        for page in pages
        if page.number in spoken
    ]
    style = parts.font_faces() + _STYLE + (_READ_ALOUD if spoken else "")
    resources = [
        *parts.pictures(book),
        *parts.font_files(),
        parts.cover_picture(book),
        PublicationFile(f"{FOLDER}style.css", "text/css", style.encode()),
        *(file for files in overlays for file in files),
    ]
    write_publication(target, _publication(book, documents, resources, spoken))


def _publication(
    book: PictureBook,
    documents: list[PublicationFile],
    resources: list[PublicationFile],
    spoken: dict[int, PageAudio],
) -> EpubPublication:
    features = (*FEATURES, "synchronizedAudioText") if spoken else FEATURES
    layout = [
        ("rendition:layout", "pre-paginated"),
        ("rendition:spread", "landscape"),
        ("rendition:orientation", "auto"),
    ]
    if spoken:
        seconds = sum(clip.seconds for clip in spoken.values())
        layout += [
            ("media:duration", clock(seconds)),
            ("media:active-class", "-epub-media-overlay-active"),
        ]
    pages = parts.shown_pages(book)
    names = {page.number: _name(page) for page in pages}
    start = next((page for page in pages if page.kind in _STORY), pages[0])
    return EpubPublication(
        metadata=parts.metadata(book, "fixed layout", features, layout),
        documents=documents,
        resources=resources,
        toc=_contents(book, start),
        landmarks=[
            ("cover", TocEntry(title=parts.words(book)[0], href=documents[0].name, level=1)),
            ("bodymatter", TocEntry(title=parts.words(book)[1], href=_name(start), level=1)),
        ],
        pages=parts.page_list(book, names),
        language=book.language,
    )


_STORY = (PageKind.STORY, PageKind.COLOURING)


def _contents(book: PictureBook, start: Page) -> list[TocEntry]:
    entries = [TocEntry(title=book.title, href=_name(parts.shown_pages(book)[0]), level=1)]
    if start.number != parts.shown_pages(book)[0].number:
        entries.append(TocEntry(title=parts.words(book)[1], href=_name(start), level=1))
    return entries


def _name(page: Page) -> str:
    return f"{FOLDER}page-{page.number:03d}.xhtml"


def _cover(book: PictureBook) -> PublicationFile:
    head, body = parts.document(book, parts.words(book)[0])
    _viewport(head, book)
    body.set("style", _size(book))
    alt = f"{book.title} – {book.author}. {book.cover.front.alt}".strip()
    parts.element(body, "img", src="cover.jpg", alt=alt)
    body.set(parts.TYPE, "cover")
    return PublicationFile(
        f"{FOLDER}cover.xhtml",
        XHTML_TYPE,
        parts.written(head),
        spread="rendition:page-spread-center",
    )


def _document(book: PictureBook, page: Page, spoken: bool) -> PublicationFile:
    head, body = parts.document(book, f"{book.title}, {page.number}")
    _viewport(head, book)
    dark = any(_is_light(block.ink) for block in page.blocks)
    ground = "#303030" if dark else "#ffffff"
    body.set("style", f"{_size(book)} background-color: {ground};")
    parts.page_break(body, page)
    source = parts.picture_name(page).removeprefix(FOLDER)
    picture = parts.element(body, "img", src=source, alt=page.alt)
    if not page.alt:
        picture.set("role", "presentation")
    for number, block in enumerate(page.blocks, 1):
        _words(body, block, number, heading=page.kind is PageKind.TITLE and number == 1)
    side = "right" if page.number % 2 else "left"
    return PublicationFile(
        _name(page),
        XHTML_TYPE,
        parts.written(head),
        spread=f"page-spread-{side}",
        overlay=_name(page).replace(".xhtml", ".smil") if spoken else "",
    )


def _viewport(head: etree._Element, book: PictureBook) -> None:
    """EPUB 3.3 §8.2.2.6: the page's size, in pixels that are points."""
    content = f"width={round(book.trim.width)}, height={round(book.trim.height)}"
    parts.element(head, "meta", name="viewport", content=content)


def _size(book: PictureBook) -> str:
    return f"width: {round(book.trim.width)}px; height: {round(book.trim.height)}px;"


def _words(body: etree._Element, block: TextBlock, number: int, *, heading: bool) -> None:
    area = block.area
    style = (
        f"left: {area.x - BLEED:.1f}px; top: {area.y - BLEED:.1f}px; width: {area.width:.1f}px; "
        f"height: {area.height:.1f}px; font: {'bold' if block.bold else 'normal'} "
        f'{block.size:.1f}px/{block.leading:.1f}px "{block.family}", sans-serif; '
        f"color: {block.ink};"
    )
    kinds = ["words", *(["center"] if block.align == "center" else [])]
    kinds += ["middle"] if block.vertical == "middle" else []
    box = parts.element(body, "div", class_=" ".join(kinds), style=style)
    for line, paragraph in enumerate(block.paragraphs, 1):
        tag = "h1" if heading and line == 1 else "p"
        parts.element(box, tag, id=_target(number, line)).text = paragraph


def _targets(page: Page) -> list[str]:
    return [
        _target(number, line)
        for number, block in enumerate(page.blocks, 1)
        for line in range(1, len(block.paragraphs) + 1)
    ]


def _target(block: int, line: int) -> str:
    return f"words-{block}-{line}"


def _is_light(ink: str) -> bool:
    red, green, blue = rgb_of(ink)
    return 0.299 * red + 0.587 * green + 0.114 * blue >= _LIGHT
