"""A Mobipocket book as a publication: its page in chapters, its contents found, headings named."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from ebook_pipeline.books.converting.from_kindle import headings, metadata
from ebook_pipeline.books.converting.from_kindle.anchors import anchored
from ebook_pipeline.books.converting.from_kindle.looks import Looks
from ebook_pipeline.books.converting.from_kindle.markup import (
    Chapter,
    Losses,
    Source,
    chapters,
    text_of,
)
from ebook_pipeline.books.converting.from_kindle.pages import (
    Look,
    contents_of,
    document,
    landmarks_of,
    relink,
    written,
)
from ebook_pipeline.books.converting.from_kindle.palm_text import markup
from ebook_pipeline.books.converting.from_kindle.pictures import Pictures
from ebook_pipeline.books.converting.to_epub.conforming import H, local
from ebook_pipeline.books.converting.to_epub.publication import FOLDER, Item, Publication, Said
from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.contents import ContentsEntry
from ebook_pipeline.books.formats.kindle.markup import MobiLandmark, landmarks, link_targets
from ebook_pipeline.books.records import TocEntry

SHEET = f"{FOLDER}styles/book.css"
_HEADINGS = ("h1", "h2", "h3")


def publication(book: KindleBook, said: Said, pictures: Pictures, losses: Losses) -> Publication:
    """The book in documents. Raises BookError (``mobi.…``, ``convert.empty``)."""
    data, encoding = markup(book)
    lines, guide = contents_of(book), landmarks(data, encoding)
    places = [
        *link_targets(data),
        *(line.position for line in lines),
        *(one.place for one in guide),
    ]
    marked = anchored(data, places, "filepos")
    named = {number: f"../{name}" for number, name in pictures.names.items()}
    source = Source(marked.data.decode(encoding, "replace"), marked.ids, named)
    looks = Looks()
    starts = [marked.ids.get(line.position, "") for line in lines if line.level == 1]
    made = chapters(source, [one for one in starts if one], looks, losses)
    where = relink([one.body for one in made])
    toc = [_entry(line, marked.ids, where) for line in lines]
    toc = toc or _inline_toc(guide, marked.ids, where, made) or _headings(made)
    headings.name_headings([one.body for one in made], toc)
    documents = _documents(made, toc, said)
    return Publication(
        said=said,
        documents=documents,
        resources=[Item(SHEET, "text/css", looks.sheet()), *_shown(made, pictures)],
        toc=toc or _by_document(documents, said),
        landmarks=landmarks_of(
            (one.kind, one.title, where.get(marked.ids.get(one.place, "?"), "")) for one in guide
        ),
        progression=metadata.progression(book),
    )


def _entry(line: ContentsEntry, ids: dict[int, str], where: dict[str, str]) -> TocEntry:
    href = where.get(ids.get(line.position, "?"), "")
    return TocEntry(title=line.title, href=href, level=line.level)


def _inline_toc(
    guide: Sequence[MobiLandmark], ids: dict[int, str], where: dict[str, str], made: list[Chapter]
) -> list[TocEntry]:
    """The links of the page that the guide calls its table of contents."""
    place = next((one.place for one in guide if one.kind == "toc"), None)
    target = where.get(ids.get(place, "?"), "") if place is not None else ""
    name = target.partition("#")[0]
    bodies = [one.body for number, one in enumerate(made) if document(number) == name]
    return list(_linked(bodies[0], where)) if bodies else []


def _linked(body: etree._Element, where: dict[str, str]) -> Iterator[TocEntry]:
    seen = set()
    known = {href.rpartition("/")[2]: href for href in where.values()}
    for link in body.iter(f"{H}a"):
        href, title = known.get(link.get("href", "?")), text_of(link)
        if href and title and href not in seen:
            seen.add(href)
            yield TocEntry(title=title, href=href)


def _headings(made: list[Chapter]) -> list[TocEntry]:
    """A contents from headings, as they are nested."""
    found = []
    for number, chapter in enumerate(made):
        for index, element in enumerate(chapter.body.iter(*(f"{H}{name}" for name in _HEADINGS))):
            title = text_of(element)
            if not title:
                continue
            identifier = element.get("id") or f"heading-{number + 1}-{index + 1}"
            element.set("id", identifier)
            level = int(local(element)[1])
            href = f"{document(number)}#{identifier}"
            found.append(TocEntry(title=title, href=href, level=level))
    return found


def _by_document(documents: Sequence[Item], said: Said) -> list[TocEntry]:
    if len(documents) == 1:
        return [TocEntry(title=said.title, href=documents[0].name)]
    return [
        TocEntry(title=f"Part {number}", href=item.name) for number, item in enumerate(documents, 1)
    ]


def _documents(made: list[Chapter], toc: Sequence[TocEntry], said: Said) -> list[Item]:
    titles = headings.titles(toc)
    look = Look(said.languages[0], ("../styles/book.css",))
    return [
        written(number, chapter.body, replace(look, title=titles.get(document(number), said.title)))
        for number, chapter in enumerate(made)
    ]


def _shown(made: list[Chapter], pictures: Pictures) -> list[Item]:
    names = (one.get("src", "") for chapter in made for one in chapter.body.iter(f"{H}img"))
    return pictures.used(names)
