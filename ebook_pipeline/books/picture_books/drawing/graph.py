"""The scene graph: shapes in groups, each of which may move, turn and scale what it holds.

One graph gives the colour picture and the line drawing (`svg`); labels say what a group shows.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Union

Affine = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f of SVG's ``matrix()``."""
Point = tuple[float, float]
IDENTITY: Affine = (1, 0, 0, 1, 0, 0)


class LineArtRole(Enum):
    """What a shape is in a line drawing."""

    AREA = "white, with a black outline"
    MARK = "as in colour, so black or white: a pupil, a nose"
    TINT = "nothing: blush, shine, pattern"
    STROKE = "the same line, black"


@dataclass(frozen=True, slots=True)
class Shape:
    """A path of SVG in the coordinates of its group.

    `edge` draws a darker outline in colour; `width` is a `STROKE`'s, in its own coordinates.
    """

    d: str
    fill: str
    role: LineArtRole = LineArtRole.AREA
    edge: bool = False
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes and groups under one transform; a label that begins with ``part:`` names a part."""

    children: tuple[Union["Group", Shape], ...]
    transform: Affine = IDENTITY
    label: str = ""


Node = Group | Shape


def group(*children: Node, at: Affine = IDENTITY, label: str = "") -> Group:
    return Group(tuple(children), at, label)


def move(x: float, y: float) -> Affine:
    return (1, 0, 0, 1, x, y)


def scale(x: float, y: float | None = None) -> Affine:
    return (x, 0, 0, x if y is None else y, 0, 0)


def turn(degrees: float, x: float = 0, y: float = 0) -> Affine:
    """Clockwise on the page, about a point."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)


def chain(*steps: Affine) -> Affine:
    """The first step is the outermost, as in a list of SVG."""
    result = IDENTITY
    for step in steps:
        result = _times(result, step)
    return result


def apply(affine: Affine, point: Point) -> Point:
    a, b, c, d, e, f = affine
    x, y = point
    return a * x + c * y + e, b * x + d * y + f


def magnitude(affine: Affine) -> float:
    """How much longer a line becomes, on average."""
    return math.sqrt(abs(affine[0] * affine[3] - affine[1] * affine[2]))


def parts(node: Node) -> Iterator[tuple[str, str]]:
    """Each labelled part below `node`, with the SHA-256 of its shapes in its own coordinates."""
    if isinstance(node, Group):
        if node.label.startswith("part:"):
            yield node.label, hashlib.sha256(repr(node.children).encode()).hexdigest()
        for child in node.children:
            yield from parts(child)


def _times(m: Affine, n: Affine) -> Affine:
    return (
        m[0] * n[0] + m[2] * n[1],
        m[1] * n[0] + m[3] * n[1],
        m[0] * n[2] + m[2] * n[3],
        m[1] * n[2] + m[3] * n[3],
        m[0] * n[4] + m[2] * n[5] + m[4],
        m[1] * n[4] + m[3] * n[5] + m[5],
    )
