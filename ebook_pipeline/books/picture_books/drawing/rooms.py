"""A place within walls: the wall and its pattern, the floor, furniture, windows and pictures."""

import itertools
from random import Random

from ebook_pipeline.books.picture_books.drawing import props, scenery
from ebook_pipeline.books.picture_books.drawing.colours import darker, lighter
from ebook_pipeline.books.picture_books.drawing.graph import Group, Node, chain, group, move, scale
from ebook_pipeline.books.picture_books.drawing.light import Time, Weather, tone, toned
from ebook_pipeline.books.picture_books.drawing.paths import (
    area,
    ellipse,
    plain,
    rectangle,
    stroke,
    tint,
)
from ebook_pipeline.books.picture_books.drawing.places import Indoors
from ebook_pipeline.books.picture_books.drawing.view import CLEAR_OF_CUT, Backdrop, View
from ebook_pipeline.books.picture_books.trim_sizes import Area


def room(place: Indoors, time: Time, view: View, random: Random) -> Backdrop:
    """A wall and a floor, furniture along the wall, what hangs there; all behind the figures."""
    light = tone(time, Weather.CLEAR)
    page, unit = view.page, view.unit
    base = view.horizon + (view.feet - view.horizon) * 0.35
    nodes: list[Node] = [plain(rectangle(0, 0, page.width, page.height), place.wall)]
    nodes += _pattern(place, view, base)
    nodes.append(plain(rectangle(-5, base, page.width + 10, page.height - base + 5), place.floor))
    if place.pattern != "stone":
        nodes.append(
            area(
                rectangle(-5, base - 12 * unit, page.width + 10, 12 * unit),
                lighter(place.wall, 0.5),
            )
        )
    if place.rug:
        y = view.feet + 4 * unit
        nodes.append(area(ellipse(page.width / 2, y, page.width * 0.36, 40 * unit), place.rug))
        inner = ellipse(page.width / 2, y, page.width * 0.29, 30 * unit)
        nodes.append(plain(inner, lighter(place.rug, 0.4)))
    nodes.append(_at_the_wall(place, view, base, time, random))
    dim = light._replace(share=light.share * 0.7)
    return Backdrop(group(*(toned(node, dim) for node in nodes)), group())


def _pattern(place: Indoors, view: View, base: float) -> list[Node]:
    page, unit = view.page, view.unit
    colour = lighter(place.wall, 0.28)
    step = 62 * unit
    columns = range(int(page.width / step) + 2)
    if place.pattern == "stripes":
        return [tint(rectangle(x * step, 0, step / 2.4, base), colour) for x in columns]
    if place.pattern == "dots":
        rows = range(int(base / step) + 1)
        return [
            tint(ellipse(x * step + (y % 2) * step / 2, y * step + 12, 5 * unit, 5 * unit), colour)
            for y in rows
            for x in columns
        ]
    if place.pattern == "boards":
        count = max(1, round(page.width / step))
        joints = [(number + 0.5) * page.width / count for number in range(count)]  # none at the cut
        return [stroke(f"M{x:.1f} 0V{base:.1f}", darker(place.wall, 0.18), 2) for x in joints]
    if place.pattern == "stone":
        arch = f"M-10 {base + 30}V0H{page.width + 10}V{base + 30}Q{page.width * 0.86} 60 {page.width / 2} 54Q{page.width * 0.14} 60 -10 {base + 30}Z"
        return [plain(arch, darker(place.wall, 0.35))]
    return []


def _at_the_wall(place: Indoors, view: View, base: float, time: Time, random: Random) -> Group:
    """Furniture left and right, pictures and windows where no words are."""
    nodes: list[Node] = []
    page, unit = view.page, view.unit
    spots = [0.12, 0.88, 0.5][: len(place.furniture)]
    taken = list(view.free)
    for share, name in zip(spots, place.furniture, strict=False):
        size = unit * (0.95 if name in scenery.PIECES else 1.75)
        wide = size * (scenery.WIDTHS.get(name) or props.props()[name].size)
        high = size * 330 if name in scenery.PIECES else wide
        x = _off_the_cut(page.width * share, wide / 2, page.width)
        full = 1.0 if name in scenery.PIECES else 0.66  # icons do not fill their grid
        taken.append(
            Area(x=x - full * wide / 2, y=base - full * high, width=full * wide, height=full * high)
        )
        nodes.append(
            group(scenery.standing(name, random), at=chain(move(x, base + 14 * unit), scale(size)))
        )
    for name in sorted(place.hung, reverse=True):  # a window before a picture
        spot = _hanging_spot(view, base, taken)
        if spot is None:
            continue
        taken.append(spot)
        size = spot.width / 150
        piece = _window(time) if name == "window" else props.standing(name, 90)
        at = chain(move(spot.middle, spot.bottom - 40 * size), scale(size))
        nodes.append(group(piece, at=at))
    return group(*nodes)


def _hanging_spot(view: View, base: float, taken: list[Area]) -> Area | None:
    """A place on the wall that meets nothing of `taken`, smaller where there is little room."""
    places = itertools.product((1.0, 0.75, 0.55), (190, 270, 350), (0.66, 0.34, 0.5, 0.8, 0.2))
    for smaller, lift, share in places:
        size = smaller * view.unit
        x, y = view.page.width * share, base - lift * view.unit
        spot = Area(x=x - 75 * size, y=y - 90 * size, width=150 * size, height=190 * size)
        if spot.y > CLEAR_OF_CUT and not any(spot.meets(other) for other in taken):
            return spot
    return None


def _off_the_cut(x: float, half: float, width: float) -> float:
    """Nothing ends in the bleed or close to the cut: it stands on the page or goes beyond it."""
    if -2 < x - half < CLEAR_OF_CUT:
        return CLEAR_OF_CUT + half
    if -2 < width - x - half < CLEAR_OF_CUT:
        return width - CLEAR_OF_CUT - half
    return x


def _window(time: Time) -> Group:
    """130 wide, its sill at 0, 0; what is outside is the time."""
    frame, light = "#fbf4e6", tone(time, Weather.CLEAR)
    disc = ellipse(24, -92, 17, 17)
    return group(
        area(rectangle(-66, -140, 132, 140, 8), frame),
        plain(rectangle(-56, -130, 112, 120), light.sky),
        area(disc, light.disc),
        stroke("M0 -130v120M-56 -70h112", frame, 7),
        area(rectangle(-74, -6, 148, 12, 4), frame),
        area("M-78 -150H-34Q-40 -70 -78 -30Z", "#e98a7a"),
        area("M78 -150H34Q40 -70 78 -30Z", "#e98a7a"),
    )
