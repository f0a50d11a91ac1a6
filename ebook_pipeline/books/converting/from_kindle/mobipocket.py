"""A Mobipocket book as a publication: its page in chapters, its contents found, headings named."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from ebook_pipeline.books.converting.from_kindle import headings, metadata
from ebook_pipeline.books.converting.from_kindle.anchors import insert_anchors
from ebook_pipeline.books.converting.from_kindle.documents import (
    DocumentHead,
    contents_entries,
    document_file,
    document_name,
    nav_landmarks,
    relink,
)
from ebook_pipeline.books.converting.from_kindle.html_styles import StyleClasses
from ebook_pipeline.books.converting.from_kindle.markup import (
    KindleLosses,
    MarkupSource,
    MobiChapter,
    element_text,
    split_chapters,
)
from ebook_pipeline.books.converting.from_kindle.palmdoc_text import book_markup
from ebook_pipeline.books.converting.from_kindle.pictures import KindleImages
from ebook_pipeline.books.converting.to_epub.conforming import XHTML, local_name
from ebook_pipeline.books.converting.to_epub.publication import (
    FOLDER,
    EpubPublication,
    PackageMetadata,
    PublicationFile,
)
from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.contents import ContentsEntry
from ebook_pipeline.books.formats.kindle.markup import MobiLandmark, landmarks, link_targets
from ebook_pipeline.books.records import TocEntry

SHEET = f"{FOLDER}styles/book.css"
_HEADINGS = ("h1", "h2", "h3")


def publication(
    book: KindleBook, package: PackageMetadata, pictures: KindleImages, losses: KindleLosses
) -> EpubPublication:
    """The book in documents. Raises BookError (``mobi.…``, ``convert.empty``)."""
    data, encoding = book_markup(book)
    lines, guide = contents_entries(book), landmarks(data, book.encoding)
    marked = insert_anchors(data, _places(data, lines, guide), "filepos", encoding)
    named = {number: f"../{name}" for number, name in pictures.names.items()}
    source = MarkupSource(marked.data.decode(encoding, "replace"), marked.ids, named)
    style_classes = StyleClasses()
    starts = [marked.ids.get(line.position, "") for line in lines if line.level == 1]
    made = split_chapters(source, [start for start in starts if start], style_classes, losses)
    where = relink([chapter.body for chapter in made])
    toc = [_entry(line, marked.ids, where) for line in lines]
    toc = toc or _inline_toc(guide, marked.ids, where, made) or _headings(made)
    headings.mark_headings([chapter.body for chapter in made], toc)
    documents = _documents(made, toc, package)
    return EpubPublication(
        metadata=package,
        documents=documents,
        resources=[
            PublicationFile(SHEET, "text/css", style_classes.style_sheet()),
            *_shown(made, pictures),
        ],
        toc=toc or _by_document(documents, package),
        landmarks=nav_landmarks(
            (mark.kind, mark.title, where.get(marked.ids.get(mark.place, "?"), ""))
            for mark in guide
        ),
        progression=metadata.progression(book),
    )


def _places(
    data: bytes, lines: Sequence[ContentsEntry], guide: Sequence[MobiLandmark]
) -> list[int]:
    """Bytes that something leads to: links, the table of contents, the guide."""
    named = (*(line.position for line in lines), *(mark.place for mark in guide))
    return [*link_targets(data), *named]


def _entry(line: ContentsEntry, ids: dict[int, str], where: dict[str, str]) -> TocEntry:
    href = where.get(ids.get(line.position, "?"), "")
    return TocEntry(title=line.title, href=href, level=line.level)


def _inline_toc(
    guide: Sequence[MobiLandmark],
    ids: dict[int, str],
    where: dict[str, str],
    made: list[MobiChapter],
) -> list[TocEntry]:
    """The links of the page that the guide calls its table of contents."""
    place = next((mark.place for mark in guide if mark.kind == "toc"), None)
    target = where.get(ids.get(place, "?"), "") if place is not None else ""
    name = target.partition("#")[0]
    bodies = [chapter.body for number, chapter in enumerate(made) if document_name(number) == name]
    return list(_linked(bodies[0], where)) if bodies else []


def _linked(body: etree._Element, where: dict[str, str]) -> Iterator[TocEntry]:
    seen = set()
    known = {href.rpartition("/")[2]: href for href in where.values()}
    for link in body.iter(f"{XHTML}a"):
        href, title = known.get(link.get("href", "?")), element_text(link)
        if href and title and href not in seen:
            seen.add(href)
            yield TocEntry(title=title, href=href)


def _headings(made: list[MobiChapter]) -> list[TocEntry]:
    """A contents from headings, as they are nested."""
    entries = []
    for number, chapter in enumerate(made):
        for index, element in enumerate(
            chapter.body.iter(*(f"{XHTML}{name}" for name in _HEADINGS))
        ):
            title = element_text(element)
            if not title:
                continue
            identifier = element.get("id") or f"heading-{number + 1}-{index + 1}"
            element.set("id", identifier)
            level = int(local_name(element)[1])
            href = f"{document_name(number)}#{identifier}"
            entries.append(TocEntry(title=title, href=href, level=level))
    return entries


def _by_document(documents: Sequence[PublicationFile], package: PackageMetadata) -> list[TocEntry]:
    if len(documents) == 1:
        return [TocEntry(title=package.title, href=documents[0].name)]
    return [
        TocEntry(title=f"Part {number}", href=item.name) for number, item in enumerate(documents, 1)
    ]


def _documents(
    made: list[MobiChapter], toc: Sequence[TocEntry], package: PackageMetadata
) -> list[PublicationFile]:
    titles = headings.titles_by_document(toc)
    head = DocumentHead(package.languages[0], ("../styles/book.css",))
    return [
        document_file(
            number,
            chapter.body,
            replace(head, title=titles.get(document_name(number), package.title)),
        )
        for number, chapter in enumerate(made)
    ]


def _shown(made: list[MobiChapter], pictures: KindleImages) -> list[PublicationFile]:
    names = (image.get("src", "") for chapter in made for image in chapter.body.iter(f"{XHTML}img"))
    return pictures.used(names)
