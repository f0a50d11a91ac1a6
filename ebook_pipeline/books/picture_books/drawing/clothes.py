"""Clothes: below the head (on the body), and on the head. Local measures are the figure's."""

from ebook_pipeline.books.picture_books.drawing.bodies import BODY_Y
from ebook_pipeline.books.picture_books.drawing.colours import INK, darker, lighter
from ebook_pipeline.books.picture_books.drawing.graph import Group, Shape, group
from ebook_pipeline.books.picture_books.drawing.looks import Garment, Looks
from ebook_pipeline.books.picture_books.drawing.paths import (
    area,
    ellipse,
    plain,
    stroke,
    tint,
)


def back_of(looks: Looks) -> Group:
    """What hangs behind the body: a cape."""
    shapes: list[Shape] = []
    if looks.garment is Garment.CAPE:
        shapes.append(area("M-34 -112Q-84 -40 -74 -10Q0 -26 74 -10Q84 -40 34 -112Z", looks.cloth))
    return group(*shapes, label="part:cape")


def on_body(looks: Looks) -> Group:
    """Drawn over trunk and belly, below arms and head."""
    drawing = {
        Garment.JUMPER: _jumper,
        Garment.DRESS: _dress,
        Garment.DUNGAREES: _dungarees,
        Garment.APRON: _apron,
    }.get(looks.garment)
    shapes = drawing(looks, darker(looks.cloth, 0.22)) if drawing else []
    return group(*shapes, label="part:garment")


def _jumper(looks: Looks, dark: str) -> list[Shape]:
    rx, cloth = looks.kind.body[0], looks.cloth
    stripes = (
        f"M{-rx + 2:.0f} {y}Q0 {y + 9} {rx - 2:.0f} {y}"
        f"L{rx - 3:.0f} {y + 8}Q0 {y + 17} {-rx + 3:.0f} {y + 8}Z"
        for y in (-84, -62)
    )
    hem = f"M{-rx + 7:.0f} -40Q0 -26 {rx - 7:.0f} -40L{rx - 12:.0f} -28Q0 -14 {-rx + 12:.0f} -28Z"
    return [*(tint(stripe, lighter(cloth, 0.45)) for stripe in stripes), area(hem, dark)]


_DOTS = ((-34, -42), (-10, -34), (14, -46), (38, -36), (-16, -72), (10, -82), (28, -66))
"""Of a dress."""


def _dress(looks: Looks, dark: str) -> list[Shape]:
    cloth = looks.cloth
    skirt = "M-30 -110Q0 -100 30 -110L42 -70Q58 -40 66 -22Q0 -4 -66 -22Q-58 -40 -42 -70Z"
    dots = [tint(ellipse(x, y, 5, 5), lighter(cloth, 0.6)) for x, y in _DOTS]
    return [area(skirt, cloth), *dots, stroke("M-43 -70Q0 -58 43 -70", dark, 4)]


def _dungarees(looks: Looks, dark: str) -> list[Shape]:
    rx, ry = looks.kind.body
    low = BODY_Y + ry
    legs = (
        f"M{-rx + 1:.0f} -62Q0 -52 {rx - 1:.0f} -62Q{rx:.0f} {low - 6:.0f} 0 {low:.0f}"
        f"Q{-rx:.0f} {low - 6:.0f} {-rx + 1:.0f} -62Z"
    )
    return [
        area(legs, looks.cloth),
        area("M-25 -96L25 -96L28 -54L-28 -54Z", looks.cloth),
        stroke("M-24 -95L-32 -112M24 -95L32 -112", dark, 8),
        plain("M-14 -84h28v16q-14 8 -28 0Z", lighter(looks.cloth, 0.18)),
    ]


def _apron(looks: Looks, dark: str) -> list[Shape]:
    return [
        area("M-24 -102L24 -102L30 -68L38 -30Q0 -16 -38 -30L-30 -68Z", looks.cloth),
        plain("M-16 -60h32v18q-16 9 -32 0Z", lighter(looks.cloth, 0.35)),
    ]


def at_neck(looks: Looks) -> Group:
    """Drawn over the arms, below the chin."""
    cloth, dark = looks.cloth, darker(looks.cloth, 0.2)
    if looks.garment is Garment.SCARF:
        shapes = [
            area("M18 -104Q34 -84 40 -50L22 -44Q16 -76 4 -98Z", cloth),
            stroke("M36 -62L20 -57", dark, 4),
            area("M-45 -118Q0 -92 45 -118L47 -101Q0 -74 -47 -101Z", cloth),
            stroke("M-24 -106L-27 -91M0 -101L0 -86M24 -106L27 -91", dark, 3.4),
        ]
    elif looks.garment is Garment.CAPE:
        shapes = [
            area("M-40 -117Q0 -96 40 -117L40 -106Q0 -84 -40 -106Z", cloth),
            area(ellipse(0, -95, 8, 8), "#f6d365"),
        ]
    elif looks.garment is Garment.BOW:
        shapes = [
            area("M0 -100Q-34 -122 -36 -100Q-34 -78 0 -98Q34 -78 36 -100Q34 -122 0 -100Z", cloth),
            area(ellipse(0, -99, 8, 9), dark),
        ]
    else:
        shapes = []
    return group(*shapes, label="part:neck")


def on_head(looks: Looks) -> Group:
    """Hat or glasses, in head coordinates."""
    rx, ry = looks.kind.head
    cloth = looks.cloth
    if looks.garment is Garment.HAT:
        top = -ry + 12
        shapes = [
            area(f"M-42 {top}Q-44 {top - 48} 0 {top - 50}Q44 {top - 48} 42 {top}Z", cloth),
            area(f"M-48 {top - 8}Q0 {top - 22} 48 {top - 8}L47 {top + 8}Q0 {top - 6} -47 {top + 8}Z", lighter(cloth, 0.5)),
            area(ellipse(0, top - 54, 12, 12), lighter(cloth, 0.5)),
        ]  # fmt: skip
    elif looks.garment is Garment.GLASSES:
        shapes = [
            *(stroke(ellipse(s * 25, -8, 21, 21), cloth, 5) for s in (-1, 1)),
            stroke("M-5 -10Q0 -15 5 -10", cloth, 5),
            stroke(f"M-46 -10L{-rx + 2} -16M46 -10L{rx - 2} -16", cloth, 5),
        ]
    else:
        shapes = []
    if looks.garment is Garment.NOTHING and looks.species == "duck":
        shapes = [stroke(f"M0 {-ry + 2}q-6 -16 6 -20M0 {-ry + 2}q6 -12 16 -12", INK, 4)]
    return group(*shapes, label="part:hat")
