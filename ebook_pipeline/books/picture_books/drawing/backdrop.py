"""A place drawn behind and around a stage: sky or wall, horizon, ground, what stands there."""

import itertools
from random import Random
from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing import props, scenery
from ebook_pipeline.books.picture_books.drawing.colours import WATER, darker, lighter, mix
from ebook_pipeline.books.picture_books.drawing.graph import (
    Group,
    Node,
    Role,
    Shape,
    chain,
    group,
    move,
    scale,
)
from ebook_pipeline.books.picture_books.drawing.light import (
    Heavens,
    Time,
    Weather,
    sky,
    tone,
    toned,
)
from ebook_pipeline.books.picture_books.drawing.paths import (
    area,
    ellipse,
    plain,
    rectangle,
    stroke,
)
from ebook_pipeline.books.picture_books.drawing.places import PLACES, Indoors, Outdoors
from ebook_pipeline.books.picture_books.trim_sizes import BLEED, Area


class View(NamedTuple):
    """What the picture shows: the page, where horizon and feet are, points per unit of figures.

    Nothing that draws the eye lies in `free`; nothing at all rises into `words`; no tree grows out
    of one of `heads`; nothing large stands before `figures` and what they hold.
    """

    page: Area
    horizon: float
    feet: float
    unit: float
    free: tuple[Area, ...] = ()
    words: Area | None = None
    heads: tuple[Area, ...] = ()
    figures: tuple[Area, ...] = ()


class Backdrop(NamedTuple):
    """`behind` the figures and `before` them."""

    behind: Group
    before: Group


def backdrop(place: str, time: Time, weather: Weather, view: View, random: Random) -> Backdrop:
    """The place in this light. Raises KeyError for an unknown one."""
    known = PLACES[place]
    if isinstance(known, Indoors):
        return _indoors(known, time, view, random)
    return _outdoors(known, time, weather, view, random)


def _outdoors(
    place: Outdoors, time: Time, weather: Weather, view: View, random: Random
) -> Backdrop:
    light = tone(time, weather)
    grass = mix(place.grass, "#f6fafd", 0.75) if weather is Weather.SNOW else place.grass
    heavens = Heavens(view.page, view.horizon, view.free, view.unit)
    land = [
        _horizon(place, grass, view, random),
        _row(place.behind, view, random),
        *_grounds(place, grass, view, random),
        *([_old_tree(view, random)] if place.old_tree else []),
        _scatter(place, grass, view, random),
    ]
    before = _corners(place, view, random)
    return Backdrop(
        group(sky(heavens, time, weather, random), *(toned(node, light) for node in land)),
        group(toned(before, light)),
    )


def _horizon(place: Outdoors, grass: str, view: View, random: Random) -> Group:
    page, unit = view.page, view.unit
    depth = page.height - view.horizon + 20
    at = move(0, view.horizon)
    if place.horizon == "sea":
        sea = plain(rectangle(-20, -34 * unit, page.width + 40, depth), "#6db9d8")
        waves = [
            Shape(f"M{x} {y}q12 -8 24 0q12 8 24 0", "#a9dbec", Role.STROKE, width=2.2)
            for x, y in (
                (random.uniform(0, page.width), random.uniform(-20, 40) * unit) for _ in range(9)
            )
        ]
        return group(sea, *waves, at=at)
    if place.horizon == "mountains":
        peaks = scenery.mountains(page.width / unit, 300, "#9fb3cf", random)
        return group(group(peaks, at=scale(unit)), at=at)
    colour = {"trees": mix(grass, "#3f7f5f", 0.55), "dunes": mix(grass, "#d9a45f", 0.4)}.get(
        place.horizon, mix(grass, "#cfe8dc", 0.45)
    )
    far = scenery.ground(page.width, depth, 34 * unit, colour, random)
    near = scenery.ground(page.width, depth, 24 * unit, mix(colour, grass, 0.5), random)
    return group(group(far, at=move(0, -38 * unit)), group(near, at=move(0, -4 * unit)), at=at)


def _row(names: tuple[str, ...], view: View, random: Random) -> Group:
    """Things on the horizon, left to right, not all over each other."""
    nodes = []
    step = 215 * view.unit * (_FEW if _AFLOAT.intersection(names) else 1)
    x = random.uniform(0.1, 0.6) * step
    while x < view.page.width:
        name = random.choice(names)
        size = view.unit * random.uniform(0.62, 0.86)
        y = view.horizon + random.uniform(4, 26) * view.unit
        at = x if name in _AFLOAT else _beside_heads(x, 70 * size, view)
        tall = Area(x=at - 100 * size, y=y - 370 * size, width=200 * size, height=370 * size)
        if view.words is None or not tall.meets(view.words):
            nodes.append((y, group(_thing(name, random), at=chain(move(at, y), scale(size)))))
        x = max(x, at) + step * random.uniform(0.75, 1.35)
    return group(*(node for _, node in sorted(nodes, key=lambda pair: pair[0])))


_AFLOAT = frozenset({"sailboat", "ship"})
_FEW = 2.4
"""Times as far apart as trees: a sea full of one boat looks stamped."""


def _beside_heads(x: float, half: float, view: View) -> float:
    """`x` moved so that what is `half` wide to each side of it stands beside a head, not above."""
    for head in view.heads:
        if x + half > head.x and x - half < head.right:
            left, right = head.x - half, head.right + half
            x = left if x - left < right - x else right
    return x


def _old_tree(view: View, random: Random) -> Node:
    """At the side that has more room, or behind the last of three; its roots a little behind the figures' feet."""
    width, middles = view.page.width, [head.x + head.width / 2 for head in view.heads]
    if len(middles) > 2:  # whoever is found sits between the roots
        x = min(middles[-1] + 50 * view.unit, 0.9 * width)
    else:
        x = width * (0.2 if sum(middles) > len(middles) * width / 2 else 0.8)
    at = chain(move(x, view.feet - 26 * view.unit), scale(view.unit))
    return group(scenery.old_tree(random), at=at)


def _grounds(place: Outdoors, grass: str, view: View, random: Random) -> list[Node]:
    """Grass behind and before; water and fence between; a path where figures walk."""
    page, unit = view.page, view.unit
    depth = page.height - view.horizon + 60
    lines = [view.horizon + (view.feet - view.horizon) * share for share in (0.32, 0.72)]
    nodes: list[Node] = []
    for y, share in zip(lines, (0.0, 0.14), strict=True):
        colour = mix(grass, darker(grass, 0.5), share)
        ground = scenery.ground(page.width, depth, 12 * unit, colour, random)
        nodes.append(group(ground, at=move(0, y)))
    if place.water == "pond":
        nodes.insert(1, _pond(view, _pond_area(view)))
    if place.water == "river":
        nodes.insert(1, _river(view, lines[0]))
    if place.fenced:
        at = chain(move(0, lines[0] + 16 * unit), scale(unit * 0.8))
        nodes.insert(1, group(scenery.fence(page.width / unit / 0.8 + 40), at=at))
    if place.path:
        nodes.append(_path(view, mix(grass, "#ead9ae", 0.8)))
    return nodes


def _pond_area(view: View) -> Area:
    """Beside the middle of the page where figures are not, between horizon and feet."""
    width, unit = view.page.width, view.unit
    middle = sum(head.x + head.width / 2 for head in view.heads) / max(1, len(view.heads))
    x = width * (0.42 if middle > width / 2 else 0.58)
    y = view.horizon + (view.feet - view.horizon) * 0.52
    return Area(x=x - width * 0.36, y=y - 44 * unit, width=width * 0.72, height=88 * unit)


def _pond(view: View, lies: Area) -> Node:
    x, y = lies.x + lies.width / 2, lies.y + lies.height / 2
    ripples: list[Node] = [
        Shape(f"M{x + d} {y + e}q10 -6 20 0q10 6 20 0", lighter(WATER, 0.5), Role.STROKE, width=2)
        for d, e in ((-60, -6), (20, 8), (60, -12))
    ]
    lilies = [
        group(
            props.standing("lotus", 30 * view.unit),
            at=move(x + lies.width * dx, y + dy * view.unit),
        )
        for dx, dy in ((-0.36, 2), (0.3, 12), (0.38, -4))
    ]
    water = area(ellipse(x, y, lies.width / 2, lies.height / 2), WATER)
    return group(water, *ripples, *lilies)


def _path(view: View, colour: str) -> Node:
    """From edge to edge, under the feet."""
    w, u, y = view.page.width, view.unit, view.feet - 14 * view.unit
    upper = (
        f"M-20 {y}Q{w * 0.28:.1f} {y - 16 * u:.1f} {w * 0.5:.1f} {y:.1f}T{w + 20} {y - 6 * u:.1f}"
    )
    lower = f"V{y + 34 * u:.1f}Q{w * 0.74:.1f} {y + 54 * u:.1f} {w * 0.46:.1f} {y + 36 * u:.1f}"
    return plain(f"{upper}{lower}T-20 {y + 40 * u:.1f}Z", colour)


def _river(view: View, y: float) -> Node:
    w, h = view.page.width, 26 * view.unit
    upper = f"M-20 {y}Q{w * 0.3} {y - h} {w * 0.5} {y}T{w + 20} {y}"
    lower = f"V{y + 2 * h}Q{w * 0.7} {y + 3 * h} {w * 0.45} {y + 2 * h}T-20 {y + 2 * h}Z"
    return plain(upper + lower, WATER)


_NO_FOOT = BLEED + 15.0
"""Points at the foot of the page where nothing ends: a line at the cut looks cut off."""


def _scatter(place: Outdoors, grass: str, view: View, random: Random) -> Group:
    """Tufts and small things on the ground, the nearer the larger, none under the feet's line."""
    nodes = []
    bare = _bare(place, view)
    top = view.horizon + (view.feet - view.horizon) * 0.5
    for index in range(18):
        y = random.uniform(top, view.page.height - _NO_FOOT)
        x = random.uniform(10, view.page.width - 10)
        spot = Area(x=x - 16, y=y - 34 * view.unit, width=32, height=36 * view.unit)
        if any(spot.meets(other) for other in (*view.free, *bare)):
            continue
        grown = 0.6 + 0.5 * (y - top) / max(1.0, view.page.height - top)
        is_thing = index % 2 == 0
        piece = (
            _thing(random.choice(place.scattered), random)
            if is_thing
            else scenery.tuft(random, grass)
        )
        nodes.append((y, group(piece, at=chain(move(x, y), scale(view.unit * grown * 0.8)))))
    return group(*(node for _, node in sorted(nodes, key=lambda pair: pair[0])))


def _bare(place: Outdoors, view: View) -> list[Area]:
    """Where nothing grows: water, and the path."""
    unit, feet = view.unit, view.feet
    path = Area(x=0, y=feet - 20 * unit, width=view.page.width, height=50 * unit)
    return [
        *([_pond_area(view)] if place.water == "pond" else []),
        *([path] if place.path else []),
    ]


_CORNERS = {
    "house": (250, 260), "appletree": (210, 320), "round": (210, 320), "pine": (180, 370),
    "palm": (220, 300),
}  # fmt: skip
"""Widths and heights of what stands before the figures and is larger than others there."""


def _corners(place: Outdoors, view: View, random: Random) -> Group:
    """One or two larger things at the sides of the stage, a step before the figures' line."""
    nodes = []
    sides = [0.04, 0.96]
    random.shuffle(sides)
    for side in sides[: random.randint(1, 2)]:
        name = random.choice(place.beside)
        y = view.feet + random.uniform(-30, 10) * view.unit
        x = view.page.width * side
        wide, high = _CORNERS.get(name, (180, 200))
        spot = Area(
            x=x - wide / 2 * view.unit,
            y=y - high * view.unit,
            width=wide * view.unit,
            height=(high + 10) * view.unit,
        )
        if not any(spot.meets(other) for other in (*view.free, *view.figures)):
            nodes.append(group(_thing(name, random), at=chain(move(x, y), scale(view.unit))))
    return group(*nodes)


def _thing(name: str, random: Random) -> Group:
    piece = scenery.PIECES.get(name)
    return piece(random) if piece else props.standing(name)


def _indoors(place: Indoors, time: Time, view: View, random: Random) -> Backdrop:
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
        nodes.append(
            Shape(
                ellipse(page.width / 2, y, page.width * 0.29, 30 * unit),
                lighter(place.rug, 0.4),
                Role.AREA,
            )
        )
    nodes.append(_at_the_wall(place, view, base, time, random))
    dim = light._replace(share=light.share * 0.7)
    return Backdrop(group(*(toned(node, dim) for node in nodes)), group())


def _pattern(place: Indoors, view: View, base: float) -> list[Node]:
    page, unit = view.page, view.unit
    colour = lighter(place.wall, 0.28)
    step = 62 * unit
    columns = range(int(page.width / step) + 2)
    if place.pattern == "stripes":
        return [Shape(rectangle(x * step, 0, step / 2.4, base), colour, Role.TINT) for x in columns]
    if place.pattern == "dots":
        rows = range(int(base / step) + 1)
        return [
            Shape(
                ellipse(x * step + (y % 2) * step / 2, y * step + 12, 5 * unit, 5 * unit),
                colour,
                Role.TINT,
            )
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
        nodes.append(group(_thing(name, random), at=chain(move(x, base + 14 * unit), scale(size))))
    for name in sorted(place.hung, reverse=True):  # a window before a picture
        spot = _hanging_spot(view, base, taken)
        if spot is None:
            continue
        taken.append(spot)
        size = spot.width / 150
        piece = _window(time) if name == "window" else props.standing(name, 90)
        at = chain(move(spot.x + spot.width / 2, spot.bottom - 40 * size), scale(size))
        nodes.append(group(piece, at=at))
    return group(*nodes)


def _hanging_spot(view: View, base: float, taken: list[Area]) -> Area | None:
    """A place on the wall that meets nothing of `taken`, smaller where there is little room."""
    places = itertools.product((1.0, 0.75, 0.55), (190, 270, 350), (0.66, 0.34, 0.5, 0.8, 0.2))
    for smaller, lift, share in places:
        size = smaller * view.unit
        x, y = view.page.width * share, base - lift * view.unit
        spot = Area(x=x - 75 * size, y=y - 90 * size, width=150 * size, height=190 * size)
        if spot.y > _NO_FOOT and not any(spot.meets(other) for other in taken):
            return spot
    return None


def _off_the_cut(x: float, half: float, width: float) -> float:
    """Nothing ends in the bleed or close to the cut: it stands on the page or goes beyond it."""
    if -2 < x - half < _NO_FOOT:
        return _NO_FOOT + half
    if -2 < width - x - half < _NO_FOOT:
        return width - _NO_FOOT - half
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
