"""A place drawn behind and around a stage: sky, horizon, ground, what stands there; or a room."""

from random import Random

from ebook_pipeline.books.picture_books.drawing import props, scenery
from ebook_pipeline.books.picture_books.drawing.colours import WATER, darker, lighter, mix
from ebook_pipeline.books.picture_books.drawing.graph import (
    Group,
    LineArtRole,
    Node,
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
)
from ebook_pipeline.books.picture_books.drawing.places import PLACES, Indoors, Outdoors
from ebook_pipeline.books.picture_books.drawing.rooms import room
from ebook_pipeline.books.picture_books.drawing.view import CLEAR_OF_CUT, Backdrop, View
from ebook_pipeline.books.picture_books.trim_sizes import Area


def backdrop(place: str, time: Time, weather: Weather, view: View, random: Random) -> Backdrop:
    """The place in this light. Raises KeyError for an unknown one."""
    known = PLACES[place]
    if isinstance(known, Indoors):
        return room(known, time, view, random)
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
            Shape(f"M{x} {y}q12 -8 24 0q12 8 24 0", "#a9dbec", LineArtRole.STROKE, width=2.2)
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
            nodes.append(
                (y, group(scenery.standing(name, random), at=chain(move(at, y), scale(size))))
            )
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
    width, middles = view.page.width, [head.middle for head in view.heads]
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
    middle = sum(head.middle for head in view.heads) / max(1, len(view.heads))
    x = width * (0.42 if middle > width / 2 else 0.58)
    y = view.horizon + (view.feet - view.horizon) * 0.52
    return Area(x=x - width * 0.36, y=y - 44 * unit, width=width * 0.72, height=88 * unit)


def _pond(view: View, lies: Area) -> Node:
    x, y = lies.middle, lies.y + lies.height / 2
    ripples: list[Node] = [
        Shape(
            f"M{x + d} {y + e}q10 -6 20 0q10 6 20 0",
            lighter(WATER, 0.5),
            LineArtRole.STROKE,
            width=2,
        )
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


def _scatter(place: Outdoors, grass: str, view: View, random: Random) -> Group:
    """Tufts and small things on the ground, the nearer the larger, none under the feet's line."""
    nodes = []
    bare = _bare(place, view)
    top = view.horizon + (view.feet - view.horizon) * 0.5
    for index in range(18):
        y = random.uniform(top, view.page.height - CLEAR_OF_CUT)
        x = random.uniform(10, view.page.width - 10)
        spot = Area(x=x - 16, y=y - 34 * view.unit, width=32, height=36 * view.unit)
        if any(spot.meets(other) for other in (*view.free, *bare)):
            continue
        grown = 0.6 + 0.5 * (y - top) / max(1.0, view.page.height - top)
        is_thing = index % 2 == 0
        piece = (
            scenery.standing(random.choice(place.scattered), random)
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
            nodes.append(
                group(scenery.standing(name, random), at=chain(move(x, y), scale(view.unit)))
            )
    return group(*nodes)
