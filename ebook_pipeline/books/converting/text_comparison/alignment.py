"""Two sequences aligned: what they have in common in the same order.

Bram Cohen's patience diff, https://bramcohen.livejournal.com/73318.html: words that stand once on
both sides are the fixed points, the longest ascending run of them is kept, and what lies between is
aligned the same way. Each level takes n log n, and levels are bounded.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Numbers: TypeAlias = "array[int]"
_LEVELS = 12
"""How often what lies between fixed points is divided again."""
_SMALL = 4096
"""Pairs of words up to which a gap is aligned by comparing all of them."""
_REACH = 64
"""Words that the last resort, the next same word, may pass over."""


@dataclass(frozen=True)
class Gap:
    """Words `left_start` to `left_end` of one side that stand against those of the other."""

    left_start: int
    left_end: int
    right_start: int
    right_end: int

    @property
    def lengths(self) -> tuple[int, int]:
        return self.left_end - self.left_start, self.right_end - self.right_start


def gaps(left: Numbers, right: Numbers) -> list[Gap]:
    """What of `left` and `right` is not common to both, in order; no two gaps touch."""
    open_: list[tuple[Gap, int]] = [(Gap(0, len(left), 0, len(right)), 0)]
    found: list[Gap] = []
    while open_:
        gap, level = open_.pop()
        gap = _trimmed(left, right, gap)
        pairs = _pairs(left, right, gap, level) if all(gap.lengths) else []
        if pairs:
            open_ += [(part, level + 1) for part in _between(gap, pairs)]
        elif any(gap.lengths):
            found.append(gap)
    return sorted(found, key=lambda gap: (gap.left_start, gap.right_start))


def _trimmed(left: Numbers, right: Numbers, gap: Gap) -> Gap:
    """`gap` without what both sides begin and end with."""
    first, last = gap.left_start, gap.left_end
    start, end = gap.right_start, gap.right_end
    step = 1
    while step:  # whole stretches at once: most of two texts is the same
        size = min(step, last - first, end - start)
        if size and left[first : first + size] == right[start : start + size]:
            first, start, step = first + size, start + size, size * 2
        else:
            step = size // 2
    while first < last and start < end and left[last - 1] == right[end - 1]:
        last, end = last - 1, end - 1
    return Gap(first, last, start, end)


def _pairs(left: Numbers, right: Numbers, gap: Gap, level: int) -> list[tuple[int, int]]:
    """Places that are the same on both sides, ascending on both."""
    if gap.lengths[0] * gap.lengths[1] <= _SMALL:
        return _common(left, right, gap) if level <= _LEVELS else []
    if level < _LEVELS:
        for width in (1, 3):
            pairs = _ascending(_unique_pairs(left, right, gap, width))
            if pairs:
                return pairs
    return _next_same(left, right, gap) if level <= _LEVELS else []


def _unique_pairs(left: Numbers, right: Numbers, gap: Gap, width: int) -> list[tuple[int, int]]:
    """Where the `width` words stand that each side of the gap has once."""
    ours = _once(left, gap.left_start, gap.left_end, width)
    theirs = _once(right, gap.right_start, gap.right_end, width)
    return sorted((place, theirs[words]) for words, place in ours.items() if words in theirs)


def _once(side: Numbers, start: int, end: int, width: int) -> dict[Hashable, int]:
    key: Callable[[int], Hashable] = (
        side.__getitem__ if width == 1 else lambda place: tuple(side[place : place + width])
    )
    places = range(start, end - width + 1)
    times = Counter(map(key, places))
    return {words: place for place in places if times[words := key(place)] == 1}


def _ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of `pairs` that ascends on the right too."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [number]
    kept = []
    number = ends[-1] if ends else -1
    while number >= 0:
        kept.append(pairs[number])
        number = before[number]
    return kept[::-1]


def _common(left: Numbers, right: Numbers, gap: Gap) -> list[tuple[int, int]]:
    """The longest common subsequence of a small gap, by dynamic programming."""
    rows, columns = gap.lengths
    table = [array("H", bytes(2 * columns + 2)) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            same = left[gap.left_start + row] == right[gap.right_start + column]
            table[row][column] = (
                table[row + 1][column + 1] + 1
                if same
                else max(table[row + 1][column], table[row][column + 1])
            )
    pairs, row, column = [], 0, 0
    while row < rows and column < columns:
        if left[gap.left_start + row] == right[gap.right_start + column]:
            pairs.append((gap.left_start + row, gap.right_start + column))
            row, column = row + 1, column + 1
        elif table[row + 1][column] >= table[row][column + 1]:
            row += 1
        else:
            column += 1
    return pairs


def _next_same(left: Numbers, right: Numbers, gap: Gap) -> list[tuple[int, int]]:
    """Each word with the next same one, where it is not far: for texts that only repeat."""
    places: dict[int, list[int]] = {}
    for place in range(gap.right_start, gap.right_end):
        places.setdefault(right[place], []).append(place)
    pairs, reached = [], gap.right_start
    for place in range(gap.left_start, gap.left_end):
        same = places.get(left[place], [])
        nearest = bisect_left(same, reached)
        if nearest < len(same) and same[nearest] - reached <= _REACH:
            pairs.append((place, same[nearest]))
            reached = same[nearest] + 1
    return pairs


def _between(gap: Gap, pairs: list[tuple[int, int]]) -> Iterator[Gap]:
    """What lies between the `pairs` of a gap."""
    first, start = gap.left_start, gap.right_start
    for here, there in [*pairs, (gap.left_end, gap.right_end)]:
        if here > first or there > start:
            yield Gap(first, here, start, there)
        first, start = here + 1, there + 1
