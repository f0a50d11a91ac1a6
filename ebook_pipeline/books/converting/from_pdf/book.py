"""A PDF's pages made an EPUB: reading them, choosing tags or places, writing what came of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.converting.from_pdf import (
    characters,
    columns,
    contents,
    initials,
    lines,
    links,
    notes,
    pictures,
    placing,
    running_heads,
    structure,
    tables,
    vertical,
    words,
)
from ebook_pipeline.books.converting.from_pdf.blocks import Block, Inline, Kind, of_lines
from ebook_pipeline.books.converting.from_pdf.columns import Frames
from ebook_pipeline.books.converting.from_pdf.documents import Documents
from ebook_pipeline.books.converting.from_pdf.headings import Headings
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from ebook_pipeline.books.converting.from_pdf.paragraphs import Splitter
from ebook_pipeline.books.converting.to_epub.authoring import Described, author_epub

if TYPE_CHECKING:
    import pypdfium2 as pdfium

LONGEST_CHAPTER = 60_000
_TAGGED_WELL = 10
_RULE = re.compile(r"(?:[*⁂✻✽❦~·•#—–-]\s*){1,7}")


@dataclass
class Read:
    """What the pages hold: text, pictures, links."""

    pages: list[Page] = field(default_factory=list)
    shown: list[pictures.Shown] = field(default_factory=list)
    store: pictures.Store = field(default_factory=pictures.Store)
    pointers: links.Links = field(default_factory=links.Links)
    damaged: int = 0
    vertical: int = 0
    readings: int = 0

    @property
    def letters(self) -> int:
        return sum(page.letters for page in self.pages)

    @property
    def unreadable(self) -> int:
        return sum(page.unreadable for page in self.pages)


@dataclass
class Recovered:
    """The book as blocks in their order; whether the document's own tags gave them."""

    blocks: list[Block]
    tagged: bool
    labels: list[str]
    right_to_left: bool

    @property
    def undescribed(self) -> int:
        """How many pictures nothing is said of."""
        return sum(bool(block.picture) and not block.label for block in self.blocks)


def read(document: "pdfium.PdfDocument") -> Read:
    """Every page's lines, pictures and links; a page that pdfium cannot load is counted."""
    import pypdfium2 as pdfium

    found = Read()
    for number in range(len(document)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            found.pages.append(Page(number, 0, 0))
            found.damaged += 1
            continue
        text = page.get_textpage()
        taken = Page(number, *page.get_size())
        areas = found.pointers.areas(document, page)
        characters.read_lines(text, taken, page.get_rotation(), areas)
        if vertical.is_vertical(taken):
            found.readings += vertical.read_vertical(text, taken, areas)
            found.vertical += 1
        found.shown += pictures.pictures_of(page, taken, found.store)
        found.pages.append(taken)
        text.close()
        page.close()
    return found


def recover(document: "pdfium.PdfDocument", pdf: Any, found: Read) -> Recovered:
    """The pages as blocks; `pdf` is the same document, opened with pikepdf."""
    for one in found.shown:
        if one.drawn:
            one.label = pictures.taken_by(one, found.pages[one.page])
    mirrored = lines.right_to_left([line for page in found.pages for line in page.lines])
    for page in found.pages:
        if mirrored:
            lines.mirrored(page)
        columns.put_in_order(page)
    printed = running_heads.take_out(found.pages, Frames(found.pages).body)
    labels = links.labels(document, printed)
    maker = _Maker(document, pdf, found)
    blocks, tagged = maker.blocks()
    found.store.lost += maker.lost
    return Recovered(blocks, tagged, labels, mirrored)


def write(
    target: Path,
    described: Described,
    document: "pdfium.PdfDocument",
    found: Read,
    recovered: Recovered,
) -> None:
    """Write the EPUB of what was recovered."""
    blocks = recovered.blocks
    entries = links.outline(document)
    anchors = contents.Anchors(blocks)
    marks = contents.marks(blocks, entries, anchors)
    parts = contents.parts(blocks, marks, bool(entries), LONGEST_CHAPTER)
    documents = Documents(parts, found.pointers.targets, anchors, recovered.labels)
    shown = {block.picture for block in blocks if block.picture}
    images = [picture for name, picture in found.store.pictures.items() if name in shown]
    author_epub(target, described, documents.chapters(marks), images)


class _Maker:
    """One book's blocks."""

    def __init__(self, document: "pdfium.PdfDocument", pdf: Any, found: Read) -> None:
        self._found = found
        self._entries = links.outline(document)
        self._elements = structure.elements(pdf)
        self._vocabulary = words.Vocabulary(list(self._lines()))

        self.lost = 0

    def _lines(self) -> Iterator[Line]:
        return (line for page in self._found.pages for line in page.lines)

    def blocks(self) -> tuple[list[Block], bool]:
        """The blocks with their content, and whether the document's tags gave them."""
        pages = self._found.pages
        frames = Frames(pages)
        self._splitter = Splitter(frames, list(self._lines()))
        tagged = structure.tagged_blocks(pages, self._elements) if self._elements else []
        if tagged:
            self._headings = Headings(pages, (), frames)
            blocks = list(self._tagged(tagged))
        else:
            blocks = list(self._by_places(frames))
        for block in blocks:
            self._fill(block)
        shown = pictures.without_decoration(self._found.shown, len(pages))
        blocks = placing.notes_placed(placing.pictures_placed(blocks, shown))
        self.lost = sum(block.kind is Kind.PICTURE and not block.picture for block in blocks)
        return [block for block in blocks if _says(block)], bool(tagged)

    def _tagged(self, found: Sequence[Block | list[Line]]) -> Iterator[Block]:
        paragraphs = sum(isinstance(one, Block) and one.kind is Kind.PARAGRAPH for one in found)
        verse = paragraphs >= _TAGGED_WELL
        row: Block | None = None
        for one in found:
            if isinstance(one, Block) and one.kind is Kind.ROW:
                if row is None or row.row != one.row:
                    if row is not None:
                        yield row
                    row = Block(Kind.ROW, [], one.page, one.top, row=one.row)
                row.cells.append(one)
                row.lines += one.lines
                continue
            if row is not None:
                yield row
                row = None
            if isinstance(one, Block):
                yield one
            else:
                # Browsers tag no paragraph whose lines are blocks of their own: it is verse.
                made = self._splitter.stanzas(one) if verse else None
                yield from made or self._splitter.blocks(one, _text)
        if row is not None:
            yield row

    def _by_places(self, frames: Frames) -> Iterator[Block]:
        """Blocks of a document without tags."""
        pages = self._found.pages
        for page in pages:
            initials.join_initials(page, frames.body, self._vocabulary)
            tables.part_columns(page)
        taken = notes.take_notes(pages, frames.body)
        headings = Headings(pages, self._entries, frames)
        waiting = [_note(note) for note in taken]
        text: list[Line] = []
        for part in tables.rows_of(list(self._lines())):
            if part and isinstance(part[0], Block):
                yield from self._splitter.blocks(text, headings.level) if text else ()
                text = []
                yield from (row for row in part if isinstance(row, Block))
            else:
                text += [line for line in part if isinstance(line, Line)]
        yield from self._splitter.blocks(text, headings.level) if text else ()
        yield from waiting

    def _fill(self, block: Block) -> None:
        """Give a block its content."""
        for cell in block.cells:
            cell.content = words.joined(
                cell.lines, [False] * (len(cell.lines) - 1), self._vocabulary
            )
        if block.cells or not block.lines:
            return
        ends = self._splitter.verse_breaks(block.lines)
        block.content = words.joined(block.lines, ends, self._vocabulary)
        if block.kind is Kind.PARAGRAPH and any(ends):
            block.kind = Kind.VERSE
        if block.kind is Kind.HEADING:
            block.content = [_plain(one) for one in block.content]
        if _RULE.fullmatch(block.text.strip()):
            block.kind = Kind.RULE


def _text(_line: Line) -> int:
    """No line of a tagged document is a heading but those that a tag says are."""
    return 0


def _plain(one: Inline) -> Inline:
    """A heading's bold letters are its own; line ends within it are kept."""
    return Inline(one.text, False, one.italic, one.raised, one.link, one.note, one.page)


def _note(note: notes.Note) -> Block:
    block = of_lines(Kind.NOTE, note.lines)
    block.note, block.label = note.number, note.mark
    return block


def _says(block: Block) -> bool:
    return bool(block.cells or block.picture or block.kind is Kind.RULE or block.text.strip())
