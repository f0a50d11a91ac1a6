"""The graphics state that a page's operators change, as far as print asks. ISO 32000-2 §8.4."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ebook_pipeline.books.printing.preflight.colours import GRAY, ColourSpace
from ebook_pipeline.books.printing.preflight.facts import Box

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_FARTHEST = 1e6
"""Points; what lies beyond is a broken file's number."""


def times(first: Matrix, then: Matrix) -> Matrix:
    """Both one after the other (§8.3.4)."""
    a, b, c, d, e, f = first
    k, m, n, o, p, q = then
    return (
        a * k + b * n, a * m + b * o, c * k + d * n, c * m + d * o,
        e * k + f * n + p, e * m + f * o + q,
    )  # fmt: skip


def moved(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """A point under `matrix`, kept within bounds."""
    a, b, c, d, e, f = matrix
    return _near(a * x + c * y + e), _near(b * x + d * y + f)


def scale_of(matrix: Matrix) -> float:
    """How much longer a line becomes, on the average of all directions."""
    a, b, c, d, _, _ = matrix
    return math.sqrt(abs(a * d - b * c))


def box_of(matrix: Matrix, box: Box) -> Box:
    """The upright box around `box` under `matrix`."""
    left, bottom, right, top = box
    corners = [moved(matrix, x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Paint:
    """A colour to fill or to stroke with."""

    space: ColourSpace = GRAY
    values: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class TextState:
    """What Tf, Tr and Ts say; the matrices go with BT."""

    size: float = 0.0
    mode: int = 0


@dataclass(frozen=True)
class GraphicsState:
    """What q keeps and Q brings back."""

    matrix: Matrix = IDENTITY
    fill: Paint = Paint()
    stroke: Paint = Paint()
    line_width: float = 1.0
    text: TextState = TextState()
    overprint: bool = False

    def with_matrix(self, matrix: Matrix) -> "GraphicsState":
        return replace(self, matrix=times(matrix, self.matrix))


@dataclass
class PathBox:
    """The box around the path that is being built."""

    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)

    def add(self, matrix: Matrix, numbers: Sequence[float]) -> None:
        """The points of an operator's operands."""
        for x, y in zip(numbers[::2], numbers[1::2], strict=False):
            there = moved(matrix, x, y)
            self.xs.append(there[0])
            self.ys.append(there[1])
        if len(self.xs) > 64:
            self.xs, self.ys = [min(self.xs), max(self.xs)], [min(self.ys), max(self.ys)]

    def taken(self) -> Box | None:
        """The box, and the path begins anew; None where there was none."""
        box = (min(self.xs), min(self.ys), max(self.xs), max(self.ys)) if self.xs else None
        self.xs, self.ys = [], []
        return box


def _near(value: float) -> float:
    if not math.isfinite(value):
        return 0.0
    return min(max(value, -_FARTHEST), _FARTHEST)
