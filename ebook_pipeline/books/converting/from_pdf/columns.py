"""The order in which a page's lines are read, and the frame that their column stands in.

Thresholds: see the package.
"""

import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.converting.from_pdf.lines import Line, Page

_MOST_COLUMNS = 3
_FEWEST_LINES = 6
"""Lines of a column."""
_CROSSING_SHARE = 0.12
"""Share of a page's lines, 0 to 1, that may cross a gutter."""
_FIRST_GUTTER = 40
"""Points from the leftmost line, before which no gutter is looked for."""
_STARTS_TRIED = 8
"""The most frequent left edges of lines, beside which a gutter is looked for."""
_GUTTER_SLACK = 4
"""Points by which a line may reach over a gutter's middle."""
_ABREAST_SHARE = 0.5
"""Share of the lines beside a gutter, 0 to 1, that stand at heights which both sides have."""
_FILLED_SHARE = 0.5
"""Share of a column's width, 0 to 1, that its median line fills; cells of a table fill less."""
_MOST_INDENT = 6.0
"""Sizes of the body's letters to the right of the usual left edge, up to which it counts."""
_LEFT_SHARE = 0.35
"""Share of a column's lines, 0 to 1, that start at its left edge, from which that is believed."""
_EDGE_SLACK = 2
"""Points by which lines that start at one edge may differ."""
_RISING_SHARE = 0.25
"""Share of a page's lines, 0 to 1, above the line before, beyond which they are sorted anew."""
_BODY_SLACK = 0.06
"""Share by which the size of running text may differ from the body's."""
_FEWEST_FOR_LEFT = 4
"""Lines of a column from which its left edge can be told."""
_AT_LEFT_SHARE = 0.12
"""Share of a column's lines, 0 to 1, that start at an x, from which it is the left edge."""
_CLOSEST, _WIDEST = 0.8, 2.5
"""Sizes between the base lines of neighbours that are taken for leading."""
_LEADING_SHARE = 0.3
"""Share of the most frequent distance's count, 0 to 1, from which a smaller one is the leading:
in short paragraphs set apart, the distance between them is more frequent."""
_FEWEST_FOR_WIDTH = 8
"""Lines of a column from which its width can be told."""


@dataclass(frozen=True, slots=True)
class ColumnFrame:
    """Where the lines of a column start and may end, and how far apart they stand; points."""

    left: float
    right: float
    leading: float


class ColumnFrames:
    """The frame of every column of every page; `body` is the size of most letters."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.body = body_size(pages)
        columns = list(_columns(pages, self.body))
        self._leading = _leading(lines for _, lines in columns)
        lefts = {key: _left(lines) for key, lines in columns}
        self._usual = _usual_lefts(lefts)
        self._width = _widths(columns, lefts, pages)
        self._frames = {}
        for (page, column), lines in columns:
            left = self._left_of((page, column), lefts, lines)
            widest = max(line.right for line in lines)
            count = 1 + max((line.column for line in pages[page].lines), default=0)
            right = max(left + self._width.get(count, 0), widest)
            self._frames[page, column] = ColumnFrame(left, right, self._leading)

    def _left_of(
        self,
        key: tuple[int, int],
        lefts: dict[tuple[int, int], float | None],
        lines: Sequence[Line],
    ) -> float:
        """The column's own left edge, or the usual one where its lines are set in or centred."""
        left, usual = lefts[key], self._usual.get((key[0] % 2, key[1]))
        if left is None:
            least = min(line.left for line in lines)
            return least if usual is None else min(usual, least)
        if usual is None or left <= usual:
            return left
        there = sum(left <= line.left <= left + _EDGE_SLACK for line in lines)
        few = there < _LEFT_SHARE * len(lines)
        return usual if few or left - usual < _MOST_INDENT * self.body else left

    def of(self, line: Line) -> ColumnFrame:
        """The frame that `line` stands in."""
        frame = self._frames.get((line.page, line.column))
        return frame or ColumnFrame(line.left, line.right, self._leading or line.size * 1.3)


def sort_lines(page: Page) -> None:
    """Give the page's lines the order of reading: column after column, from above.

    The order in which a page is written is kept where it is one of reading.
    """
    gutters = _gutters(page.lines)
    for line in page.lines:
        line.column = _column(line, gutters)
    if gutters:
        if _jumps(page.lines) > 2 * (len(gutters) + 1):
            page.lines = list(_by_column(page.lines))
    elif _rises(page.lines):
        page.lines.sort(key=lambda line: (-round(line.base / max(line.size * 0.3, 1)), line.left))
    for line in page.lines:
        line.column = max(line.column, 0)


def _gutters(lines: Sequence[Line]) -> list[float]:
    """The middles of the empty stripes between columns, from the left."""
    if len(lines) < 2 * _FEWEST_LINES:
        return []
    gutter = _gutter(lines)
    if gutter is None:
        return []
    sides = [
        [line for line in lines if line.right <= gutter],
        [line for line in lines if line.left >= gutter],
    ]
    inner = [_gutter(side) for side in sides if len(side) >= 2 * _FEWEST_LINES]
    every = [gutter, *(x for x in inner if x is not None)]
    return sorted(every)[: _MOST_COLUMNS - 1]


def _gutter(lines: Sequence[Line]) -> float | None:
    """An x that few lines cross while many stand on both of its sides, side by side."""
    starts = Counter(round(line.left) for line in lines)
    leftmost = min(line.left for line in lines)
    for start, count in starts.most_common(_STARTS_TRIED):
        x = start - 2.0
        if count < _FEWEST_LINES or x < leftmost + _FIRST_GUTTER:
            continue
        left = [line for line in lines if line.right <= x]
        right = [line for line in lines if line.left >= x - 1]
        crossing = len(lines) - len(left) - len(right)
        if min(len(left), len(right)) < _FEWEST_LINES or crossing > len(lines) * _CROSSING_SHARE:
            continue
        if _abreast(left, right) and _full(left, x) and _full(right, max(r.right for r in right)):
            return x
    return None


def _abreast(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether both sides share their height on the page."""
    low = max(min(line.base for line in side) for side in (left, right))
    high = min(max(line.base for line in side) for side in (left, right))
    beside = [line for side in (left, right) for line in side if low <= line.base <= high]
    return len(beside) > _ABREAST_SHARE * (len(left) + len(right))


def _full(lines: Sequence[Line], edge: float) -> bool:
    """Whether the side holds text, not the short cells of a table."""
    room = edge - min(line.left for line in lines)
    return statistics.median(line.right - line.left for line in lines) > room * _FILLED_SHARE


def _column(line: Line, gutters: Sequence[float]) -> int:
    """The line's column; -1 where it crosses a gutter."""
    slack = _GUTTER_SLACK
    if any(line.left < x - slack and line.right > x + slack for x in gutters):
        return -1
    return sum(line.left >= x - slack for x in gutters)


def _jumps(lines: Sequence[Line]) -> int:
    return sum(line.column != after.column for line, after in itertools.pairwise(lines))


def _rises(lines: Sequence[Line]) -> bool:
    """Whether the page is not written from above."""
    ups = sum(after.base > line.base + line.size for line, after in itertools.pairwise(lines))
    return ups > max(2, len(lines) * _RISING_SHARE)


def _by_column(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines across all columns divide the page; between them column follows column."""
    crossing = sorted((line.base for line in lines if line.column < 0), reverse=True)

    def place(line: Line) -> tuple[int, int, float, float]:
        above = sum(base > line.base + 0.1 for base in crossing)
        return 2 * above + (line.column < 0), line.column, -line.base, line.left

    return iter(sorted(lines, key=place))


def body_size(pages: Sequence[Page]) -> float:
    """The size of most letters, in points."""
    weights: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 10.0


def _columns(pages: Sequence[Page], body: float) -> Iterator[tuple[tuple[int, int], list[Line]]]:
    for page in pages:
        by_column: dict[int, list[Line]] = {}
        for line in page.lines:
            by_column.setdefault(line.column, []).append(line)
        for column, lines in by_column.items():
            running = [line for line in lines if abs(line.size - body) <= body * _BODY_SLACK]
            yield (page.number, column), running or lines


def _left(lines: Sequence[Line]) -> float | None:
    """Where lines start unless they are indented; None where too few say it."""
    if len(lines) < _FEWEST_FOR_LEFT:
        return None
    starts = sorted(line.left for line in lines)
    needed = max(2, len(lines) * _AT_LEFT_SHARE)
    for start in starts:
        if sum(start <= other <= start + _EDGE_SLACK for other in starts) >= needed:
            return start
    return starts[0]


def _usual_lefts(lefts: dict[tuple[int, int], float | None]) -> dict[tuple[int, int], float]:
    """The usual left edges of even and of odd pages, by column."""
    seen: dict[tuple[int, int], list[float]] = {}
    for (page, column), left in lefts.items():
        if left is not None:
            seen.setdefault((page % 2, column), []).append(left)
    return {key: statistics.median_low(values) for key, values in seen.items()}


def _widths(
    columns: Sequence[tuple[tuple[int, int], list[Line]]],
    lefts: dict[tuple[int, int], float | None],
    pages: Sequence[Page],
) -> dict[int, float]:
    """How wide full columns are, by the number of columns on the page."""
    seen: dict[int, list[float]] = {}
    for (page, column), lines in columns:
        left = lefts[page, column]
        if left is not None and len(lines) >= _FEWEST_FOR_WIDTH:
            count = 1 + max(line.column for line in pages[page].lines)
            widest = sorted(line.right for line in lines)[-1 - len(lines) // 20]
            seen.setdefault(count, []).append(widest - left)
    return {count: sorted(values)[len(values) * 3 // 4] for count, values in seen.items()}


def _leading(columns: Iterator[Sequence[Line]]) -> float:
    steps: Counter[float] = Counter()
    for lines in columns:
        for line, after in itertools.pairwise(lines):
            step = line.base - after.base
            if line.size * _CLOSEST < step < line.size * _WIDEST:
                steps[round(step * 2) / 2] += 1
    if not steps:
        return 0.0
    most = max(steps.values())
    return min(step for step, count in steps.items() if count >= _LEADING_SHARE * most)
