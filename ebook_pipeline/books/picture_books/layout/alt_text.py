"""A scene in words, for whoever does not see it: who, doing what, feeling what, where and when."""

from ebook_pipeline.books.picture_books.brief import Language
from ebook_pipeline.books.picture_books.drawing.light import Time, Weather
from ebook_pipeline.books.picture_books.drawing.looks import Garment, Mood, Pose
from ebook_pipeline.books.picture_books.drawing.places import PLACES, Indoors
from ebook_pipeline.books.picture_books.layout.staging import GLOW_WORMS, NO_PROPS, SHADOW
from ebook_pipeline.books.picture_books.story import things
from ebook_pipeline.books.picture_books.story.cast import Character
from ebook_pipeline.books.picture_books.story.german import Gender, Noun, phrase
from ebook_pipeline.books.picture_books.story.scene import Actor, Scene

_EN_POSES = {
    Pose.STAND: "stands", Pose.WAVE: "waves", Pose.CHEER: "throws up both arms",
    Pose.WALK: "walks", Pose.RUN: "runs", Pose.JUMP: "jumps", Pose.SIT: "sits", Pose.CRADLE: "sits",
    Pose.SLEEP: "sleeps", Pose.HOLD: "stands", Pose.SHOW: "holds out a hand",
    Pose.POINT: "points ahead", Pose.THINK: "thinks, a hand at the chin",
    Pose.HUG: "opens both arms", Pose.HIDE: "sits with both hands at the chin",
    Pose.REACH: "reaches up",
}  # fmt: skip
_DE_POSES = {
    Pose.STAND: "steht", Pose.WAVE: "winkt", Pose.CHEER: "wirft die Arme hoch",
    Pose.WALK: "geht", Pose.RUN: "rennt", Pose.JUMP: "springt", Pose.SIT: "sitzt",
    Pose.CRADLE: "sitzt",
    Pose.SLEEP: "schläft", Pose.HOLD: "steht", Pose.SHOW: "streckt eine Hand aus",
    Pose.POINT: "zeigt nach vorn", Pose.THINK: "denkt nach, eine Hand am Kinn",
    Pose.HUG: "breitet die Arme aus", Pose.HIDE: "sitzt da, beide Hände am Kinn",
    Pose.REACH: "streckt sich nach oben",
}  # fmt: skip
_EN_MOODS = {
    Mood.HAPPY: "happy", Mood.PROUD: "proud", Mood.SAD: "sad", Mood.SCARED: "scared",
    Mood.CROSS: "cross", Mood.SURPRISED: "surprised", Mood.SLEEPY: "sleepy",
    Mood.CURIOUS: "curious", Mood.THOUGHTFUL: "thoughtful", Mood.SHY: "shy",
    Mood.DETERMINED: "determined",
}  # fmt: skip
_DE_MOODS = {
    Mood.HAPPY: "fröhlich", Mood.PROUD: "stolz", Mood.SAD: "traurig", Mood.SCARED: "ängstlich",
    Mood.CROSS: "böse", Mood.SURPRISED: "überrascht", Mood.SLEEPY: "schläfrig",
    Mood.CURIOUS: "neugierig", Mood.THOUGHTFUL: "nachdenklich", Mood.SHY: "schüchtern",
    Mood.DETERMINED: "entschlossen",
}  # fmt: skip
_DE_GARMENTS: dict[Garment, tuple[str, Gender]] = {
    Garment.SCARF: ("Schal", "m"), Garment.JUMPER: ("Pullover", "m"),
    Garment.DUNGAREES: ("Latzhose", "f"), Garment.DRESS: ("Kleid", "n"),
    Garment.CAPE: ("Umhang", "m"), Garment.BOW: ("Fliege", "f"), Garment.HAT: ("Mütze", "f"),
    Garment.GLASSES: ("Brille", "f"), Garment.APRON: ("Schürze", "f"),
}  # fmt: skip
_EN_GARMENTS = {
    Garment.JUMPER: "a {} jumper", Garment.SCARF: "a {} scarf", Garment.DUNGAREES: "{} dungarees",
    Garment.DRESS: "a {} dress", Garment.CAPE: "a {} cape", Garment.BOW: "a {} bow tie",
    Garment.HAT: "a {} hat", Garment.GLASSES: "{} glasses", Garment.APRON: "a {} apron",
}  # fmt: skip
_DE_COLOURS = {
    "blue": "blau", "red": "rot", "yellow": "gelb", "green": "grün", "purple": "lilafarben",
    "orange": "orangefarben", "pink": "rosafarben", "turquoise": "türkisfarben",
}  # fmt: skip
_EN_TIMES = {
    Time.MORNING: "in the morning",
    Time.DAY: "by day",
    Time.EVENING: "in the evening",
    Time.NIGHT: "at night",
}
_DE_TIMES = {
    Time.MORNING: "am Morgen",
    Time.DAY: "am Tag",
    Time.EVENING: "am Abend",
    Time.NIGHT: "in der Nacht",
}
_EN_WEATHERS = {
    Weather.RAIN: "It is raining.",
    Weather.SNOW: "It is snowing.",
    Weather.WIND: "The wind blows leaves about.",
}
_DE_WEATHERS = {
    Weather.RAIN: "Es regnet.",
    Weather.SNOW: "Es schneit.",
    Weather.WIND: "Der Wind weht Blätter umher.",
}


_EN_OTHERS = {
    GLOW_WORMS: "Glow-worms dance in the air.",
    SHADOW: "A big dark shadow stands behind.",
}
_DE_OTHERS = {
    GLOW_WORMS: "Glühwürmchen tanzen in der Luft.",
    SHADOW: "Ein großer dunkler Schatten steht dahinter.",
}


def alt_text(scene: Scene, cast: dict[str, Character], language: Language) -> str:
    """One sentence for each figure, one for things, one for the weather."""
    german = language == "de"
    place = PLACES[scene.place]
    where = place.german if german else place.english
    when = (_DE_TIMES if german else _EN_TIMES)[scene.time]
    sentences = [f"{where[0].upper()}{where[1:]}, {when}."]
    for actor in scene.actors:
        tell = _german if german else _english
        sentences.append(tell(actor, cast[actor.role]))
    sentences += _around(scene, german)
    weather = (_DE_WEATHERS if german else _EN_WEATHERS).get(scene.weather)
    if weather and not isinstance(place, Indoors):
        sentences.append(weather)
    return " ".join(sentences)


def thing_in_words(name: str, language: Language) -> str:
    """A thing alone: ``A lantern.``, ``Eine Laterne.``"""
    if language == "de":
        words = phrase(things.german(name), "ein", "nom")
    else:
        words = things.with_article(things.english(name))
    return f"{words[0].upper()}{words[1:]}."


def worn(one: Character, language: Language) -> str:
    """``a blue scarf``, ``einen blauen Schal``; empty for nothing."""
    looks = one.looks
    if looks.garment is Garment.NOTHING:
        return ""
    if language == "en":
        named = _EN_GARMENTS[looks.garment].format(looks.garment_colour)
        return named.replace("a orange", "an orange")
    word, gender = _DE_GARMENTS[looks.garment]
    return phrase(Noun(word, gender, adjective=_DE_COLOURS[looks.garment_colour]), "ein", "dat")


def _english(actor: Actor, one: Character) -> str:
    dressed = worn(one, "en")
    who = f"{one.name} the {one.looks.species}" + (f", in {dressed}," if dressed else "")
    holds = f" with {things.with_article(things.english(actor.holding))}" if actor.holding else ""
    return f"{who} {_EN_POSES[actor.pose]}{holds} and looks {_EN_MOODS[actor.mood]}."


def _german(actor: Actor, one: Character) -> str:
    dressed = worn(one, "de")
    kind = phrase(one.german_kind._replace(adjective=""), "der", "nom")
    who = f"{one.name}, {kind}" + (f" mit {dressed}," if dressed else ",")
    noun = things.german(actor.holding) if actor.holding else None
    holds = f" mit {phrase(noun, 'ein', 'dat')}" if noun else ""
    verb, comma, rest = _DE_POSES[actor.pose].partition(",")
    return f"{who} {verb}{holds}{comma}{rest} und sieht {_DE_MOODS[actor.mood]} aus."


def _around(scene: Scene, german: bool) -> list[str]:
    names = [name for name in dict.fromkeys(scene.things) if name not in NO_PROPS]
    others = _DE_OTHERS if german else _EN_OTHERS
    told = [sentence for name, sentence in others.items() if name in scene.things]
    return [*_beside(names, german), *told]


def _beside(names: list[str], german: bool) -> list[str]:
    if not names:
        return []
    if german:
        said = [phrase(things.german(name), "ein", "nom") for name in names]
        return [f"Daneben: {', '.join(said)}."]
    said = [things.with_article(things.english(name)) for name in names]
    return [f"Beside: {', '.join(said)}."]
