"""A PDF's pages made an EPUB: their content is read, made blocks by tags or places, and written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.converting.from_pdf import (
    columns,
    contents,
    dehyphenation,
    drop_caps,
    footnotes,
    form_values,
    lines,
    links,
    metadata,
    page_text,
    pictures,
    placement,
    running_heads,
    structure,
    tables,
    unseen,
    vertical,
    watermarks,
)
from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, Inline, of_lines
from ebook_pipeline.books.converting.from_pdf.columns import ColumnFrames
from ebook_pipeline.books.converting.from_pdf.documents import DocumentWriter
from ebook_pipeline.books.converting.from_pdf.headings import HeadingLevels
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from ebook_pipeline.books.converting.from_pdf.paragraphs import ParagraphSplitter
from ebook_pipeline.books.converting.from_pdf.pixel_budget import PixelBudgets
from ebook_pipeline.books.converting.to_epub.authoring import EpubMetadata, author_epub

if TYPE_CHECKING:
    import pypdfium2 as pdfium

LONGEST_CHAPTER = 60_000
"""Letters from which a document of the EPUB is divided."""
_TAGGED_PARAGRAPHS = 10
"""Tagged paragraphs from which untagged lines among them are verse."""
_SAMPLED_LINES = 60
"""Lines by which the language of hyphenated words is told."""
_RULE = re.compile(r"(?:[*⁂✻✽❦~·•#—–-]\s*){1,7}")


@dataclass
class PdfContent:
    """What the pages hold: text, pictures, links; `readings` counts ruby letters left out.

    `values` counts filled form fields, `unseen` words that nobody sees; `left_out` are watermarks,
    `furniture` the words of running heads and page numbers.
    """

    store: pictures.PictureStore
    pages: list[Page] = field(default_factory=list)
    placed_pictures: list[pictures.PlacedPicture] = field(default_factory=list)
    link_targets: links.LinkTargets = field(default_factory=links.LinkTargets)
    damaged: int = 0
    vertical: int = 0
    readings: int = 0
    values: int = 0
    unseen: int = 0
    left_out: list[watermarks.Watermark] = field(default_factory=list)
    furniture: int = 0

    @property
    def letters(self) -> int:
        return sum(page.letters for page in self.pages)

    @property
    def words(self) -> int:
        return sum(len(line.text.split()) for page in self.pages for line in page.lines)

    @property
    def outside(self) -> int:
        return sum(page.outside for page in self.pages)

    @property
    def unreadable(self) -> int:
        return sum(page.unreadable for page in self.pages)


@dataclass
class RecoveredText:
    """The book as blocks in their order; whether the document's own tags gave them."""

    blocks: list[Block]
    tagged: bool
    labels: list[str]
    right_to_left: bool

    @property
    def undescribed(self) -> int:
        """How many pictures have no description."""
        return sum(bool(block.picture) and not block.label for block in self.blocks)


def read_content(document: "pdfium.PdfDocument", pdf: Any, pixels: PixelBudgets) -> PdfContent:
    """Every page's lines, pictures and links; a page that pdfium cannot load is counted.

    `pdf` is the same document, opened with pikepdf; `pixels` bounds what is decoded.
    """
    import pypdfium2 as pdfium

    content = PdfContent(pictures.PictureStore(pixels))
    filled = form_values.filled_fields(pdf)
    content.values = sum(map(len, filled.values()))
    for number in range(len(document)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            content.pages.append(Page(number, 0, 0))
            content.damaged += 1
            continue
        text = page.get_textpage()
        areas = content.link_targets.areas(document, page)
        taken = page_text.read_page(page, number, text, areas)
        if vertical.is_vertical(taken):
            content.readings += vertical.read_vertical(text, taken, areas)
            content.vertical += 1
        content.unseen += unseen.count_unseen_words(page, taken, content.store.pixels.pictures)
        form_values.write_values(taken, filled.get(number, ()))
        content.placed_pictures += pictures.extract_pictures(page, taken, content.store)
        content.pages.append(taken)
        text.close()
        page.close()
    return content


def recover_blocks(document: "pdfium.PdfDocument", pdf: Any, content: PdfContent) -> RecoveredText:
    """The pages as blocks; `pdf` is the same document, opened with pikepdf."""
    for picture in content.placed_pictures:
        if picture.drawn:
            picture.label = pictures.take_label(picture, content.pages[picture.page])
    body = columns.body_size(content.pages)
    content.left_out = watermarks.remove_watermarks(content.pages, body)
    mirrored = lines.reads_right_to_left([line for page in content.pages for line in page.lines])
    for page in content.pages:
        if mirrored:
            lines.mirror(page)
        lines.settle_asides(page)
        columns.sort_lines(page)
    words = content.words
    printed = running_heads.remove_running_heads(content.pages, body)
    content.furniture = words - content.words
    labels = links.page_labels(document, printed)
    maker = _BlockBuilder(document, pdf, content)
    blocks, tagged = maker.blocks()
    content.store.lost += maker.lost
    return RecoveredText(blocks, tagged, labels, mirrored)


def write_epub(
    target: Path,
    described: EpubMetadata,
    document: "pdfium.PdfDocument",
    content: PdfContent,
    recovered: RecoveredText,
) -> None:
    """Write the EPUB of what was recovered."""
    blocks = recovered.blocks
    entries = links.outline(document)
    anchors = contents.Anchors(blocks)
    toc = contents.toc_targets(blocks, entries, anchors)
    parts = contents.split_documents(blocks, toc, bool(entries), LONGEST_CHAPTER)
    documents = DocumentWriter(parts, content.link_targets.targets, anchors, recovered.labels)
    shown = {block.picture for block in blocks if block.picture}
    images = [picture for name, picture in content.store.pictures.items() if name in shown]
    author_epub(target, described, documents.chapters(toc), images)


class _BlockBuilder:
    """One book's blocks."""

    def __init__(self, document: "pdfium.PdfDocument", pdf: Any, content: PdfContent) -> None:
        self._content = content
        self._entries = links.outline(document)
        self._elements = structure.structure_elements(pdf)
        lines = list(self._lines())
        sample = " ".join(line.text for line in lines[len(lines) // 3 :][:_SAMPLED_LINES])
        language = metadata.text_language(pdf, sample)
        self._vocabulary = dehyphenation.WordForms(lines, language)
        self.lost = 0

    def _lines(self) -> Iterator[Line]:
        return (line for page in self._content.pages for line in page.lines)

    def blocks(self) -> tuple[list[Block], bool]:
        """The blocks with their content, and whether the document's tags gave them."""
        pages = self._content.pages
        frames = ColumnFrames(pages)
        self._splitter = ParagraphSplitter(frames, list(self._lines()))
        tagged = structure.tagged_blocks(pages, self._elements) if self._elements else []
        if tagged:
            self._headings = HeadingLevels(pages, (), frames)
            blocks = list(self._tagged(tagged))
        else:
            blocks = list(self._by_places(frames))
        for block in blocks:
            self._fill(block)
        shown = pictures.without_decoration(self._content.placed_pictures, len(pages))
        blocks = placement.place_footnotes(placement.place_pictures(blocks, shown))
        self.lost = sum(block.kind is BlockKind.PICTURE and not block.picture for block in blocks)
        return [block for block in blocks if _says(block)], bool(tagged)

    def _tagged(self, tagged: Sequence[Block | list[Line]]) -> Iterator[Block]:
        paragraphs = sum(
            isinstance(item, Block) and item.kind is BlockKind.PARAGRAPH for item in tagged
        )
        verse = paragraphs >= _TAGGED_PARAGRAPHS
        row: Block | None = None
        for item in tagged:
            if isinstance(item, Block) and item.kind is BlockKind.ROW:
                if row is None or row.row != item.row:
                    if row is not None:
                        yield row
                    row = Block(BlockKind.ROW, [], item.page, item.top, row=item.row)
                row.cells.append(item)
                row.lines += item.lines
                continue
            if row is not None:
                yield row
                row = None
            if isinstance(item, Block):
                yield item
            else:
                # Browsers tag no paragraph whose lines are blocks of their own: it is verse.
                made = self._splitter.stanzas(item) if verse else None
                yield from made or self._splitter.blocks(item, _text)
        if row is not None:
            yield row

    def _by_places(self, frames: ColumnFrames) -> Iterator[Block]:
        """Blocks of a document without tags."""
        pages = self._content.pages
        for page in pages:
            drop_caps.join_drop_caps(page, frames.body, self._vocabulary)
            tables.split_columns(page)
        taken = footnotes.take_footnotes(pages, frames.body)
        headings = HeadingLevels(pages, self._entries, frames)
        waiting = [_note(note) for note in taken]
        text: list[Line] = []
        for part in tables.table_rows(list(self._lines())):
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
            cell.content = dehyphenation.join_lines(
                cell.lines, [False] * (len(cell.lines) - 1), self._vocabulary
            )
        if block.cells or not block.lines:
            return
        block.lines = drop_caps.join_first(block.lines, self._vocabulary)
        ends = self._splitter.verse_breaks(block.lines)
        block.content = dehyphenation.join_lines(block.lines, ends, self._vocabulary)
        if block.kind is BlockKind.PARAGRAPH and any(ends):
            block.kind = BlockKind.VERSE
        if block.kind is BlockKind.HEADING:
            block.content = [_plain(inline) for inline in block.content]
        if _RULE.fullmatch(block.text.strip()):
            block.kind = BlockKind.RULE


def _text(_line: Line) -> int:
    """Level 0: in a tagged document, only what is tagged as a heading is one."""
    return 0


def _plain(inline: Inline) -> Inline:
    """A heading's bold letters are its own; line ends within it are kept."""
    return Inline(
        inline.text, False, inline.italic, inline.raised, inline.link, inline.note, inline.page
    )


def _note(note: footnotes.Footnote) -> Block:
    block = of_lines(BlockKind.NOTE, note.lines)
    block.note, block.label = note.number, note.mark
    return block


def _says(block: Block) -> bool:
    return bool(block.cells or block.picture or block.kind is BlockKind.RULE or block.text.strip())
