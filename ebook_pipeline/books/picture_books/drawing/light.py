"""Time of day and weather: the sky, and how both tint all that is not a figure."""

from enum import StrEnum
from random import Random
from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing import scenery
from ebook_pipeline.books.picture_books.drawing.colours import lighter, mix
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
from ebook_pipeline.books.picture_books.drawing.paths import (
    area,
    ellipse,
    plain,
    rectangle,
    stroke,
)
from ebook_pipeline.books.picture_books.trim_sizes import Area


class Time(StrEnum):
    MORNING = "morning"
    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"


class Weather(StrEnum):
    CLEAR = "clear"
    CLOUDY = "cloudy"
    RAIN = "rain"
    SNOW = "snow"
    WIND = "wind"


class Tone(NamedTuple):
    """The sky's colour, its sun or moon, and what is mixed into everything else, and how much."""

    sky: str
    disc: str
    into: str
    share: float


TONES = {
    Time.MORNING: Tone("#fde6cd", "#ffd98a", "#ffd9b8", 0.16),
    Time.DAY: Tone("#bfe5f8", "#ffd65a", "#ffffff", 0.0),
    Time.EVENING: Tone("#f8c193", "#f58a4b", "#e58a5c", 0.24),
    Time.NIGHT: Tone("#2c3a78", "#fff3c4", "#2c3a78", 0.5),
}


def tone(time: Time, weather: Weather) -> Tone:
    """The time's tone, greyer under rain and snow."""
    plain_tone = TONES[time]
    if weather in (Weather.RAIN, Weather.SNOW) and time is not Time.NIGHT:
        return plain_tone._replace(sky=mix(plain_tone.sky, "#b9c6d2", 0.6), share=plain_tone.share)
    return plain_tone


def toned(node: Node, tone: Tone) -> Node:
    """`node` as it looks in this light; what glows or is a mark stays."""
    if tone.share <= 0:
        return node
    if isinstance(node, Shape):
        if node.role is LineArtRole.MARK:
            return node
        colour = mix(node.fill, tone.into, tone.share)
        return Shape(node.d, colour, node.role, node.edge, node.width)
    children = tuple(toned(child, tone) for child in node.children)
    return Group(children, node.transform, node.label)


LARGEST_DISC = 0.085
"""Radius of sun and moon in widths of the page: larger ones draw the eye from the figures."""


class Heavens(NamedTuple):
    """The page, where the sky ends, what must stay free in it, and how large things are."""

    page: Area
    horizon: float
    free: tuple[Area, ...]
    unit: float


def sky(heavens: Heavens, time: Time, weather: Weather, random: Random) -> Group:
    """Sky with bands of light, sun or moon, clouds or stars, all beside the words."""
    light = tone(time, weather)
    page = heavens.page
    nodes: list[Node] = [plain(rectangle(0, 0, page.width, page.height), light.sky)]
    places = _free_places(heavens, random)
    veiled = weather in (Weather.RAIN, Weather.SNOW)
    if places and not veiled:
        x, y = places.pop(0)
        radius = min(62 * heavens.unit, LARGEST_DISC * page.width)
        glow = light.disc if time is Time.NIGHT else lighter(light.disc, 0.75)
        for factor in (2.4, 1.6):
            halo = mix(light.sky, glow, 0.12 if factor > 2 else 0.26)
            nodes.append(_halo(x, y, radius * factor, halo))
        nodes.append(area(ellipse(x, y, radius, radius), light.disc))
    if time is Time.NIGHT:
        nodes.extend(_stars(heavens, random))
    clouds = {Weather.CLEAR: 1, Weather.CLOUDY: 3, Weather.WIND: 2}.get(weather, 3)
    colour = lighter(light.sky, 0.12 if time is Time.NIGHT else 0.62)
    if veiled:
        colour = mix(light.sky, "#7f8fa0", 0.28)
    for x, y in places[:clouds]:
        at = chain(move(x, y), scale(heavens.unit * random.uniform(0.8, 1.2)))
        nodes.append(group(scenery.cloud(random, colour), at=at))
    return group(*nodes)


def falling(page: Area, free: tuple[Area, ...], weather: Weather, random: Random) -> Group:
    """Rain, snow or leaves in front of everything but words and faces."""
    if weather not in (Weather.RAIN, Weather.SNOW, Weather.WIND):
        return group()
    nodes: list[Node] = []
    count = 14 if weather is Weather.WIND else 60
    for _ in range(count):
        x, y = random.uniform(0, page.width), random.uniform(0, page.height)
        spot = Area(x=x - 10, y=y - 14, width=20, height=28)
        if any(spot.meets(other) for other in free):
            continue
        if weather is Weather.RAIN:
            nodes.append(stroke(f"M{x:.1f} {y:.1f}l-4 13", "#7fa6c9", 1.6))
        elif weather is Weather.SNOW:
            radius = random.uniform(2, 4.4)
            nodes.append(area(ellipse(x, y, radius, radius), "#ffffff"))
        else:
            leaf = random.choice(("#e0a03f", "#cf6f3f", "#9ab54a"))
            nodes.append(area(f"M{x:.1f} {y:.1f}q8 -8 16 -2q-6 9 -16 2Z", leaf))
    return group(*nodes)


def glow_worms(page: Area, free: tuple[Area, ...], low: float, random: Random) -> Group:
    """Lights that dance in the air down to `low`, each with its glow, none on words or faces."""
    nodes: list[Node] = []
    for _ in range(110):
        x, y = random.uniform(20, page.width - 20), random.uniform(low * 0.36, low)
        spot = Area(x=x - 12, y=y - 12, width=24, height=24)
        if any(spot.meets(other) for other in free) or len(nodes) >= 64:
            continue
        size = random.uniform(2.2, 4.2)
        nodes.append(_halo(x, y, size * 2.5, "#7d8a62"))
        nodes.append(area(ellipse(x, y, size, size), "#fff59a"))
    return group(*nodes, label="thing:glowworms")


def _halo(x: float, y: float, radius: float, colour: str) -> Shape:
    return Shape(ellipse(x, y, radius, radius), colour, LineArtRole.TINT)


def _free_places(heavens: Heavens, random: Random) -> list[tuple[float, float]]:
    """Points of the sky with room for a cloud beside what must stay free, well apart."""
    page, reach = heavens.page, 74 * heavens.unit
    found: list[tuple[float, float]] = []
    for _ in range(120):
        x = random.uniform(reach * 0.8, page.width - reach * 0.8)
        y = random.uniform(reach + 14, max(reach + 15, heavens.horizon - reach * 0.9))
        spot = Area(x=x - reach, y=y - reach, width=2 * reach, height=2 * reach)
        clear = not any(spot.meets(area_) for area_ in heavens.free)
        if clear and all(abs(x - a) > reach * 2.2 or abs(y - b) > reach * 1.5 for a, b in found):
            found.append((x, y))
        if len(found) == 5:
            break
    return found


def _stars(heavens: Heavens, random: Random) -> list[Shape]:
    stars = []
    for _ in range(46):
        x = random.uniform(0, heavens.page.width)
        y = random.uniform(0, heavens.horizon)
        radius = random.choice((1.2, 1.6, 2.3))
        spot = Area(x=x - 3, y=y - 3, width=6, height=6)
        if not any(spot.meets(other) for other in heavens.free):
            stars.append(area(ellipse(x, y, radius, radius), "#fff6d8"))
    return stars
