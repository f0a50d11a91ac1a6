"""Paths of SVG: ellipses, tubes along a curve, smooth closed curves."""

import math
from collections.abc import Sequence

from ebook_pipeline.books.picture_books.drawing.graph import LineArtRole, Point, Shape

_STEPS = 10
"""Straight pieces per side of a tube."""


def number(value: float) -> str:
    """At most two decimals, no zeros behind them, never ``-0``."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def ellipse(cx: float, cy: float, rx: float, ry: float) -> str:
    n = number
    half = f"a{n(rx)} {n(ry)} 0 1 0"
    return f"M{n(cx - rx)} {n(cy)}{half} {n(2 * rx)} 0{half} {n(-2 * rx)} 0Z"


def rectangle(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    n, r = number, min(radius, width / 2, height / 2)
    if r <= 0:
        return f"M{n(x)} {n(y)}h{n(width)}v{n(height)}h{n(-width)}Z"
    corner = f"a{n(r)} {n(r)} 0 0 1"
    return (
        f"M{n(x + r)} {n(y)}h{n(width - 2 * r)}{corner} {n(r)} {n(r)}"
        f"v{n(height - 2 * r)}{corner} {n(-r)} {n(r)}"
        f"h{n(-(width - 2 * r))}{corner} {n(-r)} {n(-r)}"
        f"v{n(-(height - 2 * r))}{corner} {n(r)} {n(-r)}Z"
    )


def polygon(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "Z"


def smooth(points: Sequence[Point]) -> str:
    """A closed curve through the middles of the polygon's sides, drawn towards its corners."""
    n = number
    middles = [_middle(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
    start = middles[-1]
    curves = (
        f"Q{n(x)} {n(y)} {n(mx)} {n(my)}" for (x, y), (mx, my) in zip(points, middles, strict=True)
    )
    return f"M{n(start[0])} {n(start[1])}" + "".join(curves) + "Z"


def tube(start: Point, bend: Point, end: Point, widths: tuple[float, float]) -> str:
    """A limb: the area around a quadratic curve, round at its end; widths are whole."""
    left: list[Point] = []
    right: list[Point] = []
    for step in range(_STEPS + 1):
        t = step / _STEPS
        (x, y), (dx, dy) = _on_curve(start, bend, end, t)
        length = math.hypot(dx, dy) or 1.0
        half = (widths[0] + (widths[1] - widths[0]) * t) / 2
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    n, r = number, widths[1] / 2
    side = "L".join(f"{n(x)} {n(y)}" for x, y in left)
    back = "L".join(f"{n(x)} {n(y)}" for x, y in reversed(right[:-1]))
    tip = right[-1]
    return f"M{side}A{n(r)} {n(r)} 0 0 0 {n(tip[0])} {n(tip[1])}L{back}Z"


def area(d: str, fill: str) -> Shape:
    """An area with a darker edge in colour: figures and things."""
    return Shape(d, fill, LineArtRole.AREA, edge=True)


def plain(d: str, fill: str) -> Shape:
    """An area without an edge in colour: ground, sky, patches."""
    return Shape(d, fill)


def mark(d: str, fill: str) -> Shape:
    return Shape(d, fill, LineArtRole.MARK)


def tint(d: str, fill: str) -> Shape:
    return Shape(d, fill, LineArtRole.TINT)


def stroke(d: str, colour: str, width: float) -> Shape:
    return Shape(d, colour, LineArtRole.STROKE, width=width)


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _on_curve(a: Point, b: Point, c: Point, t: float) -> tuple[Point, Point]:
    u = 1 - t
    place = (
        u * u * a[0] + 2 * u * t * b[0] + t * t * c[0],
        u * u * a[1] + 2 * u * t * b[1] + t * t * c[1],
    )
    slope = (
        2 * u * (b[0] - a[0]) + 2 * t * (c[0] - b[0]),
        2 * u * (b[1] - a[1]) + 2 * t * (c[1] - b[1]),
    )
    return place, slope
