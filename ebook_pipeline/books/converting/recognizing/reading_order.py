"""The order in which a page's lines are read: by columns, where it has any.

Lines that cross the gutter between columns (a heading above both) part the page into bands.
"""

from collections.abc import Sequence

from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedLine

_FEWEST_LINES = 4
"""Of each of two columns."""
_CROSSING_SHARE = 0.15
"""Share of the lines, 0 to 1, that may cross a gutter."""
_ABREAST_SHARE = 0.6
"""Share of a column's lines, 0 to 1, at whose heights the other has lines too."""
_NARROWEST = 5.0
"""Points of a column."""
_DEEPEST = 3


def in_reading_order(lines: Sequence[RecognizedLine], depth: int = 0) -> list[RecognizedLine]:
    """The lines, each once: bands from above, their columns from the left."""
    ordered = sorted(lines, key=lambda line: (-line.base, _left(line)))
    gutter = _gutter(ordered) if depth < _DEEPEST else None
    if gutter is None:
        return ordered
    read: list[RecognizedLine] = []
    left: list[RecognizedLine] = []
    right: list[RecognizedLine] = []
    for line in ordered:
        if _left(line) < gutter < _right(line):
            read += [*in_reading_order(left, depth + 1), *in_reading_order(right, depth + 1), line]
            left, right = [], []
        else:
            (left if _right(line) <= gutter else right).append(line)
    return [*read, *in_reading_order(left, depth + 1), *in_reading_order(right, depth + 1)]


def _gutter(lines: Sequence[RecognizedLine]) -> float | None:
    """Where the page falls into two columns, in points from its left; None where it does not."""
    if len(lines) < 2 * _FEWEST_LINES:
        return None
    starts = sorted({round(_left(line) - 1.0) for line in lines})
    fitting = [(_crossing(lines, x), x) for x in starts if _parts(lines, x)]
    return float(min(fitting)[1]) if fitting else None


def _crossing(lines: Sequence[RecognizedLine], x: float) -> int:
    return sum(_left(line) < x < _right(line) for line in lines)


def _parts(lines: Sequence[RecognizedLine], x: float) -> bool:
    """Whether there is a column on both sides of `x`."""
    left = [line for line in lines if _right(line) <= x]
    right = [line for line in lines if _left(line) >= x]
    if min(len(left), len(right)) < _FEWEST_LINES:
        return False
    if _crossing(lines, x) > _CROSSING_SHARE * len(lines):
        return False
    widths = (max(map(_right, side)) - min(map(_left, side)) for side in (left, right))
    return min(widths) > _NARROWEST and _abreast(*sorted((left, right), key=len))


def _abreast(fewer: Sequence[RecognizedLine], more: Sequence[RecognizedLine]) -> bool:
    beside = sum(any(abs(line.base - other.base) < line.size for other in more) for line in fewer)
    return beside >= _ABREAST_SHARE * len(fewer)


def _left(line: RecognizedLine) -> float:
    return line.words[0].left


def _right(line: RecognizedLine) -> float:
    return line.words[-1].right
