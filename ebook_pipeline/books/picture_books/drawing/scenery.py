"""Pieces of landscape: ground, trees, bushes, clouds, water, houses. Units are those of figures.

Every piece stands with its foot at 0, 0 unless it says otherwise.
"""

import math
from collections.abc import Callable, Iterator
from random import Random

from ebook_pipeline.books.picture_books.drawing import props
from ebook_pipeline.books.picture_books.drawing.colours import darker, lighter, mix
from ebook_pipeline.books.picture_books.drawing.graph import Group, Node, Shape, group
from ebook_pipeline.books.picture_books.drawing.paths import (
    area,
    ellipse,
    number,
    plain,
    polygon,
    rectangle,
    smooth,
    stroke,
    tint,
)

_TRUNK = "#8d6446"


def ground(width: float, depth: float, wave: float, colour: str, random: Random) -> Shape:
    """A hill's edge from 0 to `width` at about y = 0, filled down to `depth`."""
    count = random.randint(2, 3)
    step = width / count
    n = number
    parts = [f"M-20 {n(depth)}L-20 {n(random.uniform(-wave, wave))}"]
    for index in range(count):
        x = step * (index + 1) + (20 if index == count - 1 else 0)
        c1, c2 = step * (index + 0.35), step * (index + 0.7)
        heights = [random.uniform(-wave, wave) for _ in range(3)]
        parts.append(f"C{n(c1)} {n(heights[0])} {n(c2)} {n(heights[1])} {n(x)} {n(heights[2])}")
    return plain("".join(parts) + f"L{n(width + 20)} {n(depth)}Z", colour)


def mountains(width: float, height: float, colour: str, random: Random) -> Group:
    nodes: list[Node] = []
    x = -80.0
    while x < width:
        w, h = random.uniform(260, 380), height * random.uniform(0.65, 1)
        nodes.append(plain(polygon([(x, 40), (x + w / 2, -h), (x + w, 40)]), colour))
        cap = [
            (x + w / 2, -h),
            (x + w * 0.62, -h * 0.76),
            (x + w * 0.55, -h * 0.8),
            (x + w * 0.49, -h * 0.7),
            (x + w * 0.44, -h * 0.79),
            (x + w * 0.385, -h * 0.77),
        ]
        nodes.append(plain(polygon(cap), lighter(colour, 0.75)))
        x += w * 0.62
    return group(*nodes)


def round_tree(random: Random, leaf: str = "#5fa854") -> Group:
    hue = mix(leaf, random.choice(("#7fbf4f", "#3f8f5a", "#9cc44a")), random.uniform(0, 0.5))
    h = random.uniform(190, 250)
    crown = [
        (0, -h - 62),
        (62, -h - 58),
        (98, -h),
        (88, -h + 62),
        (30, -h + 84),
        (-34, -h + 86),
        (-92, -h + 60),
        (-96, -h - 4),
        (-62, -h - 60),
    ]
    jitter = [(x + random.uniform(-8, 8), y + random.uniform(-8, 8)) for x, y in crown]
    light = [(x * 0.52 - 18, (y + h) * 0.5 - h - 16) for x, y in jitter]
    return group(
        area(f"M-15 0L-11 {-h + 50:.0f}L11 {-h + 50:.0f}L16 0Q0 -7 -15 0Z", _TRUNK),
        area(smooth(jitter), hue),
        tint(smooth(light), lighter(hue, 0.22)),
    )


def apple_tree(random: Random) -> Group:
    spots = ((-48, -190), (10, -242), (50, -186), (-8, -172), (60, -236))
    apples = [area(ellipse(x, y, 12, 12), "#e0493f") for x, y in spots]
    return group(round_tree(Random(7), "#6fb552"), *apples)


_CROWN = (
    (-20, -560), (110, -548), (220, -470), (262, -376), (196, -290), (84, -262),
    (-30, -270), (-150, -258), (-240, -318), (-258, -420), (-170, -520),
)  # fmt: skip
"""The edge of the great tree's leaves."""
_LEAVES = (
    (-190, -380), (-120, -330), (-60, -400), (-140, -470), (-20, -500), (60, -420), (20, -320),
    (120, -480), (170, -400), (110, -320), (-214, -326), (70, -520),
)  # fmt: skip
"""Where the great crown has its leaves' lines, for pages that are coloured."""


def old_tree(random: Random) -> Group:
    """Twice as high as other trees, with roots that somebody small may sit between."""
    leaf = "#5c9c50"
    jitter = [(x + random.uniform(-10, 10), y + random.uniform(-10, 10)) for x, y in _CROWN]
    shine = ((-110, -440, 74, 44), (70, -470, 58, 34), (130, -360, 46, 26))
    bark = ("M-26 -60Q-34 -130 -24 -220", "M8 -40Q2 -110 10 -170", "M34 -90Q28 -160 36 -230")
    return group(
        area(
            "M-170 6Q-96 -8 -72 -64Q-52 -150 -64 -300H64Q52 -150 76 -64Q98 -10 178 8"
            "Q120 16 88 2Q70 26 26 8Q-6 28 -40 8Q-78 24 -98 2Q-130 14 -170 6Z",
            darker(_TRUNK, 0.12),
        ),
        *(stroke(line, darker(_TRUNK, 0.35), 3.5) for line in bark),
        area(ellipse(-6, -128, 17, 25), darker(_TRUNK, 0.5)),
        area(smooth(jitter), leaf),
        *(tint(ellipse(x, y, rx, ry), lighter(leaf, 0.2)) for x, y, rx, ry in shine),
        *(stroke(f"M{x} {y}q14 20 30 2q12 18 28 -4", darker(leaf, 0.22), 3.5) for x, y in _LEAVES),
    )


SHADOW_HEIGHT = 240.0


def shadow() -> Group:
    """The outline of somebody with raised arms, its foot at 0, 0, leaning to the right."""
    outline = [
        (-40, 0), (-46, -60), (-40, -100), (-86, -128), (-112, -176), (-92, -180), (-62, -140),
        (-46, -136), (-66, -176), (-58, -222), (-50, -238), (-34, -228), (4, -240), (42, -230),
        (58, -240), (68, -222), (76, -176), (54, -136), (72, -142), (104, -182), (124, -176),
        (98, -126), (52, -98), (58, -58), (48, 0),
    ]  # fmt: skip
    eyes = [area(ellipse(x, -184, 7, 9), "#eef2ff") for x in (-18, 24)]
    return group(area(smooth(outline), "#141b44"), *eyes)


def pine(random: Random) -> Group:
    colour = mix("#3f8a66", random.choice(("#2f7a5f", "#5b9e63")), random.uniform(0, 0.8))
    h = random.uniform(0.9, 1.25)
    tiers = []
    for base, half, top in ((-40, 82, -170), (-120, 66, -232), (-192, 50, -288)):
        b, t = base * h, top * h
        tiers.append(
            area(
                f"M0 {t:.0f}Q{half * 0.35:.0f} {(b + t) / 2:.0f} {half} {b:.0f}"
                f"Q{half / 2:.0f} {b + 14:.0f} 0 {b + 4:.0f}Q{-half / 2:.0f} {b + 14:.0f} {-half} {b:.0f}"
                f"Q{-half * 0.35:.0f} {(b + t) / 2:.0f} 0 {t:.0f}Z",
                colour,
            )
        )
    return group(area(rectangle(-12, -46, 24, 46), _TRUNK), *tiers)


def snowy_pine(random: Random) -> Group:
    caps = [
        area(
            f"M0 {y}Q22 {y + 30} 34 {y + 50}Q14 {y + 40} 0 {y + 52}Q-14 {y + 40} -34 {y + 50}Q-22 {y + 30} 0 {y}Z",
            "#f7fbff",
        )
        for y in (-288, -222)
    ]
    return group(pine(Random(3)), *caps)


def birch(random: Random) -> Group:
    h = random.uniform(230, 280)
    bars = [stroke(f"M-8 {-y}h9", "#5b5550", 4) for y in (40, 78, 120)]
    hue = mix("#a9c957", "#86b84e", random.random())
    crown = [
        (0, -h - 70),
        (54, -h - 30),
        (66, -h + 50),
        (38, -h + 112),
        (-36, -h + 112),
        (-66, -h + 48),
        (-54, -h - 32),
    ]
    return group(
        area(f"M-10 0L-8 {-h:.0f}L8 {-h:.0f}L11 0Z", "#f4f1ea"), *bars, area(smooth(crown), hue)
    )


def palm(random: Random) -> Group:
    lean = random.choice((-1, 1)) * random.uniform(16, 34)
    leaves = []
    for angle in (-150, -115, -65, -30, 10, 170):
        x, y = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        tip = (lean + 104 * x, -236 + 70 * y + 30)
        bend = (lean + 60 * x, -262 + 60 * y)
        low = (lean + 52 * x, -226 + 44 * y + 14)
        n = number
        leaves.append(
            area(
                f"M{n(lean)} -236Q{n(bend[0])} {n(bend[1])} {n(tip[0])} {n(tip[1])}Q{n(low[0])} {n(low[1])} {n(lean)} -236Z",
                "#57a55b",
            )
        )
    return group(
        area(f"M-14 0Q-4 -120 {lean - 9:.0f} -238L{lean + 9:.0f} -238Q16 -120 16 0Z", "#b58a5c"),
        *leaves,
    )


def bush(random: Random, colour: str = "#67b05a") -> Group:
    hue = mix(colour, "#3f8f5a", random.uniform(0, 0.5))
    points = [(-70, 4), (-86, -34), (-46, -66), (-6, -84), (40, -70), (84, -38), (72, 4), (0, 16)]
    jitter = [(x + random.uniform(-9, 9), y + random.uniform(-7, 7)) for x, y in points]
    dots = [
        tint(ellipse(x, y, 9, 8), lighter(hue, 0.25)) for x, y in ((-38, -36), (2, -54), (38, -34))
    ]
    return group(area(smooth(jitter), hue), *dots)


def berry_bush(random: Random) -> Group:
    berries = [
        area(ellipse(x, y, 8, 8), "#d8434e")
        for x, y in ((-44, -24), (-14, -46), (22, -28), (46, -44), (4, -14))
    ]
    return group(bush(random), *berries)


def house(random: Random) -> Group:
    wall = random.choice(("#f7dcb4", "#f3c6b3", "#cfe3ea", "#f6ecc8", "#e2d3ec"))
    roof = random.choice(("#cf5f48", "#b9574b", "#7a6fae", "#4f8a8b"))
    wood = "#8d6446"
    glass = "#fdf3c0"
    return group(
        area(rectangle(52, -262, 24, 70), darker(wall, 0.3)),
        area(rectangle(-96, -150, 192, 150), wall),
        area("M-120 -146L0 -252L120 -146Q0 -158 -120 -146Z", roof),
        area("M-24 0V-70Q-24 -94 0 -94Q24 -94 24 -70V0Z", wood),
        area(ellipse(14, -42, 4, 4), "#f6d365"),
        *(area(rectangle(x, -112, 38, 40, 6), glass) for x in (-80, 42)),
        *(stroke(f"M{x + 19} -112v40M{x} -92h38", wood, 4) for x in (-80, 42)),
        area(ellipse(0, -186, 17, 17), glass),
    )


def cloud(random: Random, colour: str = "#ffffff") -> Group:
    """Its middle at 0, 0."""
    points = [
        (-90, 20),
        (-98, -14),
        (-58, -34),
        (-24, -62),
        (26, -54),
        (50, -32),
        (92, -22),
        (96, 16),
        (40, 28),
        (-40, 28),
    ]
    jitter = [(x + random.uniform(-8, 8), y + random.uniform(-6, 6)) for x, y in points]
    return group(plain(smooth(jitter), colour))


def fence(width: float, colour: str = "#f3e6cf") -> Group:
    posts = [
        area(f"M{x:.0f} 0V-62L{x + 11:.0f} -76L{x + 22:.0f} -62V0Z", colour)
        for x in _steps(0, width, 40)
    ]
    rails = [area(rectangle(-8, y, width + 16, 11), darker(colour, 0.07)) for y in (-50, -26)]
    return group(*rails, *posts)


def tuft(random: Random, colour: str) -> Group:
    blades = [
        f"M{x} 0Q{x + lean / 2} -12 {x + lean} {-h}"
        for x, lean, h in ((-8, -7, 16), (0, 1, 24), (8, 8, 17))
    ]
    return group(tint_stroke("".join(blades), darker(colour, 0.2)))


def tint_stroke(d: str, colour: str) -> Shape:
    """A thin line that colouring pages have too."""
    return stroke(d, colour, 3)


def flower(random: Random) -> Group:
    petal = random.choice(("#f6a5b8", "#fdf6ee", "#f9d65c", "#c9a5e0", "#f08d6a"))
    leaves = [
        area(ellipse(x, y, 8, 8), petal)
        for x, y in ((0, -40), (9, -32), (6, -22), (-6, -22), (-9, -32))
    ]
    return group(
        stroke("M0 0Q2 -12 0 -28", "#4f8f4a", 3.6), *leaves, area(ellipse(0, -30, 6, 6), "#f5b93c")
    )


def reeds(random: Random) -> Group:
    nodes: list[Node] = []
    for x, lean, h in ((-18, -10, 96), (0, 4, 124), (16, 12, 104)):
        nodes.append(stroke(f"M{x} 0Q{x} {-h / 2} {x + lean} {-h}", "#6b9a4a", 5))
        nodes.append(area(rectangle(x + lean - 6, -h - 30, 12, 40, 6), "#8a5a3c"))
    return group(*nodes)


def boulder(random: Random) -> Group:
    hue = random.choice(("#a9a7a3", "#b8b2a6", "#97999e"))
    points = [(-60, 4), (-66, -30), (-30, -58), (16, -62), (54, -34), (62, 2), (0, 12)]
    jitter = [(x + random.uniform(-7, 7), y + random.uniform(-6, 6)) for x, y in points]
    return group(area(smooth(jitter), hue), tint(ellipse(-12, -38, 20, 8), lighter(hue, 0.35)))


WIDTHS = {"bookcase": 210.0, "boulder": 180.0}
"""Of what stands at walls."""


def bookcase(random: Random) -> Group:
    wood = "#a9774f"
    nodes: list[Node] = [area(rectangle(-105, -330, 210, 330, 6), wood)]
    for shelf in range(3):
        y = -312 + shelf * 104
        nodes.append(plain(rectangle(-93, y, 186, 90), darker(wood, 0.35)))
        x = -88.0
        while x < 70:
            w, h = random.uniform(14, 26), random.uniform(58, 82)
            hue = random.choice(("#d9675b", "#5f97c4", "#f0c05a", "#78b07a", "#a785c2", "#ef9a5b"))
            nodes.append(area(rectangle(x, y + 90 - h, w, h, 2), hue))
            x += w + 2
    return group(*nodes)


def _steps(start: float, stop: float, step: float) -> Iterator[float]:
    value = start
    while value < stop:
        yield value
        value += step


PIECES: dict[str, Callable[[Random], Group]] = {
    "round": round_tree,
    "appletree": apple_tree,
    "pine": pine,
    "snowpine": snowy_pine,
    "birch": birch,
    "palm": palm,
    "bush": bush,
    "berries": berry_bush,
    "house": house,
    "flower": flower,
    "reeds": reeds,
    "boulder": boulder,
    "bookcase": bookcase,
}
"""Pieces that places name; everything else is a prop."""


def standing(name: str, random: Random) -> Group:
    """The piece or the prop of that name, its foot at 0, 0."""
    piece = PIECES.get(name)
    return piece(random) if piece else props.standing(name)
