"""An EPUB taken apart into chapters: their headings, the blocks of each, and the notes.

A document begins a chapter where it begins with a heading or the contents name it; within one,
every heading of its chapters' level does. What names the book (cover, title page, contents) is left
out: a written book has these made anew. Pure functions; they run in the sandbox.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.blocks import flat_blocks
from ebook_pipeline.books.converting.from_manuscript.body import element_text, heading_level
from ebook_pipeline.books.converting.to_epub.conforming import EPUB_TYPE, XHTML
from ebook_pipeline.books.formats.epub import content, xml
from ebook_pipeline.books.formats.epub.content import SpineDocument
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.epub.paths import resolve

_MADE_ANEW = frozenset({"cover", "titlepage", "halftitlepage", "toc", "landmarks", "title-page"})
_NOTES = frozenset({"footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"})
_MARKS = frozenset({"noteref", "doc-noteref"})
_BACK = frozenset({"backlink", "doc-backlink"})
_PICTURES = frozenset({"img", "svg", "video", "audio", "object", "iframe", "canvas", "embed"})
_ACTING = frozenset({"script", "style", "template", "form", "nav", "rt", "rp"})
_FEW_LETTERS = 300
"""Between a heading and the next one, below which the first is the title above it."""


@dataclass
class LeftOut:
    """What no chapter of Markdown holds: pictures by name, marks whose note is nowhere, links
    within the book, readings beside ruby, documents that name the book."""

    pictures: list[str] = field(default_factory=list)
    marks: int = 0
    links: int = 0
    readings: int = 0
    front: int = 0

    def forget_picture(self, path: str) -> None:
        """It is taken elsewhere, once."""
        name = path.rpartition("/")[2][:80]
        if name in self.pictures:
            self.pictures.remove(name)


@dataclass
class ChapterBlocks:
    """A chapter: its heading, which may be empty, and its XHTML blocks in order."""

    heading: str
    blocks: list[etree._Element] = field(default_factory=list)

    @property
    def letters(self) -> int:
        return sum(len(element_text(block)) for block in self.blocks)


@dataclass
class TakenApart:
    """The chapters of an EPUB, the notes by their new id, and what is in neither."""

    chapters: list[ChapterBlocks]
    notes: dict[str, etree._Element]
    left_out: LeftOut


def taken_apart(epub: Path, package: PackageDocument) -> TakenApart:
    """The chapters of the EPUB at `epub`. Raises BookError where a document can't be read."""
    reader = _Reader(package)
    named = {resolve("", entry.href.partition("#")[0]): entry.title for entry in
             reversed(toc(epub, package))}  # fmt: skip
    chapters: list[ChapterBlocks] = []
    for document in content.spine_documents(epub, package):
        blocks = reader.blocks(document)
        if not blocks:
            continue
        for piece in _cut(blocks, named.get(document.name)):
            if piece.heading or not chapters:
                chapters.append(piece)
            else:
                chapters[-1].blocks += piece.blocks
    for chapter in chapters:
        while chapter.blocks and _is_rule(chapter.blocks[-1]):
            chapter.blocks.pop()
    title = package.title
    told = [one for one in chapters if one.letters or one.heading not in ("", title)]
    return TakenApart(told, reader.notes, reader.left_out)


class _Reader:
    """Reads documents one after the other; ids are made the book's own."""

    def __init__(self, package: PackageDocument) -> None:
        self.notes: dict[str, etree._Element] = {}
        self.left_out = LeftOut()
        guide = (one.path for one in package.guide if one.type in _MADE_ANEW)
        self._front = {package.nav, *guide}
        self._numbers = {
            item.path: number for number, item in enumerate(package.spine_items) if item.path
        }

    def blocks(self, document: SpineDocument) -> list[etree._Element]:
        """Its blocks in order; none where it names the book or shows a picture alone."""
        root = xml.parse(document.data, place=document.name, recover=True)
        body = root.find(f"{XHTML}body")
        if document.name in self._front or body is None or _names_the_book(body):
            self.left_out.front += body is not None and document.name in self._front
            return []
        _drop(body, _ACTING, self._count_reading)
        _drop(body, _PICTURES, self._count_picture)
        self._name_anew(body, document.name)
        self._take_notes(body)
        return [block for block in flat_blocks(body) if element_text(block) or _is_rule(block)]

    def _count_reading(self, element: etree._Element) -> None:
        self.left_out.readings += element.tag == f"{XHTML}rt"

    def _count_picture(self, element: etree._Element) -> None:
        name = (element.get("src") or element.get("data") or "").rpartition("/")[2]
        self.left_out.pictures.append(name[:80] or "a drawing")

    def _name_anew(self, body: etree._Element, name: str) -> None:
        """Ids and links within the book so that notes are found from whichever document."""
        for element in body.iter(f"{XHTML}*"):
            if element.get("id"):
                element.set("id", self._id(name, element.get("id", "")))
            href = element.get("href", "")
            if element.tag == f"{XHTML}a" and href and not _leads_out(href):
                path, _, fragment = href.partition("#")
                element.set("href", f"#{self._id(resolve(name, path) if path else name, fragment)}")

    def _id(self, name: str | None, fragment: str) -> str:
        number = self._numbers.get(name or "", "x")
        return f"n{number}-{fragment}"

    def _take_notes(self, body: etree._Element) -> None:
        found = {
            element.get("id", ""): element
            for element in body.iter(f"{XHTML}*")
            if kinds(element) & _NOTES and element.get("id")
        }
        self.notes |= found
        for note in found.values():
            xml.remove_element(note)
            for back in [one for one in note.iter(f"{XHTML}a") if kinds(one) & _BACK]:
                xml.remove_element(back)


def kinds(element: etree._Element) -> frozenset[str]:
    """What the element says that it is, by ``epub:type`` and ``role``."""
    said = f"{element.get(EPUB_TYPE) or ''} {element.get('role') or ''}"
    return frozenset(said.split())


def is_mark(link: etree._Element) -> bool:
    """Whether the link is the mark of a note."""
    return bool(kinds(link) & _MARKS)


def _names_the_book(body: etree._Element) -> bool:
    holders = [body, *itertools.islice(body.iterchildren(f"{XHTML}*"), 2)]
    return len(body) <= 2 and any(kinds(holder) & _MADE_ANEW for holder in holders)


def _leads_out(href: str) -> bool:
    return href.partition(":")[0].lower() in ("http", "https", "mailto")


def _drop(
    body: etree._Element, names: frozenset[str], count: Callable[[etree._Element], None]
) -> None:
    for element in list(body.iter(etree.Element)):
        if xml.element_name(element) in names and _is_within(element, body):
            count(element)
            xml.remove_element(element)


def _is_within(element: etree._Element, body: etree._Element) -> bool:
    """Not removed with what it stood in."""
    return element is not body and body in element.iterancestors()


def _is_rule(block: etree._Element) -> bool:
    return block.tag == f"{XHTML}hr"


def _cut(blocks: list[etree._Element], named: str | None) -> Iterator[ChapterBlocks]:
    """The chapters that a document's blocks are; what stands before their first heading is under
    what the contents call the document, if they do."""
    level = _chapter_level(blocks)
    piece = ChapterBlocks("")
    for block in blocks:
        if 0 < heading_level(block) <= level:
            if piece.blocks or piece.heading:
                yield piece
            piece = ChapterBlocks(element_text(block))
        else:
            piece.blocks.append(block)
    if named and not piece.heading:
        piece = _under(named, piece)
    if piece.blocks or piece.heading:
        yield piece


def _under(named: str, piece: ChapterBlocks) -> ChapterBlocks:
    """Under the contents' words, which the first paragraph often repeats."""
    title = " ".join(named.split())
    first = element_text(piece.blocks[0]) if piece.blocks else ""
    return ChapterBlocks(title, piece.blocks[1:] if first == title else piece.blocks)


def _chapter_level(blocks: list[etree._Element]) -> int:
    """The level of the headings that begin chapters: the highest one, unless only a title has it.
    0 where there are none."""
    headed = [(n, heading_level(block)) for n, block in enumerate(blocks) if heading_level(block)]
    levels = sorted({level for _, level in headed})
    for level, below in itertools.pairwise(levels):
        places = [place for place, (_, one) in enumerate(headed) if one == level]
        if len(places) > 1:
            return level
        after = headed[places[0] + 1 :][:1]
        between = blocks[headed[places[0]][0] + 1 : after[0][0]] if after else blocks
        if not after or sum(len(element_text(one)) for one in between) >= _FEW_LETTERS:
            return level
        if sum(one == below for _, one in headed) < 2:
            return level
    return levels[-1] if levels else 0
