"""Rows of cells: lines that stand beside each other, aligned with those above and below.

Thresholds: see the package; lengths are in sizes of the line's letters.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, of_lines
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, group_rows

_FEWEST_ROWS = 2
"""Rows of a table."""
_ROW_GAP = 3.2
"""Distance of base lines up to which rows are of one table."""
_CELL_LINE_GAP = 1.8
"""Distance of base lines up to which a line goes on in the cell above."""
_ALIGNED = 0.6
"""By how much the edges of aligned cells may differ."""
_MOST_INSET = 2.5
"""How far a line may start to the right of its cell's left edge."""
_FEWEST_SPLIT_LINES = 3
"""Lines in which a column begins at one x, from which it is a column."""
_CELL_GAP = 0.5
"""Gap between spans above which a column may begin."""
_ROWS_COMPARED = 6
"""Last rows of a table that a line is compared with."""


@dataclass(slots=True)
class _Table:
    """Rows that go on: each row's cells are lines; `taken` are all lines in their order."""

    rows: list[list[list[Line]]] = field(default_factory=list)
    taken: list[list[Line]] = field(default_factory=list)

    def takes(self, row: Sequence[Line]) -> bool:
        """Add the row, or the line that goes on in a cell of the last one; False if neither."""
        places = [self._column(line) for line in row]
        if None in places or len(set(places)) < len(places) or not self._near(row[0]):
            return False
        if len(row) == 1 and places[0] and self._continues(row[0]):
            self.rows[-1][places[0]].append(row[0])
        elif len(row) > 1:
            self.rows.append(self._cells(row, places))
        else:
            return False
        self.taken.append(list(row))
        return True

    def _cells(self, row: Sequence[Line], places: Sequence[int | None]) -> list[list[Line]]:
        cells: list[list[Line]] = [[] for _ in self.rows[0]]
        for line, place in zip(row, places, strict=True):
            cells[place or 0].append(line)
        return cells

    def _column(self, line: Line) -> int | None:
        """The column whose cells start, or end, where the line does."""
        for number, column in enumerate(zip(*self.rows[-_ROWS_COMPARED:], strict=True)):
            cells = [cell[0] for cell in column if cell]
            if any(_aligned(line, cell) for cell in cells):
                return number
        return None

    def _near(self, line: Line) -> bool:
        last = self.taken[-1][-1]
        return last.page != line.page or -line.size < last.base - line.base < line.size * _ROW_GAP

    def _continues(self, line: Line) -> bool:
        last = self.taken[-1][-1]
        return last.page != line.page or last.base - line.base < line.size * _CELL_LINE_GAP

    @property
    def whole(self) -> bool:
        """Whether it is a table: several rows of several cells."""
        return len(self.rows) >= _FEWEST_ROWS

    def blocks(self) -> list[Block]:
        """The rows as blocks."""
        return [_row(number, cells) for number, cells in enumerate(self.rows)]


def split_columns(page: Page) -> None:
    """Split lines where a column of text begins within them, as speeches do beside names."""
    starts = Counter(round(line.left) for line in page.lines)
    gaps = [gap for line in page.lines for gap in _gaps(line)]
    common = Counter(round(gap) for gap in gaps)
    columns = {
        x
        for x in common
        if _near(common, x) >= _FEWEST_SPLIT_LINES and _near(starts, x) >= _FEWEST_SPLIT_LINES
    }
    if columns:
        page.lines = [part for line in page.lines for part in _parted(line, columns)]


def _near(counted: Counter[int], x: int) -> int:
    return counted[x - 1] + counted[x] + counted[x + 1]


def _gaps(line: Line) -> Iterator[float]:
    """Where spans begin behind a wide gap."""
    for before, span in itertools.pairwise(line.spans):
        if span.left - before.right > _CELL_GAP * line.size:
            yield span.left


def _parted(line: Line, columns: Set[int]) -> Iterator[Line]:
    gaps = [x for x in _gaps(line) if round(x) in columns]
    if not gaps:
        yield line
        return
    here = [span for span in line.spans if span.left < gaps[0]]
    rest = [span for span in line.spans if span.left >= gaps[0]]
    here[-1].text = here[-1].text.rstrip()
    for spans in (here, rest):
        left, right = min(span.left for span in spans), max(span.right for span in spans)
        text = "".join(span.text for span in spans)
        word = (right - left) * len(text.split(" ")[0]) / max(len(text), 1)
        broken = line.broken and spans is rest
        yield replace(line, spans=spans, left=left, right=right, first=word, broken=broken)


def table_rows(lines: Sequence[Line]) -> Iterator[list[Line] | list[Block]]:
    """Running lines as they are, tables as blocks of rows; other neighbours become one line."""
    text: list[Line] = []
    table: _Table | None = None
    for row in group_rows(lines):
        row = sorted(row, key=lambda line: line.left)
        if table is not None and table.takes(row):
            continue
        if table is not None and table.whole:
            yield from ([text] if text else [])
            yield table.blocks()
            text = []
        elif table is not None:
            text += [_merged(neighbours) for neighbours in table.taken]
        table = _Table([[[line] for line in row]], [row]) if len(row) > 1 else None
        text += row if table is None else []
    if table is not None and not table.whole:
        text += [_merged(neighbours) for neighbours in table.taken]
    if text:
        yield text
    if table is not None and table.whole:
        yield table.blocks()


def _aligned(line: Line, cell: Line) -> bool:
    size = max(line.size, cell.size)
    inset = line.left - cell.left
    starts = -_ALIGNED * size < inset < _MOST_INSET * size
    return starts or abs(line.right - cell.right) < _ALIGNED * size


def _row(number: int, cells: Sequence[list[Line]]) -> Block:
    every = [line for cell in cells for line in cell]
    row = of_lines(BlockKind.ROW, every)
    row.row = number
    row.cells = [
        of_lines(BlockKind.ROW, cell) if cell else Block(BlockKind.ROW, [], row.page, row.top)
        for cell in cells
    ]
    return row


def _merged(row: Sequence[Line]) -> Line:
    """Neighbours on one base line as one line."""
    first = row[0]
    for line in row[1:]:
        first.spans[-1].text = first.spans[-1].text.rstrip() + " "
        first.spans += line.spans
        first.left, first.right = min(first.left, line.left), max(first.right, line.right)
        first.broken = line.broken
    return first
