"""Who plays: names, what they are called in both languages, their looks and their pronouns."""

from random import Random
from typing import Literal

from ebook_pipeline.books.picture_books.brief import Brief, CharacterBrief, Language
from ebook_pipeline.books.picture_books.drawing.looks import GARMENT_COLOURS, Garment, Looks
from ebook_pipeline.books.picture_books.drawing.species import SPECIES
from ebook_pipeline.books.picture_books.story.german import Noun
from ebook_pipeline.foundation.record import Record

ROLES = ("hero", "friend", "helper")
Role = Literal["hero", "friend", "helper"]

GERMAN_SPECIES = {
    "hedgehog": ("Igel", "Igel"), "fox": ("Fuchs", "Fuchs"), "rabbit": ("Hase", "Hasen"),
    "bear": ("Bär", "Bären"), "mouse": ("Maus", "Mäuse"), "cat": ("Katze", "Katzen"),
    "dog": ("Hund", "Hunde"), "owl": ("Eule", "Eulen"), "frog": ("Frosch", "Frosch"),
    "badger": ("Dachs", "Dachs"), "squirrel": ("Eichhörnchen", "Eichhörnchen"),
    "penguin": ("Pinguin", "Pinguin"), "elephant": ("Elefant", "Elefanten"),
    "lion": ("Löwe", "Löwen"), "duck": ("Ente", "Enten"), "pig": ("Schwein", "Schweine"),
    "panda": ("Panda", "Panda"),
}  # fmt: skip
"""The animal, and the form in which it is joined with Mädchen and Junge."""

_NAMES: dict[tuple[Language, str], tuple[str, ...]] = {
    ("en", "female"): ("Pip", "Mimi", "Tilly", "Poppy", "Nell", "Dot", "Ruby", "Hazel", "Luna"),
    ("en", "male"): ("Toby", "Finn", "Milo", "Otto", "Bruno", "Max", "Ben", "Sam", "Hugo"),
    ("de", "female"): ("Mia", "Lotte", "Frida", "Nele", "Ida", "Tilda", "Greta", "Pia", "Luna"),
    ("de", "male"): ("Fritz", "Emil", "Anton", "Mats", "Oskar", "Theo", "Paul", "Jona", "Bruno"),
}


_SMALL = ("mouse", "squirrel", "hedgehog", "duck", "frog", "rabbit", "penguin")


class Character(Record):
    """One of the cast, the same on every page."""

    role: Role
    name: str
    gender: Literal["female", "male"]
    looks: Looks

    @property
    def german_kind(self) -> Noun:
        """``kleines Igelmädchen``, ``kleiner Igeljunge``."""
        stem = GERMAN_SPECIES[self.looks.species][1]
        if self.gender == "female":
            return Noun(f"{stem}mädchen", "n", adjective="klein")
        return Noun(f"{stem}junge", "m", weak=True, adjective="klein")

    @property
    def english_kind(self) -> str:
        return f"little {self.looks.species}"


def cast(brief: Brief, random: Random) -> tuple[Character, ...]:
    """The three who play: the brief's, completed by the seed; no two of one species or name."""
    given = {character.role: character for character in reversed(brief.characters)}
    found: list[Character] = []
    for role in ROLES:
        wanted = given.get(role)  # type: ignore[call-overload]
        taken = {one.looks.species for one in found} | {one.species for one in brief.characters}
        names = {one.name for one in found} | {one.name for one in brief.characters}
        worn = {one.looks.garment_colour for one in found} | {one.looks.garment for one in found}
        wanted = wanted or _invented(role, brief.language, taken, names, random)  # type: ignore[arg-type]
        found.append(_character(wanted, role, worn, random))  # type: ignore[arg-type]
    return tuple(found)


def _casting(role: Role) -> tuple[str, ...]:
    """Helpers are small animals."""
    return _SMALL if role == "helper" else tuple(SPECIES)


def _invented(
    role: Role, language: Language, taken: set[str], names: set[str], random: Random
) -> CharacterBrief:
    gender: Literal["female", "male"] = random.choice(("female", "male"))
    return CharacterBrief(
        name=random.choice([name for name in _NAMES[language, gender] if name not in names]),
        species=random.choice([kind for kind in _casting(role) if kind not in taken]),
        gender=gender,
        role=role,
    )


def _character(brief: CharacterBrief, role: Role, worn: set[str], random: Random) -> Character:
    kind = SPECIES[brief.species]
    garments = [one for one in Garment if one not in (Garment.NOTHING, *worn)]
    if brief.gender == "male":
        garments = [one for one in garments if one is not Garment.DRESS]
    free = [colour for colour in GARMENT_COLOURS if colour not in worn]
    first_garment, first_colour, first_coat = (
        random.choice(garments),
        random.choice(free),
        random.choice(list(kind.coats)),
    )
    looks = Looks(
        species=brief.species,
        colour=brief.colour or first_coat,
        garment=Garment(brief.garment) if brief.garment else first_garment,
        garment_colour=brief.garment_colour or first_colour,
    )
    return Character(role=role, name=brief.name, gender=brief.gender, looks=looks)
