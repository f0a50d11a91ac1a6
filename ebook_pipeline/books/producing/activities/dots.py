"""Dots to join in the order of their numbers: outlines that cross themselves nowhere."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from ebook_pipeline.books.picture_books.finished_book import TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import Area
from ebook_pipeline.books.producing.activities.drawing import Point, dot, label, line

LEAST_APART = 20.0
"""Points between two dots: a number of two digits has room between them."""
_RADIUS = 2.6
_NUMBER = 9.0


def _star(share: float) -> Point:
    corner = share * 10
    low, part = int(corner), corner % 1
    ends = [
        (
            0.5 + (0.5 if at % 2 == 0 else 0.22) * math.sin(at * math.pi / 5),
            0.5 - (0.5 if at % 2 == 0 else 0.22) * math.cos(at * math.pi / 5),
        )
        for at in (low, low + 1)
    ]
    return _between(ends[0], ends[1], part)


def _heart(share: float) -> Point:
    turn = 2 * math.pi * share
    x = 16 * math.sin(turn) ** 3
    y = 13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn) - math.cos(4 * turn)
    return 0.5 + x / 34, 0.46 - y / 34


def _of_corners(*corners: Point) -> Callable[[float], Point]:
    """Along the sides of a polygon, by their length."""
    closed = [*corners, corners[0]]
    lengths = [math.dist(first, second) for first, second in pairwise(closed)]

    def outline(share: float) -> Point:
        left = share * sum(lengths)
        for (first, second), length in zip(pairwise(closed), lengths, strict=True):
            if left <= length:
                return _between(first, second, left / length)
            left -= length
        return closed[0]

    return outline


OUTLINES: dict[str, Callable[[float], Point]] = {
    "star": _star,
    "heart": _heart,
    "house": _of_corners((0.5, 0.05), (0.95, 0.45), (0.82, 0.45), (0.82, 0.95), (0.18, 0.95),
                         (0.18, 0.45), (0.05, 0.45)),
    "boat": _of_corners((0.48, 0.05), (0.85, 0.6), (0.52, 0.6), (0.52, 0.7), (0.97, 0.7),
                        (0.8, 0.95), (0.2, 0.95), (0.03, 0.7), (0.48, 0.7)),
    "fish": _of_corners((0.02, 0.5), (0.2, 0.3), (0.45, 0.22), (0.68, 0.4), (0.95, 0.2),
                        (0.88, 0.5), (0.95, 0.8), (0.68, 0.6), (0.45, 0.78), (0.2, 0.7)),
    "kite": _of_corners((0.5, 0.03), (0.88, 0.4), (0.5, 0.97), (0.12, 0.4)),
}  # fmt: skip
"""By their names: a share of the way around (0 to 1) as a point in a square of one."""


def place_dots(name: str, count: int, area: Area) -> list[Point]:
    """So many dots along an outline, fewer where they would stand too close."""
    outline = OUTLINES[name]
    for number in range(count, 4, -1):
        around = (outline(at / number) for at in range(number))
        points = [(area.x + x * area.width, area.y + y * area.height) for x, y in around]
        if solve_dots(points):
            return points
    raise ValueError(f"{name} has no room for five dots in {area.width:.0f} points")


def solve_dots(points: Sequence[Point]) -> bool:
    """Whether joining them in order, and the last to the first, gives a picture that can be seen.

    No two dots too close to be told apart, and no line across another.
    """
    lines = list(pairwise([*points, points[0]]))
    apart = all(
        math.dist(first, second) >= LEAST_APART
        for at, first in enumerate(points)
        for second in points[at + 1 :]
    )
    return apart and not any(
        _cross(*lines[first], *lines[second])
        for first in range(len(lines))
        for second in range(first + 2, len(lines))
        if (first, second) != (0, len(lines) - 1)
    )


def draw_dots(points: Sequence[Point], *, joined: bool) -> tuple[list[str], list[TextBlock]]:
    """The dots with their numbers outside of the outline; the solution has the lines too."""
    middle = (
        sum(x for x, _ in points) / len(points),
        sum(y for _, y in points) / len(points),
    )
    parts = [line([*points, points[0]], 1.6, "#777777")] if joined else []
    numbers = [
        label(str(at), _outward(point, middle), _NUMBER) for at, point in enumerate(points, 1)
    ]
    return [*parts, *(dot(point, _RADIUS) for point in points)], numbers


def _outward(point: Point, middle: Point) -> Point:
    away = math.dist(point, middle) or 1.0
    share = 1 + 11 / away
    return middle[0] + (point[0] - middle[0]) * share, middle[1] + (point[1] - middle[1]) * share


def _between(first: Point, second: Point, part: float) -> Point:
    return first[0] + (second[0] - first[0]) * part, first[1] + (second[1] - first[1]) * part


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two lines meet."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
