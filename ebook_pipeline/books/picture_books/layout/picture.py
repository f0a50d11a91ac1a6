"""A scene in a frame as one scene graph: backdrop, figures, what is before them, paper."""

from random import Random
from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing import scenery
from ebook_pipeline.books.picture_books.drawing.backdrop import backdrop
from ebook_pipeline.books.picture_books.drawing.graph import (
    Group,
    chain,
    group,
    move,
    scale,
)
from ebook_pipeline.books.picture_books.drawing.light import Weather, falling, glow_worms, tone
from ebook_pipeline.books.picture_books.drawing.looks import Pose
from ebook_pipeline.books.picture_books.drawing.places import PLACES, Indoors
from ebook_pipeline.books.picture_books.drawing.view import View
from ebook_pipeline.books.picture_books.layout import bed
from ebook_pipeline.books.picture_books.layout.frames import Frame, FrameKind
from ebook_pipeline.books.picture_books.layout.staging import GLOW_WORMS, SHADOW, Stage, stage
from ebook_pipeline.books.picture_books.story.cast import Character
from ebook_pipeline.books.picture_books.story.scene import Scene
from ebook_pipeline.books.picture_books.trim_sizes import Area


class Picture(NamedTuple):
    """The graph; where heads and whole figures are; the colour that words in the sky lie on."""

    graph: Group
    heads: tuple[Area, ...]
    bodies: tuple[Area, ...]
    ground: str


def picture(scene: Scene, cast: dict[str, Character], frame: Frame, random: Random) -> Picture:
    """The scene as this page shows it."""
    played = _asleep(scene, cast, frame) or stage(scene, cast, frame, random)
    words = _grown(frame.words) if frame.words.width else None
    free = (*played.heads, *played.things, *([words] if words else []))
    horizon = _horizon(frame, played)
    view = View(
        frame.page, horizon, played.feet, played.unit, free, words, played.heads, _held_too(played)
    )
    behind, before = backdrop(scene.place, scene.time, scene.weather, view, random)
    inside = isinstance(PLACES[scene.place], Indoors)
    weather = Weather.CLEAR if inside else scene.weather
    graph = group(
        behind,
        *_glowing(scene, frame, free, played, random),
        *_shadow(scene, frame, played),
        played.figures,
        before,
        falling(frame.page, free, weather, random),
        frame.over,
    )
    return Picture(graph, played.heads, played.bodies, _ground(scene, frame))


def _glowing(
    scene: Scene, frame: Frame, free: tuple[Area, ...], played: Stage, random: Random
) -> list[Group]:
    if GLOW_WORMS not in scene.things:
        return []
    return [glow_worms(frame.page, free, played.feet, random)]


def _shadow(scene: Scene, frame: Frame, played: Stage) -> list[Group]:
    """Beside the hero and larger than the hero, below the words."""
    if SHADOW not in scene.things:
        return []
    body = played.bodies[0]
    tall = min(1.7 * body.height, played.feet - frame.stage.y)
    size = tall / scenery.SHADOW_HEIGHT
    side = -1 if body.middle > frame.page.width / 2 else 1
    at = chain(
        move(body.middle + side * 0.62 * body.width, played.feet - 6), scale(size * side, size)
    )
    return [group(scenery.shadow(), at=at, label=f"thing:{SHADOW}")]


def _held_too(played: Stage) -> tuple[Area, ...]:
    """The figures with what their hands hold."""
    more = 54 * played.unit
    return tuple(
        body.model_copy(update={"x": body.x - more, "width": body.width + 2 * more})
        for body in played.bodies
    )


def _grown(words: Area) -> Area:
    return words.inset(-10)


def _horizon(frame: Frame, played: Stage) -> float:
    """Behind the figures' chests, below words in the sky."""
    horizon = played.feet - 118 * played.unit
    if frame.kind is FrameKind.SKY:
        horizon = max(horizon, frame.words.bottom + 44 * played.unit)
    return max(horizon, frame.stage.y + frame.stage.height * 0.34)


def _ground(scene: Scene, frame: Frame) -> str:
    """What words lie on: the sky or the wall, or paper."""
    if frame.kind is not FrameKind.SKY:
        return "#fffaf0"
    return tone(scene.time, scene.weather).sky


def _asleep(scene: Scene, cast: dict[str, Character], frame: Frame) -> Stage | None:
    """Somebody alone in a bedroom who sleeps lies in a bed."""
    actor = scene.actors[0] if len(scene.actors) == 1 else None
    if actor is None or actor.pose is not Pose.SLEEP or scene.place != "bedroom":
        return None
    box = frame.stage
    size = min(box.width / bed.WIDTH, box.height / (bed.HEIGHT + 20), 1.5 * frame.page.height / 630)
    x, y = box.middle, box.bottom - 4
    drawn = bed.asleep(cast[actor.role].looks, actor.mood, actor.holding)
    hx, hy = x + bed.HEAD[0] * size, y + bed.HEAD[1] * size
    head = Area(x=hx - 70 * size, y=hy - 60 * size, width=140 * size, height=120 * size)
    body = Area(x=x - 146 * size, y=y - 304 * size, width=292 * size, height=304 * size)
    label = f"actor:{actor.role}"
    placed = group(drawn, at=chain(move(x, y), scale(size)), label=label)
    return Stage(placed, (head,), (body,), y, size)
