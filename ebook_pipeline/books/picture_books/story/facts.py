"""Whether a sentence is true in a scene: its declared facts, and who it speaks of.

A second judge, `contradictions`, knows nothing of plots: it reads finished words and looks for
those that a scene rules out, so that a model's text is held to the same.
"""

import re
from collections.abc import Iterator, Mapping

from ebook_pipeline.books.picture_books.brief import Language
from ebook_pipeline.books.picture_books.drawing.light import Time, Weather
from ebook_pipeline.books.picture_books.drawing.looks import Mood
from ebook_pipeline.books.picture_books.story.cast import ROLES
from ebook_pipeline.books.picture_books.story.scene import Scene
from ebook_pipeline.books.picture_books.story.wording import SLOT


class StoryContradiction(ValueError):
    """A plot says what is not so at this point: a fault of the plot, never of a brief."""


def require(text: str, facts: tuple[str, ...], scene: Scene, thing: str) -> None:
    """Raises StoryContradiction where the sentence would not be true."""
    for fact in facts:
        if not holds(fact, scene, thing):
            raise StoryContradiction(f"{fact} is not so: {text}")
    for match in SLOT.finditer(text):
        role = match[1].lower()
        if role in ROLES and not match[3] and scene.actor(role) is None:
            raise StoryContradiction(f"{role} is not there: {text}")


def holds(fact: str, scene: Scene, thing: str) -> bool:
    """A fact such as ``place=pond``, ``hero.has=thing``, ``hero.mood=sad``, ``with=friend``."""
    name, _, value = fact.partition("=")
    if name in ("place", "time", "weather"):
        return str(getattr(scene, name)) == value
    if name == "with":
        return scene.actor(value) is not None
    role, _, what = name.partition(".")
    actor = scene.actor(role)
    wanted = thing if value == "thing" else value
    if actor is None:
        return False
    return {
        "has": actor.holding == wanted,
        "lacks": actor.holding != wanted,
        "mood": actor.mood == value,
    }[what]


_TIMES: Mapping[Language, Mapping[str, frozenset[Time]]] = {
    "en": {
        r"\b(moon|stars?|starlight)\b": frozenset({Time.NIGHT, Time.EVENING}),
        r"\bsun (went|goes|was going) down\b|\bsunset\b": frozenset({Time.EVENING}),
        r"\b(one|that|this) morning\b|\bsunrise\b": frozenset({Time.MORNING}),
        r"\bgood night\b": frozenset({Time.NIGHT, Time.EVENING}),
        r"\bsun (shone|was shining|shines)\b": frozenset({Time.MORNING, Time.DAY}),
    },
    "de": {
        r"\b(Mond|Sterne?|Sternen)\b": frozenset({Time.NIGHT, Time.EVENING}),
        r"\bSonne ging unter\b|\bSonnenuntergang\b": frozenset({Time.EVENING}),
        r"\beines Morgens\b|\bSonnenaufgang\b": frozenset({Time.MORNING}),
        r"\b[Gg]ute Nacht\b": frozenset({Time.NIGHT, Time.EVENING}),
        r"\bSonne (schien|scheint)\b": frozenset({Time.MORNING, Time.DAY}),
    },
}
_WEATHERS: Mapping[Language, Mapping[str, frozenset[Weather]]] = {
    "en": {
        r"\b(it rained|rain fell|it was raining)\b(?! apples)": frozenset({Weather.RAIN}),
        r"\b(it snowed|snow fell|it was snowing)\b": frozenset({Weather.SNOW}),
    },
    "de": {
        r"\b([Ee]s regnete|Regen fiel)\b(?! Äpfel)": frozenset({Weather.RAIN}),
        r"\b([Ee]s schneite|Schnee fiel)\b": frozenset({Weather.SNOW}),
    },
}
_SAD = re.compile(r"\b(tear ran|felt very small|sighed|cried and cried|Träne|seufzte|weinte)\b")
_GLAD = {Mood.HAPPY, Mood.PROUD}


def contradictions(paragraphs: tuple[str, ...], scene: Scene, language: Language) -> Iterator[str]:
    """What the words say that the scene rules out, each as a sentence for people."""
    text = " ".join(paragraphs)
    flags = re.IGNORECASE if language == "en" else 0
    for pattern, times in _TIMES[language].items():
        if (match := re.search(pattern, text, flags)) and scene.time not in times:
            yield f"“{match[0]}”, but it is {scene.time}"
    for pattern, weathers in _WEATHERS[language].items():
        if (match := re.search(pattern, text, flags)) and scene.weather not in weathers:
            yield f"“{match[0]}”, but the weather is {scene.weather}"
    moods = {actor.mood for actor in scene.actors}
    if (match := _SAD.search(text)) and moods and moods <= _GLAD:
        yield f"“{match[0]}”, but nobody is sad"
