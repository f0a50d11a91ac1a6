"""The pictures of the samples: covers of 1200 × 1800 and illustrations of 1200 × 800 pixels.

Everything is drawn here from shapes and a seeded generator, at twice the size and then reduced,
so the same Pillow gives the same bytes.
"""

import io
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Colour = tuple[int, int, int]

SCALE = 2
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
INK = (29, 53, 52)
CREAM = (250, 240, 219)
FUR = (252, 240, 222)


class Canvas:
    """A picture whose coordinates are those of the finished size."""

    def __init__(self, width: int, height: int, background: Colour = CREAM) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), background)
        self.draw = ImageDraw.Draw(self.image)

    def shade(self, top: Colour, bottom: Colour, start: float, end: float) -> None:
        """A vertical gradient between two heights."""
        for row in range(int(start * SCALE), int(end * SCALE)):
            part = (row / SCALE - start) / (end - start)
            self.draw.line([(0, row), (self.image.width, row)], fill=blend(top, bottom, part))

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=fill, width=max(1, round(width * SCALE)), joint="curve")

    def circle(self, centre: Point, radius: float, fill: Colour) -> None:
        self.ellipse(centre, (radius, radius), fill)

    def ellipse(self, centre: Point, radii: Point, fill: Colour) -> None:
        (x, y), (a, b) = centre, radii
        box = [(x - a) * SCALE, (y - b) * SCALE, (x + a) * SCALE, (y + b) * SCALE]
        self.draw.ellipse(box, fill=fill)

    def text(
        self, centre: Point, words: str, size: float, fill: Colour, italic: bool = False
    ) -> None:
        """One line, centred on `centre`."""
        name = "STIXGeneralItalic.ttf" if italic else "STIXGeneral.ttf"
        font = ImageFont.truetype(str(FONTS / name), round(size * SCALE))
        place = (centre[0] * SCALE, centre[1] * SCALE)
        self.draw.text(place, words, font=font, fill=fill, anchor="mm")

    def jpeg(self) -> bytes:
        """The picture at its finished size."""
        small = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=86, optimize=True, dpi=(150, 150))
        return buffer.getvalue()


def blend(first: Colour, second: Colour, part: float) -> Colour:
    """The colour at `part` (0 to 1) of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def curve(start: Point, bend: Point, end: Point, steps: int = 40) -> list[Point]:
    """A quadratic Bézier curve as points."""
    found = []
    for step in range(steps + 1):
        t = step / steps
        found.append(
            (
                (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * bend[0] + t * t * end[0],
                (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * bend[1] + t * t * end[1],
            )
        )
    return found


def around(centre: Point, size: float) -> Callable[[float, float], Point]:
    """Coordinates of a figure that is drawn at `centre`, with `size` as its unit."""

    def at(dx: float, dy: float) -> Point:
        return centre[0] + dx * size, centre[1] + dy * size

    return at


def hills(canvas: Canvas, level: float, swell: float, phase: float, fill: Colour) -> None:
    """A rolling ridge that fills everything below it."""
    ridge = [
        (x, level + swell * (math.sin(x / 190 + phase) + 0.5 * math.sin(x / 83 + 2 * phase)))
        for x in range(-10, canvas.width + 20, 10)
    ]
    canvas.polygon([*ridge, (canvas.width + 10, canvas.height), (-10, canvas.height)], fill)


def ripples(canvas: Canvas, top: float, fill: Colour, seed: int) -> None:
    """Short strokes of light that grow longer and thicker towards the reader."""
    chance = random.Random(seed)  # noqa: S311
    depth = canvas.height - top
    for _ in range(150):
        part = chance.random() ** 1.4
        x, y = chance.uniform(-40, canvas.width), top + 12 + part * (depth - 20)
        length = 20 + 120 * part * chance.random()
        lift = 3 + 5 * part
        canvas.line(
            curve((x, y), (x + length / 2, y - lift), (x + length, y)), fill, 1 + 2.4 * part
        )


def willow(canvas: Canvas, root: Point, height: float, fill: Colour, seed: int) -> None:
    """A willow: a leaning trunk and strands that fall from a crown."""
    chance = random.Random(seed)  # noqa: S311
    x, y = root
    crown = (x - 0.12 * height, y - height)
    left, right = (
        curve((x - 34, y), (x - 30, y - 0.5 * height), crown),
        curve(crown, (x + 20, y - 0.45 * height), (x + 46, y)),
    )
    canvas.polygon([*left, *right], fill)
    for _ in range(90):
        reach = chance.uniform(-0.62, 0.5) * height
        fall = chance.uniform(0.35, 0.92) * height
        lift = chance.uniform(0.05, 0.2) * height
        tip = (crown[0] + reach, crown[1] + fall)
        strand = curve(crown, (crown[0] + reach * 1.05, crown[1] - lift), tip)
        canvas.line(strand, fill, 2.2)
        for px, py in strand[12::2]:
            drop = chance.uniform(9, 19)
            canvas.line([(px, py), (px + chance.uniform(-8, 8), py + drop)], fill, 3.2)


def boat(canvas: Canvas, centre: Point, size: float, hull: Colour, ink: Colour) -> None:
    """A rowing boat with two friends in it, one at the sculls."""
    at = around(centre, size)
    for side, lean in ((-0.42, -1), (0.34, 1)):
        canvas.ellipse(at(side, -0.24), (0.13 * size, 0.22 * size), ink)
        canvas.circle(at(side - 0.03 * lean, -0.52), 0.115 * size, ink)
        canvas.circle(at(side - 0.09, -0.62), 0.045 * size, ink)
        canvas.circle(at(side + 0.06, -0.62), 0.045 * size, ink)
        canvas.ellipse(at(side - 0.13 * lean, -0.5), (0.07 * size, 0.04 * size), ink)
    canvas.line([at(-0.34, -0.26), at(0.06, -0.1), at(-0.2, 0.3)], ink, 0.035 * size)
    canvas.ellipse(at(-0.22, 0.3), (0.06 * size, 0.1 * size), ink)
    rim = curve(at(-1, -0.22), at(0, 0.1), at(1, -0.24))
    keel = curve(at(0.84, 0.1), at(0, 0.42), at(-0.84, 0.1))
    canvas.polygon([*rim, *keel], hull)
    canvas.line(rim, CREAM, 0.035 * size)
    for dy, width in ((0.36, 0.8), (0.45, 0.5), (0.53, 0.25)):
        canvas.line(curve(at(-width, dy), at(0, dy + 0.05), at(width, dy)), hull, 0.025 * size)


def frame(canvas: Canvas, fill: Colour, inset: float = 42) -> None:
    """A double rule around the cover."""
    for gap, width in ((inset, 5), (inset + 14, 1.6)):
        right, bottom = canvas.width - gap, canvas.height - gap
        corners = [(gap, gap), (right, gap), (right, bottom), (gap, bottom), (gap, gap)]
        canvas.line(corners, fill, width)


def river_cover() -> bytes:
    """Evening on the river: two friends in a boat under a willow."""
    canvas = Canvas(1200, 1800)
    canvas.shade((251, 236, 203), (240, 158, 108), 0, 1130)
    canvas.circle((610, 930), 215, (253, 226, 166))
    canvas.circle((610, 930), 165, (255, 240, 202))
    hills(canvas, 1010, 42, 0.6, (150, 154, 134))
    hills(canvas, 1070, 34, 2.1, (92, 124, 112))
    hills(canvas, 1120, 22, 4.0, (50, 92, 86))
    canvas.shade((228, 163, 120), (30, 74, 80), 1160, 1800)
    ripples(canvas, 1165, (246, 206, 156), seed=7)
    willow(canvas, (1060, 1480), 820, (24, 58, 52), seed=3)
    canvas.polygon([*curve((700, 1800), (880, 1440), (1210, 1390)), (1210, 1800)], (20, 48, 46))
    boat(canvas, (420, 1420), 210, (146, 54, 40), INK)
    canvas.text((600, 210), "THE RIVER BANK", 104, INK)
    canvas.line([(430, 292), (770, 292)], INK, 2.5)
    canvas.text((600, 350), "from The Wind in the Willows", 52, INK, italic=True)
    canvas.text((600, 462), "KENNETH GRAHAME", 50, INK)
    frame(canvas, INK)
    return canvas.jpeg()


def picnic() -> bytes:
    """The boat on a bright morning."""
    canvas = Canvas(1200, 800, (247, 243, 228))
    canvas.shade((222, 234, 230), (249, 243, 222), 0, 420)
    canvas.circle((930, 150), 66, (246, 214, 140))
    hills(canvas, 330, 26, 1.2, (170, 190, 160))
    hills(canvas, 390, 20, 3.0, (110, 148, 122))
    canvas.shade((176, 206, 204), (72, 122, 130), 430, 800)
    ripples(canvas, 435, (233, 243, 236), seed=11)
    willow(canvas, (170, 490), 430, (52, 96, 78), seed=5)
    canvas.polygon([*curve((-10, 440), (230, 450), (340, 520)), (-10, 560)], (52, 96, 78))
    boat(canvas, (640, 600), 190, (38, 88, 140), INK)
    return canvas.jpeg()


def trunk(canvas: Canvas, x: float, width: float, fill: Colour, chance: random.Random) -> None:
    """A bare tree from below the picture to above it."""
    bend = x + chance.uniform(-60, 60)
    left = curve((x - width, 820), (bend - 0.35 * width, 420), (x - 0.4 * width, -20))
    right = curve((x + 0.4 * width, -20), (bend + 0.35 * width, 420), (x + width, 820))
    canvas.polygon([*left, *right], fill)
    for _ in range(5):
        height, side = chance.uniform(60, 470), chance.choice((-1, 1))
        reach = chance.uniform(80, 220)
        tip = (x + side * reach, height - chance.uniform(50, 150))
        canvas.line(
            curve((bend, height), (x + side * reach * 0.6, height), tip), fill, width * 0.16
        )


def wild_wood() -> bytes:
    """Snow in the Wild Wood at dusk, and eyes between the trunks."""
    chance = random.Random(19)  # noqa: S311
    canvas = Canvas(1200, 800)
    canvas.shade((92, 108, 128), (202, 205, 204), 0, 800)
    for fill, width, count in (
        ((132, 143, 155), 24, 9),
        ((88, 99, 112), 36, 7),
        ((44, 52, 62), 52, 4),
    ):
        for index in range(count):
            x = (index + chance.uniform(0.15, 0.85)) * 1200 / count
            trunk(canvas, x, width, fill, chance)
    hills(canvas, 705, 16, 1.0, (236, 238, 236))
    for x, y in ((250, 430), (520, 520), (905, 380), (1085, 560)):
        for side in (-15, 15):
            canvas.ellipse((x + side, y), (9, 6), (250, 214, 112))
            canvas.circle((x + side, y), 3, (30, 30, 30))
    for _ in range(420):
        spot = (chance.uniform(0, 1200), chance.uniform(0, 800))
        canvas.circle(spot, chance.uniform(1.5, 4.5), (248, 249, 247))
    return canvas.jpeg()


def crow(canvas: Canvas, centre: Point, size: float, fill: Colour) -> None:
    """A crow that faces left with a cheese in its beak."""
    at = around(centre, size)
    canvas.polygon([at(0.3, -0.15), at(1.5, 0.62), at(1.25, 0.78), at(0.1, 0.42)], fill)
    canvas.ellipse(at(0.05, 0.1), (0.62 * size, 0.42 * size), fill)
    canvas.circle(at(-0.5, -0.33), 0.32 * size, fill)
    canvas.polygon([at(-0.74, -0.5), at(-1.25, -0.2), at(-0.72, -0.2)], (222, 168, 60))
    canvas.polygon(
        [at(-1.5, -0.28), at(-1.02, -0.34), at(-1.1, 0.12), at(-1.42, 0.1)], (250, 213, 96)
    )
    for hole in ((-1.25, -0.12), (-1.33, 0.0), (-1.17, 0.02)):
        canvas.circle(at(*hole), 0.035 * size, (214, 165, 52))
    canvas.circle(at(-0.56, -0.4), 0.07 * size, CREAM)
    canvas.circle(at(-0.57, -0.4), 0.035 * size, (10, 10, 10))
    canvas.line(curve(at(-0.2, 0.05), at(0.3, 0.5), at(0.9, 0.35)), blend(fill, CREAM, 0.25), 4)
    for leg in (-0.05, 0.2):
        canvas.line([at(leg, 0.45), at(leg, 0.75)], fill, 9)


def fox(canvas: Canvas, centre: Point, size: float, fill: Colour) -> None:
    """A fox that sits and looks up to the right."""
    at = around(centre, size)
    tail = [
        *curve(at(-0.35, 0.95), at(-1.5, 1.0), at(-1.3, 0.1)),
        *curve(at(-1.3, 0.1), at(-0.85, 0.5), at(-0.2, 0.6)),
    ]
    canvas.polygon(tail, fill)
    canvas.polygon([at(-1.3, 0.1), at(-1.27, 0.42), at(-1.08, 0.3)], FUR)
    body = [
        *curve(at(0.1, -0.5), at(-0.75, 0.2), at(-0.55, 1)),
        at(0.5, 1),
        *curve(at(0.5, 1), at(0.55, 0.2), at(0.42, -0.4)),
    ]
    canvas.polygon(body, fill)
    canvas.polygon([*curve(at(0.45, -0.25), at(0.1, 0.2), at(0.3, 0.85)), at(0.46, 0.85)], FUR)
    for leg in (0.22, 0.4):
        canvas.polygon(
            [at(leg - 0.07, 0.3), at(leg + 0.09, 0.3), at(leg + 0.11, 1.02), at(leg - 0.05, 1.02)],
            fill,
        )
        canvas.ellipse(at(leg + 0.06, 1.0), (0.11 * size, 0.05 * size), INK)
    fox_head(canvas, centre, size, fill)


def fox_head(canvas: Canvas, centre: Point, size: float, fill: Colour) -> None:
    at = around(centre, size)
    head = [
        at(0.0, -0.55),
        at(0.02, -1.22),
        at(0.3, -0.98),
        at(0.56, -1.2),
        at(0.6, -0.92),
        at(1.06, -1.0),
        at(0.62, -0.45),
        at(0.3, -0.3),
    ]
    canvas.polygon(head, fill)
    canvas.polygon([at(1.06, -1.0), at(0.62, -0.45), at(0.42, -0.4), at(0.66, -0.72)], FUR)
    canvas.circle(at(1.05, -0.99), 0.055 * size, INK)
    canvas.circle(at(0.52, -0.82), 0.045 * size, INK)
    canvas.polygon([at(0.07, -1.05), at(0.09, -0.85), at(0.2, -0.94)], INK)


def branch(canvas: Canvas, leaves: Colour) -> None:
    """A branch that reaches in from the right."""
    wood = [
        *curve((1210, 760), (980, 905), (560, 880)),
        *curve((560, 880), (960, 960), (1210, 860)),
    ]
    canvas.polygon(wood, (84, 58, 40))
    for x, y, tilt in (
        (690, 892, 1),
        (960, 905, 1),
        (1060, 880, 1),
        (1080, 835, -1),
        (610, 884, -1),
    ):
        leaf = [
            *curve((x, y), (x - 45, y + 34 * tilt), (x - 20, y + 84 * tilt)),
            *curve((x - 20, y + 84 * tilt), (x + 42, y + 44 * tilt), (x, y)),
        ]
        canvas.polygon(leaf, leaves)


def fables_cover() -> bytes:
    """The crow with the cheese on a branch, the fox below."""
    green, rust = (38, 78, 66), (196, 84, 40)
    canvas = Canvas(1200, 1800, (246, 232, 200))
    canvas.shade((248, 236, 206), (236, 205, 150), 500, 1800)
    canvas.circle((600, 1080), 400, (249, 222, 164))
    hills(canvas, 1560, 22, 1.7, (128, 148, 96))
    hills(canvas, 1630, 16, 3.3, green)
    branch(canvas, green)
    crow(canvas, (810, 755), 175, (26, 30, 38))
    fox(canvas, (440, 1420), 250, rust)
    canvas.text((600, 205), "FABLES", 176, green)
    canvas.line([(430, 318), (770, 318)], green, 2.5)
    canvas.text((600, 375), "choisies", 62, green, italic=True)
    canvas.text((600, 478), "JEAN DE LA FONTAINE", 52, green)
    frame(canvas, green)
    return canvas.jpeg()
