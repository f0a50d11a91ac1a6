"""A bed seen from its foot, with somebody asleep in it: the end of many stories."""

from ebook_pipeline.books.picture_books.drawing.colours import darker, lighter
from ebook_pipeline.books.picture_books.drawing.figure import Acting, figure
from ebook_pipeline.books.picture_books.drawing.graph import Group, chain, group, move, scale
from ebook_pipeline.books.picture_books.drawing.looks import Looks, Mood, Pose
from ebook_pipeline.books.picture_books.drawing.paths import area, ellipse, rectangle, tint
from ebook_pipeline.books.picture_books.drawing.props import standing

WIDTH = 290.0
HEIGHT = 300.0
"""Of the bed, in units of figures; its foot is at 0, 0."""
HEAD = (0.0, -176.0)
"""The middle of the sleeper's head."""


def asleep(looks: Looks, mood: Mood, thing: str) -> Group:
    """The sleeper under a blanket in its own colour, the thing it loves beside its head."""
    wood, blanket = "#a9774f", lighter(looks.cloth, 0.25)
    sleeper = figure(looks, Acting(mood, Pose.STAND, (0.2, 0.4)))
    beside = group(standing(thing, 78), at=move(92, -112)) if thing else group()
    dots = [
        (-96, -70),
        (-48, -40),
        (0, -74),
        (48, -38),
        (98, -72),
        (-110, -22),
        (4, -16),
        (104, -18),
    ]
    return group(
        area("M-140 0V-226Q-140 -262 -104 -262Q-60 -304 0 -304Q60 -304 104 -262Q140 -262 140 -226V0Z", wood),
        area(rectangle(-118, -212, 236, 110, 42), "#fdf8ee"),
        group(sleeper, at=chain(move(-14, -24), scale(1.0))),
        beside,
        area("M-146 0V-92Q-146 -116 -120 -112Q-60 -98 0 -108Q60 -118 120 -108Q146 -108 146 -88V0Z", blanket),
        *(tint(ellipse(x, y, 9, 9), lighter(blanket, 0.5)) for x, y in dots),
        area("M-146 -84Q-60 -70 0 -80Q60 -90 146 -80L146 -92Q146 -112 120 -112Q60 -120 0 -110Q-60 -100 -120 -114Q-146 -116 -146 -94Z", lighter(blanket, 0.6)),
        area(rectangle(-152, -22, 304, 26, 8), darker(wood, 0.15)),
    )  # fmt: skip
