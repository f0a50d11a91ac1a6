"""Faces: eyes, brows, mouth and what else tells a mood, readable at the size of a thumbnail.

Head coordinates: the middle of the head is 0, 0.
"""

from typing import Literal, NamedTuple

from ebook_pipeline.books.picture_books.drawing.colours import INK
from ebook_pipeline.books.picture_books.drawing.graph import Group, Node, Shape, group
from ebook_pipeline.books.picture_books.drawing.looks import Mood
from ebook_pipeline.books.picture_books.drawing.paths import area, ellipse, mark, stroke, tint

Eyes = Literal["open", "wide", "glad", "closed", "half", "down"]


class Expression(NamedTuple):
    """`brow` is the slope in points: positive lifts the inner ends, None shows no brows."""

    eyes: Eyes
    mouth: str
    brow: float | None = None
    open: bool = False
    """The mouth is an open area with a tongue."""
    drop: Literal["", "tear", "sweat"] = ""
    ears: float = 0
    """Degrees that ears droop."""
    tilt: float = 0


EXPRESSIONS = {
    Mood.HAPPY: Expression("open", "M-19 0Q0 4 19 0Q15 23 0 23Q-15 23 -19 0Z", None, True),
    Mood.PROUD: Expression("glad", "M-22 -2Q0 4 22 -2Q18 25 0 25Q-18 25 -22 -2Z", None, True),
    Mood.SAD: Expression("down", "M-15 15Q0 -1 15 15", 9, False, "tear", 26, 5),
    Mood.SCARED: Expression("wide", "M-18 12Q-12 4 -6 11Q0 17 6 10Q12 4 18 11", 8, False, "sweat", 14),
    Mood.CROSS: Expression("open", "M-15 13Q0 4 15 13", -9, False, "", 8),
    Mood.SURPRISED: Expression("wide", "M0 0A10 13 0 1 0 .1 0Z", 3, True),
    Mood.SLEEPY: Expression("closed", "M-7 7Q0 13 7 7", None, False, "", 12, 7),
    Mood.CURIOUS: Expression("open", "M-12 5Q2 15 14 3", 2),
    Mood.THOUGHTFUL: Expression("half", "M-11 9Q2 5 12 9", 3, False, "", 0, -6),
    Mood.SHY: Expression("down", "M-11 5Q0 13 11 5", 5, False, "", 12, -5),
    Mood.DETERMINED: Expression("open", "M-17 5Q0 19 17 5", -3.5),
}  # fmt: skip


class FacePlan(NamedTuple):
    """Where a species has its eyes (half distance, height) and mouth, and whether it has cheeks."""

    eyes: tuple[float, float] = (25, -8)
    mouth: float = 26
    size: float = 1.0
    mouthless: bool = False


def face(mood: Mood, plan: FacePlan) -> Group:
    """Eyes, brows, cheeks and mouth of a mood; nose and muzzle belong to the head."""
    look = EXPRESSIONS[mood]
    nodes: list[Node] = []
    for side in (-1, 1):
        nodes.append(tint(ellipse(side * 43, 12, 10, 7), "#f4a09a"))
        nodes.extend(_eye(side * plan.eyes[0], plan.eyes[1], look.eyes, plan.size))
        nodes.extend(_brow(side, plan, look))
    if not plan.mouthless:
        nodes.append(group(*_mouth(look), at=(0.92, 0, 0, 0.92, 0, plan.mouth)))
    nodes.extend(_drop(look, plan))
    return group(*nodes)


def _eye(x: float, y: float, eyes: Eyes, size: float) -> list[Shape]:
    w = 4.6
    if eyes == "closed":
        return [stroke(f"M{x - 12} {y}Q{x} {y + 11} {x + 12} {y}", INK, w)]
    if eyes == "glad":
        return [stroke(f"M{x - 12} {y + 5}Q{x} {y - 13} {x + 12} {y + 5}", INK, w + 0.6)]
    if eyes == "wide":
        return [
            area(ellipse(x, y, 16 * size, 18 * size), "#ffffff"),
            mark(ellipse(x, y + 1, 7, 8), INK),
            mark(ellipse(x + 2.5, y - 2.5, 2.4, 2.4), "#ffffff"),
        ]
    rx, ry = 10.5 * size, 12.5 * size
    shapes = [mark(ellipse(x, y, rx, ry), INK)]
    shine = {"open": (3.6, -4.6), "half": (4, -6), "down": (-2.5, 3)}[eyes]
    shapes.append(mark(ellipse(x + shine[0], y + shine[1], 3.7, 3.7), "#ffffff"))
    if eyes == "open":
        shapes.append(mark(ellipse(x - 3.4, y + 5, 1.8, 1.8), "#ffffff"))
    if eyes in ("half", "down"):
        shapes.append(stroke(f"M{x - rx} {y - 6}Q{x} {y - 16} {x + rx} {y - 6}", INK, 3.4))
    return shapes


def _brow(side: int, plan: FacePlan, look: Expression) -> list[Shape]:
    if look.brow is None:
        return []
    x, y = side * plan.eyes[0], plan.eyes[1] - 24 * plan.size
    inner, outer = x - side * 11, x + side * 12
    return [stroke(f"M{inner} {y - look.brow}L{outer} {y + look.brow * 0.6}", INK, 4.4)]


def _mouth(look: Expression) -> list[Shape]:
    if not look.open:
        return [stroke(look.mouth, INK, 4.2)]
    shapes = [area(look.mouth, "#8a3a3a")]
    if look.mouth.endswith("0Z") and "Q" in look.mouth:
        shapes.append(area("M-10 18Q0 8 10 18Q5 23 0 23Q-5 23 -10 18Z", "#f08a8a"))
    return shapes


def _drop(look: Expression, plan: FacePlan) -> list[Shape]:
    if look.drop == "tear":
        x, y = -plan.eyes[0] - 4, plan.eyes[1] + 16
    elif look.drop == "sweat":
        x, y = 52, -40
    else:
        return []
    return [area(f"M{x} {y}q9 13 0 18q-9 -5 0 -18Z", "#8fd0f2")]
