"""The book's division: where documents begin, its table of contents, what links point to."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind
from ebook_pipeline.books.converting.from_pdf.headings import title_key
from ebook_pipeline.books.converting.from_pdf.links import OutlineEntry, PagePosition

_SLACK = 3.0
"""Points by which a block may begin above the place that a link names."""
_FEWEST_DIVISIONS = 2
"""Headings of one level that do not yet divide a book: one more does."""
_LONGEST_TITLE = 160
"""Characters of a title."""


@dataclass(frozen=True, slots=True)
class TocTarget:
    """An entry of the table of contents and the block that it leads to; `level` from 1."""

    title: str
    level: int
    block: Block


class Anchors:
    """The block that stands at a place of the document; it gets a name when it is asked for."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._by_page: dict[int, list[Block]] = {}
        for block in blocks:
            if block.page >= 0:
                self._by_page.setdefault(block.page, []).append(block)
        self._pages = sorted(self._by_page)
        self._named = 0

    def at(self, place: PagePosition) -> Block | None:
        """The first block that begins at `place` or after it; the last where none does."""
        if not self._blocks:
            return None
        here = self._by_page.get(place.page, ())
        for block in here:
            if place.top is None or block.top <= place.top + _SLACK:
                return block
        after = bisect_left(self._pages, place.page + 1)
        if after < len(self._pages):
            return self._by_page[self._pages[after]][0]
        return here[-1] if here else self._blocks[-1]

    def titled(self, entry: OutlineEntry) -> Block | None:
        """The block that an entry of the outline means: by its title, else by its place."""
        wanted = title_key(entry.title)
        for page in (entry.place.page, entry.place.page + 1):
            for block in self._by_page.get(page, ()):
                short = block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.VERSE)
                if short and wanted and title_key(block.text[:_LONGEST_TITLE]) == wanted:
                    return block
        return self._headed(self.at(entry.place))

    def _headed(self, block: Block | None) -> Block | None:
        """The block, or the headings of its page that it stands under."""
        if block is None:
            return None
        here = self._by_page[block.page]
        place = next(number for number, candidate in enumerate(here) if candidate is block)
        while place and here[place - 1].kind is BlockKind.HEADING:
            place -= 1
        return here[place]

    def name(self, block: Block) -> str:
        """The block's anchor."""
        if not block.anchor:
            self._named += 1
            block.anchor = f"at-{self._named}"
        return block.anchor


def toc_targets(
    blocks: Sequence[Block], entries: Sequence[OutlineEntry], anchors: Anchors
) -> list[TocTarget]:
    """The table of contents: the outline where there is one, else the headings."""
    if entries:
        places = {id(block): place for place, block in enumerate(blocks)}
        targets = _of_outline(entries, anchors)
        return sorted(targets, key=lambda target: places[id(target.block)])
    most = _dividing(blocks) + 1
    return [
        TocTarget(block.text.replace("\n", " ")[:_LONGEST_TITLE], block.level, block)
        for block in blocks
        if block.kind is BlockKind.HEADING and block.level <= most and block.text.strip()
    ]


def _of_outline(entries: Sequence[OutlineEntry], anchors: Anchors) -> Iterator[TocTarget]:
    for entry in entries:
        block = anchors.titled(entry)
        if block is None:
            continue
        exact = bool(title_key(entry.title)) and title_key(block.text) == title_key(entry.title)
        if exact and block.kind in (BlockKind.PARAGRAPH, BlockKind.VERSE):
            block.kind, block.level = BlockKind.HEADING, min(entry.depth + 1, 6)
        # Outlines are often written in another encoding than they claim: the page is right.
        title = block.text.replace("\n", " ") if exact else entry.title
        yield TocTarget(title[:_LONGEST_TITLE], entry.depth + 1, block)


def split_documents(
    blocks: Sequence[Block], targets: Sequence[TocTarget], outlined: bool, most: int
) -> list[list[Block]]:
    """Blocks in documents: a new one where the table of contents' highest level that divides
    the book begins an entry, and where one would hold more than `most` letters."""
    starts = _starts(targets, outlined)
    result: list[list[Block]] = [[]]
    letters = 0
    for block in blocks:
        begins = id(block) in starts and not _only_headings(result[-1])
        if result[-1] and (begins or (letters > most and block.kind is not BlockKind.ROW)):
            result.append([])
            letters = 0
        result[-1].append(block)
        letters += len(block.text)
    return [part for part in result if part]


def _starts(targets: Sequence[TocTarget], outlined: bool) -> set[int]:
    level = _dividing([target.block for target in targets])
    if outlined:
        levels = Counter(target.level for target in targets)
        level = next((rank for rank in sorted(levels) if levels[rank] > _FEWEST_DIVISIONS), 1)
    return {id(target.block) for target in targets if target.level <= level}


def _only_headings(part: Sequence[Block]) -> bool:
    return all(block.kind is BlockKind.HEADING for block in part)


def _dividing(blocks: Sequence[Block]) -> int:
    """The highest level of heading that stands more than twice."""
    counts = Counter(block.level for block in blocks if block.kind is BlockKind.HEADING)
    for level in sorted(counts):
        if sum(counts[rank] for rank in counts if rank <= level) > _FEWEST_DIVISIONS:
            return level
    return 6
