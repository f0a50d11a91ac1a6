"""Who stands where: sizes and places of figures and things on a stage, and where faces are."""

from random import Random
from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing import props
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
_FLYING = frozenset({"butterfly", "bee", "bird", "sparkles", "notes", "music", "star", "comet"})


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


def stage(scene: Scene, cast: dict[str, Character], frame: Frame, random: Random) -> Stage:
    """Figures and things of a scene inside the frame's stage."""
    actors = [actor for actor in scene.actors if actor.role in cast]
    unit = _unit(scene, actors, frame)
    feet = _feet(scene, frame, unit)
    cues = _cues(actors, cast, frame, (feet, unit), random)
    nodes = [(cue.y, _drawn(cue, cues)) for cue in cues]
    nodes += _things(scene, frame, cues, (feet, unit), random)
    drawn = [node for _, node in sorted(nodes, key=lambda pair: pair[0])]
    return Stage(
        figures=group(*drawn),
        heads=tuple(_head(cue) for cue in cues),
        bodies=tuple(_body(cue) for cue in cues),
        feet=feet,
        unit=unit,
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
        mirrored = len(ordered) > 1 and middle > frame.stage.x + frame.stage.width / 2
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
    if actor.holding and actor.pose in (Pose.STAND, Pose.SIT, Pose.HUG, Pose.THINK, Pose.WALK):
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


def _things(
    scene: Scene, frame: Frame, cues: list[Cue], measures: tuple[float, float], random: Random
) -> list[tuple[float, Group]]:
    """Things at the feet beside the figures; what flies is beside their heads."""
    feet, unit = measures
    taken = [(cue.x - 84 * cue.size, cue.x + 84 * cue.size) for cue in cues]
    nodes: list[tuple[float, Group]] = []
    for name in scene.things:
        if name == GLOW_WORMS:
            continue
        size = props.props()[name].size * (1.75 if props.props()[name].size < 70 else 1.25) * unit
        half = size * 0.46
        x = _gap(taken, frame.stage, half, random)
        if x is None:
            continue
        taken.append((x - half, x + half))
        y = feet - 150 * unit if name in _FLYING else feet + 6 * unit
        piece = group(props.standing(name, size), at=move(x, y), label=f"thing:{name}")
        nodes.append((feet + 6 * unit, piece))
    return nodes


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
