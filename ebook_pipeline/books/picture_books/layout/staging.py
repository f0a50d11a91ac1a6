"""Who stands where: sizes and places of figures and things on a stage, and where faces are."""

from random import Random
from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing import props
from ebook_pipeline.books.picture_books.drawing.colours import WATER, lighter
from ebook_pipeline.books.picture_books.drawing.figure import Acting, figure
from ebook_pipeline.books.picture_books.drawing.graph import (
    Affine,
    Group,
    chain,
    group,
    move,
    scale,
)
from ebook_pipeline.books.picture_books.drawing.looks import Mood, Pose
from ebook_pipeline.books.picture_books.drawing.paths import area, ellipse, plain
from ebook_pipeline.books.picture_books.layout.frames import Frame
from ebook_pipeline.books.picture_books.story.cast import Character
from ebook_pipeline.books.picture_books.story.scene import Actor, Scene
from ebook_pipeline.books.picture_books.trim_sizes import Area

_REACH = 306.0
"""A figure with ears, hat and raised arms, in its own units."""
_WIDTH = 216.0
_UNITS = {"close": 1.55, "medium": 1.08, "wide": 0.72}
"""Points per unit of a figure on a page 630 pt high, by shot."""
_SIZES = {"hero": 1.0, "friend": 1.08, "helper": 0.74}
GLOW_WORMS = "glowworms"
"""A thing that is many, in the air: no prop."""
SHADOW = "shadow"
"""A thing that is no prop either: what a light throws behind the hero."""
NO_PROPS = frozenset({GLOW_WORMS, SHADOW})
_SWIMMING = frozenset({"fish", "lotus"})
_FLYING = frozenset({
    "butterfly", "bee", "bird", "sparkles", "notes", "music", "star", "comet", "greycloud",
    "bubbles",
})  # fmt: skip
_TRIES = 5
"""How often figures get smaller until everything that the words name has room beside them."""


class Cue(NamedTuple):
    """One figure's place: feet at x, y; `size` in points per unit; mirrored or not."""

    actor: Actor
    character: Character
    x: float
    y: float
    size: float
    mirrored: bool


class Stage(NamedTuple):
    """All that plays on a page; `heads` must stay free of words."""

    figures: Group
    heads: tuple[Area, ...]
    bodies: tuple[Area, ...]
    feet: float
    unit: float
    things: tuple[Area, ...] = ()


def stage(scene: Scene, cast: dict[str, Character], frame: Frame, random: Random) -> Stage:
    """Figures and things of a scene inside the frame's stage."""
    actors = [actor for actor in scene.actors if actor.role in cast]
    unit = _unit(scene, actors, frame)
    wanted = [name for name in scene.things if name not in NO_PROPS]
    for _ in range(_TRIES):
        feet = _feet(scene, frame, unit)
        cues = _cues(actors, cast, frame, (feet, unit), random)
        things = _things(wanted, frame, cues, (feet, unit), random)
        if len(things) == len(wanted):
            break
        unit *= 0.88
    nodes = [(cue.y, _drawn(cue, cues)) for cue in cues]
    nodes += [(feet + 6 * unit, thing.drawn) for thing in things]
    drawn = [node for _, node in sorted(nodes, key=lambda pair: pair[0])]
    return Stage(
        figures=group(*drawn),
        heads=tuple(_head(cue) for cue in cues),
        bodies=tuple(_body(cue) for cue in cues),
        feet=feet,
        unit=unit,
        things=tuple(thing.area for thing in things),
    )


def _unit(scene: Scene, actors: list[Actor], frame: Frame) -> float:
    """As large as the shot wants and the stage allows."""
    wanted = _UNITS[scene.shot] * min(frame.page.height, frame.page.width * 1.1) / 630
    largest = max((_SIZES[actor.role] for actor in actors), default=1.0)
    total = sum(_SIZES[actor.role] for actor in actors) or 1.0
    tallest = frame.stage.height / (_REACH * largest)
    widest = frame.stage.width / (_WIDTH * total)
    return min(wanted, tallest, widest)


def _feet(scene: Scene, frame: Frame, unit: float) -> float:
    bottom = frame.stage.bottom
    slack = max(0.0, frame.stage.height - _REACH * unit)
    return bottom - min(slack * 0.35, (0.10 if scene.shot != "wide" else 0.14) * frame.page.height)


def _cues(
    actors: list[Actor],
    cast: dict[str, Character],
    frame: Frame,
    measures: tuple[float, float],
    random: Random,
) -> list[Cue]:
    feet, unit = measures
    ordered = sorted(actors, key=lambda actor: ("friend", "hero", "helper").index(actor.role))
    if random.random() < 0.5 and len(ordered) == 2:
        ordered.reverse()
    total = sum(_SIZES[actor.role] for actor in ordered) * _WIDTH * unit
    room = frame.stage.width - total
    share = random.uniform(0.3, 0.7) if len(ordered) == 1 else 0.5
    gap = min(room / (len(ordered) + 1), 40 * unit) if len(ordered) > 1 else 0
    x = frame.stage.x + (room - gap * (len(ordered) - 1)) * share
    cues = []
    for index, actor in enumerate(ordered):
        size = unit * _SIZES[actor.role]
        middle = x + _WIDTH * size / 2
        y = feet - (index % 2) * 5 * unit
        mirrored = len(ordered) > 1 and middle > frame.stage.middle
        cues.append(Cue(actor, cast[actor.role], middle, y, size, mirrored))
        x += _WIDTH * size + gap
    return cues


def _at(cue: Cue) -> Affine:
    flip = -1.0 if cue.mirrored else 1.0
    return chain(move(cue.x, cue.y), scale(cue.size * flip, cue.size))


def _drawn(cue: Cue, cues: list[Cue]) -> Group:
    actor = cue.actor
    holding = props.held(actor.holding, 92) if actor.holding else None
    pose = _handed(actor)
    acting = Acting(actor.mood, pose, _gaze(cue, cues), holding)
    return group(figure(cue.character.looks, acting), at=_at(cue), label=f"actor:{actor.role}")


def _handed(actor: Actor) -> Pose:
    """Who holds something has it before the body, unless the pose shows it anyway."""
    if actor.holding and actor.pose is Pose.SIT:
        return Pose.CRADLE
    if actor.holding and actor.pose in (Pose.STAND, Pose.HUG, Pose.THINK, Pose.WALK):
        return Pose.HOLD
    return actor.pose


def _gaze(cue: Cue, cues: list[Cue]) -> tuple[float, float]:
    """Towards the others, or ahead; the sad look down, the thoughtful up."""
    others = [other for other in cues if other is not cue]
    x = 0.45
    if others:
        nearest = min(others, key=lambda other: abs(other.x - cue.x))
        side = 1.0 if nearest.x > cue.x else -1.0
        x = side * 0.75 * (-1 if cue.mirrored else 1)
    y = {Mood.SAD: 0.7, Mood.SHY: 0.5, Mood.THOUGHTFUL: -0.7, Mood.PROUD: -0.2}.get(
        cue.actor.mood, 0.0
    )
    return x, y


def _head(cue: Cue) -> Area:
    size = cue.size
    return Area(x=cue.x - 66 * size, y=cue.y - 212 * size, width=132 * size, height=116 * size)


def _body(cue: Cue) -> Area:
    size = cue.size
    return Area(x=cue.x - 92 * size, y=cue.y - 214 * size, width=184 * size, height=214 * size)


class _Thing(NamedTuple):
    drawn: Group
    area: Area


def _things(
    names: list[str], frame: Frame, cues: list[Cue], measures: tuple[float, float], random: Random
) -> list[_Thing]:
    """Things at the feet beside the figures; what flies is beside their heads."""
    feet, unit = measures
    figures = [(cue.x - 84 * cue.size, cue.x + 84 * cue.size) for cue in cues]
    spans = {True: list(figures), False: list(figures)}  # in the air, and on the ground
    placed: list[_Thing] = []
    for name in names:
        wanted = _size(name, names.count(name)) * unit
        taken = spans[name in _FLYING]
        fits = _fitting_gap(wanted, name in _SWIMMING, taken, frame.stage, random)
        if fits is None:
            continue
        x, half, size = fits
        taken.append((x - half, x + half))
        y = feet - 150 * unit if name in _FLYING else feet + 6 * unit
        drawn = group(_standing(name, size), at=move(x, y), label=f"thing:{name}")
        placed.append(_Thing(drawn, Area(x=x - half, y=y - size, width=2 * half, height=size)))
    return placed


def _fitting_gap(
    wanted: float,
    swims: bool,
    taken: list[tuple[float, float]],
    stage_area: Area,
    random: Random,
) -> tuple[float, float, float] | None:
    """Where there is room, half of what is taken, and the size: as wanted, else smaller."""
    for share in (1.0, 0.8, 0.64, 0.5):
        size = wanted * share
        half = size * (0.86 if swims else 0.46)
        x = _gap(taken, stage_area, half, random)
        if x is not None:
            return x, half, size
    return None


def _size(name: str, count: int) -> float:
    """In units of figures: small things are shown larger than they are, unless there are many."""
    size = props.props()[name].size
    grown = 1.75 if size < 70 else 1.25
    return size * (grown if count == 1 else 1.25)


def _standing(name: str, size: float) -> Group:
    """The thing with its foot at 0, 0; what swims is in water."""
    if name not in _SWIMMING:
        return props.standing(name, size)
    drops = ((-0.62, -0.42), (0.6, -0.5), (0.74, -0.2), (-0.74, -0.16)) if name == "fish" else ()
    lift = -0.22 * size if name == "fish" else 0.06 * size
    return group(
        area(ellipse(0, -0.1 * size, 0.86 * size, 0.26 * size), WATER),
        plain(ellipse(0, -0.1 * size, 0.56 * size, 0.13 * size), lighter(WATER, 0.35)),
        group(props.standing(name, size), at=move(0, lift)),
        *(area(ellipse(x * size, y * size, 0.045 * size, 0.06 * size), WATER) for x, y in drops),
    )


def _gap(
    taken: list[tuple[float, float]], stage_area: Area, half: float, random: Random
) -> float | None:
    """An x with room for twice `half`, nearest to the figures; None where there is none."""
    spots: list[float] = []
    for left, right in taken or [(stage_area.x, stage_area.x)]:
        spots += [left - half - 4, right + half + 4]
    random.shuffle(spots)
    for x in spots:
        inside = stage_area.x + half <= x <= stage_area.right - half
        if inside and all(x + half <= left + 1 or x - half >= right - 1 for left, right in taken):
            return x
    return None
