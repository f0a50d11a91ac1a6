"""Bodies: tail and spines behind, legs, trunk, belly, arms. The ground between the feet is 0, 0."""

import math
from collections.abc import Sequence

from ebook_pipeline.books.picture_books.drawing.colours import darker, lighter
from ebook_pipeline.books.picture_books.drawing.graph import Group, Node, Point, Shape, group
from ebook_pipeline.books.picture_books.drawing.looks import Arm, Garment, Looks, Stance
from ebook_pipeline.books.picture_books.drawing.paths import (
    area,
    ellipse,
    plain,
    polygon,
    smooth,
    stroke,
    tube,
)

BODY_Y = -66.0
"""The middle of the body."""
_SHOULDER = (36.0, -98.0)
_ARM = 54.0
_RAISED = 1.3
"""How much longer a raised arm is, so that its hand is seen beside the head."""


def behind(looks: Looks) -> Group:
    """Tail, spines on the back."""
    coat, kind = looks.coat, looks.kind
    shapes: list[Shape] = []
    if kind.extra == "spines":
        shapes.append(area(_spines(), coat.third))
    elif kind.tail == "bushy":
        shapes += _bushy(looks)
    elif kind.tail == "puff":
        shapes.append(area(ellipse(44, -34, 19, 18), coat.belly))
    elif kind.tail == "long":
        shapes.append(area(tube((30, -28), (86, -8), (80, -72), (13, 9)), coat.fur))
        if looks.species == "lion":
            shapes.append(area(ellipse(80, -78, 14, 15), coat.third))
    elif kind.tail == "curl":
        shapes.append(stroke("M44 -46q22 -4 18 -18q-8 -10 -12 2q2 12 22 6", coat.third, 6))
    return group(*shapes, label="part:tail")


def legs(looks: Looks, stance: Stance) -> Group:
    """Feet, or soles when the animal sits."""
    coat = looks.coat
    fur = _foot_colour(looks)
    if stance.legs == "sitting":
        nodes: list[Shape] = []
        for side in (-1, 1):
            nodes.append(area(ellipse(side * 40, -17, 19, 18), fur))
            nodes.append(plain(ellipse(side * 40, -14, 10, 9), lighter(fur, 0.45)))
        return group(*nodes)
    wear = looks.cloth if looks.garment is Garment.DUNGAREES else coat.fur
    nodes = []
    for side in (-1, 1):
        x = side * 21 + side * stance.stride * 0.8
        lift = 9 if stance.legs == "flying" else 0
        if stance.stride and side == 1:
            lift += 7
        nodes.append(
            area(tube((side * 20, -40), (side * 21, -20), (x, -14 - lift), (32, 26)), wear)
        )
        nodes.append(area(ellipse(x + side * 3, -9 - lift, 20, 11), fur))
    return group(*nodes)


def trunk(looks: Looks) -> Group:
    rx, ry = looks.kind.body
    body: list[Node] = [area(ellipse(0, BODY_Y, rx, ry), _trunk_colour(looks))]
    if looks.garment not in (Garment.JUMPER, Garment.DRESS):
        body.append(plain(ellipse(0, BODY_Y + 9, rx * 0.66, ry * 0.7), looks.coat.belly))
    return group(*body, label="part:body")


def arm(looks: Looks, side: int, pose: Arm) -> tuple[Group, Point]:
    """An arm on the left (-1) or right (1) of the page, and where its hand is."""
    x, y = side * _SHOULDER[0], _SHOULDER[1]
    angle = math.radians(pose.lift)
    length = _ARM * (_RAISED if pose.lift > 90 else 1)
    hand = (x + side * length * math.sin(angle), y + length * math.cos(angle))
    bend = (
        (x + hand[0]) / 2 + side * pose.bend * math.cos(angle),
        (y + hand[1]) / 2 + pose.bend * abs(math.sin(angle)) * 0.6,
    )
    winged = looks.kind.extra == "wings"
    sleeve = looks.cloth if looks.garment is Garment.JUMPER else _arm_colour(looks)
    shapes = [area(tube((x, y), bend, hand, (30, 20) if winged else (25, 22)), sleeve)]
    if not winged:
        shapes.append(area(ellipse(hand[0], hand[1], 13.5, 13), _foot_colour(looks)))
    return group(*shapes), hand


def _trunk_colour(looks: Looks) -> str:
    return looks.cloth if looks.garment is Garment.JUMPER else looks.coat.fur


def _arm_colour(looks: Looks) -> str:
    coat = looks.coat
    return coat.third if looks.kind.extra in ("patches",) else coat.fur


def _foot_colour(looks: Looks) -> str:
    coat = looks.coat
    if looks.kind.muzzle in ("beak", "bill"):
        return "#f0a03a"
    if looks.kind.extra == "patches":
        return coat.third
    return darker(coat.fur, 0.08)


def _spines() -> str:
    """A zigzag around the back of the body, from shoulder to shoulder below."""
    points: list[Point] = []
    for index in range(23):
        angle = math.radians(-154 + 14 * index)
        radius = 1.0 if index % 2 else 0.83
        points.append((82 * radius * math.sin(angle), -74 - 74 * radius * math.cos(angle)))
    return polygon(points)


def _bushy(looks: Looks) -> Sequence[Shape]:
    coat = looks.coat
    tip = coat.belly if looks.species == "fox" else lighter(coat.fur, 0.25)
    if looks.species == "squirrel":
        points = [
            (20, -20),
            (70, -6),
            (92, -60),
            (70, -104),
            (84, -146),
            (124, -140),
            (128, -76),
            (104, -12),
            (56, 4),
        ]
        inner = [(84, -128), (112, -128), (112, -84), (92, -100)]
    else:
        points = [
            (20, -20),
            (64, -8),
            (92, -52),
            (86, -102),
            (112, -126),
            (128, -78),
            (112, -22),
            (66, 6),
        ]
        inner = [(92, -98), (112, -122), (124, -84), (108, -76)]
    return area(smooth(points), coat.fur), plain(smooth(inner), tip)
