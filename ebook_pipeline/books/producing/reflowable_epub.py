"""EPUB 3 whose text flows: one document, a picture and its words after another."""

from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.to_epub.publication import (
    FOLDER,
    EpubPublication,
    PublicationFile,
    write_publication,
)
from ebook_pipeline.books.formats.epub.content import XHTML_TYPE
from ebook_pipeline.books.picture_books.finished_book import Page, PageKind, PictureBook
from ebook_pipeline.books.producing import epub_parts as parts
from ebook_pipeline.books.producing.fixed_layout_epub import FEATURES
from ebook_pipeline.books.records import TocEntry

STORY = f"{FOLDER}story.xhtml"
_COVER = f"{FOLDER}cover.xhtml"
_STYLE = """body { margin: 0 5%; font-family: "Andika", sans-serif; line-height: 1.5; }
h1, h2 { font-family: "Baloo 2", sans-serif; text-align: center; }
section { break-inside: avoid; margin: 0 0 2em; text-align: center; }
section.page { break-before: page; }
img { max-width: 100%; max-height: 75vh; }
p { margin: 0.6em 0; }
"""


def write_reflowable(book: PictureBook, target: Path) -> None:
    """Write the EPUB to `target`."""
    style = (parts.font_faces() + _STYLE).encode()
    cover, story = _cover(book), _story(book)
    names = {page.number: STORY for page in parts.shown_pages(book)}
    features = (*FEATURES, "displayTransformability")
    publication = EpubPublication(
        metadata=parts.metadata(book, "reflowable", features),
        documents=(cover, story),
        resources=(
            *parts.pictures(book),
            *parts.font_files(),
            parts.cover_picture(book),
            PublicationFile(f"{FOLDER}style.css", "text/css", style),
        ),
        toc=[
            TocEntry(title=book.title, href=f"{STORY}#title", level=1),
            TocEntry(title=parts.words(book)[1], href=f"{STORY}#story", level=1),
        ],
        landmarks=[
            ("cover", TocEntry(title=parts.words(book)[0], href=_COVER, level=1)),
            ("bodymatter", TocEntry(title=parts.words(book)[1], href=f"{STORY}#story", level=1)),
        ],
        pages=parts.page_list(book, names),
        language=book.language,
    )
    write_publication(target, publication)


def _cover(book: PictureBook) -> PublicationFile:
    head, body = parts.document(book, parts.words(book)[0])
    body.set(parts.TYPE, "cover")
    parts.element(body, "img", src="cover.jpg", alt=f"{book.title} – {book.author}")
    return PublicationFile(_COVER, XHTML_TYPE, parts.written(head))


def _story(book: PictureBook) -> PublicationFile:
    head, body = parts.document(book, book.title)
    parts.element(body, "h1", id="title").text = book.title
    begun = False
    for page in parts.shown_pages(book):
        inside = page.kind in (PageKind.STORY, PageKind.COLOURING)
        if inside and not begun:
            parts.element(body, "h2", id="story").text = parts.words(book)[1]
            begun = True
        _page(body, page)
    return PublicationFile(STORY, XHTML_TYPE, parts.written(head))


def _page(body: etree._Element, page: Page) -> None:
    section = parts.element(body, "section", class_="page")
    parts.page_break(section, page)
    source = parts.picture_name(page).removeprefix(FOLDER)
    picture = parts.element(section, "img", src=source, alt=page.alt)
    if not page.alt:
        picture.set("role", "presentation")
    for block in page.blocks:
        for paragraph in block.paragraphs:
            parts.element(section, "p").text = paragraph
