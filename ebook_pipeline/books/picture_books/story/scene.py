"""The state of a story: where it is, who is there, what each holds and feels; and a page of it."""

from collections.abc import Callable, Mapping
from typing import Literal

from ebook_pipeline.books.picture_books.drawing.light import Time, Weather
from ebook_pipeline.books.picture_books.drawing.looks import Mood, Pose
from ebook_pipeline.books.picture_books.story.cast import Character
from ebook_pipeline.foundation.record import Record

Shot = Literal["close", "medium", "wide"]


class Actor(Record):
    """One of the cast on a page; `holding` names a prop or is empty."""

    role: str
    mood: Mood = Mood.HAPPY
    pose: Pose = Pose.STAND
    holding: str = ""


class Scene(Record):
    """What is true on a page: the picture shows it, and no sentence may say otherwise.

    `things` are props that stand, lie or fly beside the actors.
    """

    place: str
    time: Time = Time.DAY
    weather: Weather = Weather.CLEAR
    actors: tuple[Actor, ...] = ()
    things: tuple[str, ...] = ()
    shot: Shot = "medium"

    def actor(self, role: str) -> Actor | None:
        return next((actor for actor in self.actors if actor.role == role), None)


class StoryPage(Record):
    """Words and what they are about; `beat` is the step of the plan; refrains have own lines."""

    beat: str
    paragraphs: tuple[str, ...]
    scene: Scene


class Story(Record):
    """A whole story: its opening page, then spreads of two pages each."""

    plot: str
    title: str
    subtitle: str
    cast: tuple[Character, ...]
    thing: str
    pages: tuple[StoryPage, ...]
    blurb: str
    questions: tuple[str, ...]
    """What one may talk about after reading."""
    keywords: tuple[str, ...]

    @property
    def by_role(self) -> dict[str, Character]:
        return {character.role: character for character in self.cast}


def staged(scene: Scene, change: Mapping[str, object], thing: str, home: str) -> Scene:
    """`scene` after a page's changes, in which ``$thing`` and ``$home`` stand for the story's.

    Weather does not travel: another place has a clear sky unless the page says otherwise.
    """
    names = {"$thing": thing, "$home": home}

    def named(value: object) -> str:
        return names.get(str(value), str(value))

    actors = {actor.role: actor for actor in scene.actors}
    for role in _strings(change.get("leave")):
        actors.pop(role, None)
    for role in _strings(change.get("enter")):
        actors.setdefault(role, Actor(role=role))
    for role, actor in list(actors.items()):
        actors[role] = Actor(
            role=role,
            mood=Mood(_of(change, "mood", role) or actor.mood),
            pose=Pose(_of(change, "pose", role) or Pose.STAND),
            holding=_held(change, role, actor.holding, named),
        )
    place = named(change.get("place", scene.place))
    weather = scene.weather if place == scene.place else Weather.CLEAR
    return Scene(
        place=place,
        time=Time(str(change.get("time", scene.time))),
        weather=Weather(str(change.get("weather", weather))),
        actors=tuple(actors.values()),
        things=tuple(named(one) for one in _strings(change.get("things"))),
        shot=_shot(change.get("shot")),
    )


def _held(
    change: Mapping[str, object], role: str, before: str, named: Callable[[object], str]
) -> str:
    holds = change.get("holds")
    if isinstance(holds, Mapping) and role in holds:
        return named(holds[role]) if holds[role] else ""
    return before


def _of(change: Mapping[str, object], name: str, role: str) -> str:
    values = change.get(name)
    return str(values.get(role, "")) if isinstance(values, Mapping) else ""


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _shot(value: object) -> Shot:
    shots: dict[object, Shot] = {"close": "close", "wide": "wide"}
    return shots.get(value, "medium")
