"""Heads by species: ears, mane and spines, muzzle and nose. The middle of the head is 0, 0."""

import math
from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing.colours import INK, darker, lighter
from ebook_pipeline.books.picture_books.drawing.face import FacePlan
from ebook_pipeline.books.picture_books.drawing.graph import Group, Shape, group, move, turn
from ebook_pipeline.books.picture_books.drawing.looks import Looks
from ebook_pipeline.books.picture_books.drawing.paths import (
    area,
    ellipse,
    mark,
    plain,
    polygon,
    smooth,
    stroke,
    tube,
)

_BILL = "#f0a03a"


def face_plan(looks: Looks) -> FacePlan:
    kind = looks.kind
    if kind.ears == "eyes":
        return FacePlan(eyes=(31, -36), mouth=10, size=0.95)
    if looks.species == "owl":
        return FacePlan(eyes=(25, -8), mouth=30, size=1.15, mouthless=False)
    if kind.muzzle in ("beak", "bill"):
        return FacePlan(eyes=(24, -12), mouth=30)
    if kind.muzzle == "trunk":
        return FacePlan(eyes=(27, -10), mouth=30)
    if kind.muzzle == "snout":
        return FacePlan(eyes=(27, -12), mouth=32)
    return FacePlan()


def behind(looks: Looks, droop: float) -> Group:
    """What lies behind the head: ears and mane; ears droop by degrees."""
    kind = looks.kind
    shapes: list[Group] = []
    if kind.extra == "mane":
        shapes.append(group(_mane(looks), label="part:mane"))
    if kind.extra == "spines":
        shapes.append(group(_crown(looks), label="part:crown"))
    for side in (-1, 1):
        x, y, ear = _ear(looks)
        flip = (float(side), 0.0, 0.0, 1.0, 0.0, 0.0)
        # Ears are drawn for the right side and mirrored.
        inner = group(group(*ear, at=turn(droop), label="part:ear"), at=move(x, y))
        shapes.append(group(inner, at=flip))
    return group(*shapes)


def skull(looks: Looks) -> Group:
    """The head itself with its markings."""
    rx, ry = looks.kind.head
    coat = looks.coat
    shapes = [area(_head_outline(rx, ry), coat.fur)]
    shapes += _markings(looks)
    return group(*shapes, label="part:head")


def muzzle(looks: Looks) -> Group:
    """Muzzle and nose, which move with the face."""
    coat = looks.coat
    shapes = {
        "oval": lambda: [plain(ellipse(0, 25, 30, 23), coat.belly), _nose(0, 13, 9, 6.5)],
        "mask": lambda: [_nose(0, 15, 8, 6)],
        "small": lambda: [
            plain(ellipse(0, 26, 24, 19), coat.belly),
            area("M-7 11Q0 7 7 11Q5 19 0 20Q-5 19 -7 11Z", "#e98a8f"),
        ],
        "beak": lambda: [area("M-12 8Q0 -2 12 8Q7 22 0 27Q-7 22 -12 8Z", _BILL)],
        "bill": lambda: [area("M-27 16Q-14 4 0 6Q14 4 27 16Q16 27 0 27Q-16 27 -27 16Z", _BILL)],
        "snout": lambda: [
            area(ellipse(0, 16, 22, 15), coat.third),
            mark(ellipse(-8, 16, 3.4, 5), INK),
            mark(ellipse(8, 16, 3.4, 5), INK),
        ],
        "trunk": lambda: _trunk(looks),
        "wide": lambda: [mark(ellipse(-7, -6, 2.4, 2), INK), mark(ellipse(7, -6, 2.4, 2), INK)],
    }[looks.kind.muzzle]()
    if looks.kind.extra == "whiskers":
        shapes += [
            stroke(f"M{s * 30} {y}L{s * 58} {y + d}", darker(coat.fur, 0.45), 2)
            for s in (-1, 1)
            for y, d in ((21, -5), (28, 4))
        ]
    return group(*shapes, label="part:muzzle")


def _head_outline(rx: float, ry: float) -> str:
    """Broader at the cheeks than an ellipse."""
    return (
        f"M{-rx} 8C{-rx} {-ry * 0.8:.1f} {-rx * 0.52:.1f} {-ry} 0 {-ry}"
        f"S{rx} {-ry * 0.8:.1f} {rx} 8S{rx * 0.5:.1f} {ry} 0 {ry}S{-rx} {8 + ry * 0.52:.1f} {-rx} 8Z"
    )


def _nose(x: float, y: float, rx: float, ry: float) -> Shape:
    return mark(ellipse(x, y, rx, ry), INK)


def _trunk(looks: Looks) -> list[Shape]:
    fur = looks.coat.fur
    ring = darker(fur, 0.22)
    return [
        area(tube((2, -2), (-2, 58), (38, 46), (28, 18)), fur),
        stroke("M-8 17Q2 22 13 16", ring, 2.4),
        stroke("M-3 31Q8 33 16 24", ring, 2.4),
    ]


def _markings(looks: Looks) -> list[Shape]:
    coat, kind = looks.coat, looks.kind
    rx, ry = kind.head
    if kind.muzzle == "mask":
        white = f"M{-rx + 1} 10Q-30 2 -4 20Q0 24 4 20Q30 2 {rx - 1} 10Q{rx - 6} 44 0 {ry}"
        return [plain(f"{white}Q{-rx + 6} 44 {-rx + 1} 10Z", coat.belly)]
    if looks.species == "cat":
        bars = ("M0 -50L0 -34", "M-15 -47L-12 -34", "M15 -47L12 -34")
        return [stroke(bar, coat.third, 5) for bar in bars]
    if looks.species == "owl":
        discs = [area(ellipse(s * 25, -8, 28, 29), coat.belly) for s in (-1, 1)]
        return [*discs, plain(ellipse(0, 30, 26, 16), coat.belly)]
    if looks.species == "penguin":
        heart = (
            "M0 -22C-14 -44 -52 -34 -48 0C-46 32 -22 48 0 48C22 48 46 32 48 0C52 -34 14 -44 0 -22Z"
        )
        return [plain(heart, coat.belly)]
    if kind.extra == "stripes":
        stripe = "M{a} -44Q{b} -20 {c} 12Q{d} 28 {e} 20Q{f} -6 {g} -47Z"
        both = [
            stripe.format(a=s * 22, b=s * 46, c=s * 40, d=s * 30, e=s * 16, f=s * 12, g=s * 12)
            for s in (-1, 1)
        ]
        rims = [mark(ellipse(s * 25, -8, 13, 15), "#ffffff") for s in (-1, 1)]
        nose = plain(ellipse(0, -4, 13, 46), coat.belly)
        return [nose, *(plain(d, coat.third) for d in both), *rims]
    if kind.extra == "patches":
        rims = [mark(ellipse(s * 25, -8, 13, 15), "#ffffff") for s in (-1, 1)]
        return [*(plain(_patch(s), coat.third) for s in (-1, 1)), *rims]
    return []


def _patch(side: int) -> str:
    points = [
        (side * x, y) for x, y in ((4, -24), (26, -46), (52, -22), (54, 16), (30, 26), (6, 8))
    ]
    return smooth(points)


def _mane(looks: Looks) -> Shape:
    points = []
    for index in range(24):
        angle = math.tau * index / 24
        radius = 92 if index % 2 else 74
        points.append((radius * math.sin(angle), radius * 0.94 * math.cos(angle) + 2))
    return area(smooth(points), looks.coat.third)


def _crown(looks: Looks) -> Shape:
    """A hedgehog's spines around the head, open below."""
    points = []
    for index in range(17):
        angle = math.radians(-128 + 16 * index)
        radius = 86 if index % 2 else 68
        points.append((radius * math.sin(angle), -radius * 0.94 * math.cos(angle)))
    return area(polygon(points), looks.coat.third)


class _Ear(NamedTuple):
    """Where the right ear sits, and its shapes around 0, 0."""

    x: float
    y: float
    shapes: list[Shape]


def _ear(looks: Looks) -> _Ear:
    coat, kind = looks.coat, looks.kind
    match kind.ears:
        case "long":
            outer = area("M-13 8C-22 -40 -12 -78 2 -80C18 -78 20 -40 12 8Z", coat.fur)
            inner = plain("M-6 2C-11 -36 -6 -62 2 -64C10 -62 11 -36 6 2Z", coat.third)
            return _Ear(24, -38, [outer, inner])
        case "pointed":
            tip = area("M-24 14Q-6 -34 12 -50Q26 -22 26 22Z", coat.fur)
            inner = plain("M-10 6Q0 -22 10 -34Q17 -12 17 12Z", coat.belly)
            return _Ear(36, -28, [tip, inner])
        case "floppy":
            ear = "M-14 4C-6 -22 22 -22 28 2C32 26 26 50 12 50C0 48 2 24 -14 4Z"
            return _Ear(44, -30, [area(ear, coat.third)])
        case "tufts":
            return _Ear(36, -34, [area("M-22 8Q-4 -22 16 -38Q22 -10 16 18Z", coat.third)])
        case "eyes":
            return _Ear(31, -36, [area(ellipse(0, 0, 22, 23), coat.fur)])
        case "fans":
            return _fan(looks)
        case "round":
            return _round_ear(looks)
        case _:
            return _Ear(0, 0, [])


def _fan(looks: Looks) -> _Ear:
    rx, ry = looks.kind.head
    is_mouse = looks.species == "mouse"
    size = 34 if is_mouse else 40
    shapes = [
        area(ellipse(0, 0, size, size), looks.coat.fur),
        plain(ellipse(0, 0, size * 0.66, size * 0.66), looks.coat.third),
    ]
    return _Ear(rx - 10 if is_mouse else rx + 4, -ry + 14 if is_mouse else -12, shapes)


def _round_ear(looks: Looks) -> _Ear:
    """Of pandas and badgers in their dark colour."""
    rx, ry = looks.kind.head
    dark = looks.kind.extra in ("patches", "stripes")
    outer = looks.coat.third if dark else looks.coat.fur
    inside = lighter(outer, 0.3) if dark else looks.coat.belly
    shapes = [area(ellipse(0, 0, 21, 21), outer), plain(ellipse(0, 2, 11, 11), inside)]
    return _Ear(rx - 18, -ry + 12, shapes)
