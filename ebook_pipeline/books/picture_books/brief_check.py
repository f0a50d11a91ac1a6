"""Whether a brief can be made: what is wrong with it, and what to do."""

import json
from collections.abc import Iterator

from pydantic import ValidationError

from ebook_pipeline.books.picture_books.brief import BookKind, Brief, CharacterBrief, Paper
from ebook_pipeline.books.picture_books.drawing.looks import GARMENT_COLOURS, Garment
from ebook_pipeline.books.picture_books.drawing.species import SPECIES
from ebook_pipeline.books.picture_books.moderation import unsafe
from ebook_pipeline.books.picture_books.story.plots import plots
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.identifiers import random_id

LONGEST = 20_000
"""Bytes of a brief's file."""
PAGES = range(24, 41, 2)
_OWN_LETTERS = 8
"""Of a key, of 32 each: 10^12 keys of one animal."""


def read_brief(document: bytes) -> Brief:
    """The brief in a JSON document. Raises BookError where it is none."""
    if len(document) > LONGEST:
        raise BookError("brief.too-long", f"A brief has at most {LONGEST:,} bytes")
    try:
        return Brief.model_validate(json.loads(document))
    except (ValueError, RecursionError) as error:
        raise BookError(
            "brief.unreadable",
            _said(error),
            remedy="`ebooks picture-book new` writes a brief that can be changed.",
        ) from error


def refusals(brief: Brief) -> list[Finding]:
    """Every reason why the brief cannot be made as it is; none is an empty list."""
    found = [*_of_form(brief), *_of_places(brief)]
    for character in brief.characters:
        found += _of_character(character)
    names = [character.name for character in brief.characters]
    said = (brief.title, brief.series, brief.dedication, brief.moral, brief.theme, brief.author)
    texts = (*said, *names)
    found += [
        finding.model_copy(update={"place": "the brief"})
        for finding in unsafe([[text for text in texts if text]], brief.language)
    ]
    return found


def new_key(brief: Brief) -> str:
    """A key for a brief that can be made, another one each time.

    It is named by its animal: a name may be a child's.
    """
    animal = next((one.species for one in brief.characters), brief.kind.value)
    return f"{animal}-{random_id()[:_OWN_LETTERS]}"


def _of_form(brief: Brief) -> Iterator[Finding]:
    if brief.pages not in PAGES:
        yield _refusal(
            "pages", f"{brief.pages} pages cannot be filled", "Take an even number from 24 to 40."
        )
    if brief.kind is BookKind.STORY and brief.paper in (Paper.WHITE, Paper.CREAM):
        yield _refusal(
            "paper",
            f"{brief.paper} paper is printed in black, a story has colours",
            "Take premium-colour, or make a colouring book.",
        )
    if brief.kind is BookKind.STORY and brief.paper is Paper.STANDARD_COLOUR:
        yield _refusal(
            "paper",
            "Standard colour begins at 72 pages",
            "Take premium-colour, which begins at 24.",
        )
    roles = [character.role for character in brief.characters]
    if len(set(roles)) != len(roles):
        yield _refusal("roles", "Two characters have one role", "Have one hero, friend and helper.")
    kinds = [character.species for character in brief.characters]
    if len(set(kinds)) != len(kinds):
        yield _refusal("species", "Two characters are of one species", "Give each its own.")


def _of_places(brief: Brief) -> Iterator[Finding]:
    homes = sorted({home for plot in plots().values() for home in plot.homes})
    if brief.setting and brief.setting not in homes:
        yield _unknown("setting", brief.setting, homes)
    things = sorted({thing for plot in plots().values() for thing in plot.things})
    if brief.thing and brief.thing not in things:
        yield _unknown("thing", brief.thing, things)


def _of_character(one: CharacterBrief) -> Iterator[Finding]:
    if one.species not in SPECIES:
        yield _unknown("species", one.species, SPECIES)
        return
    coats = SPECIES[one.species].coats
    if one.colour and one.colour not in coats:
        yield _unknown(f"colour of the {one.species}", one.colour, coats)
    if one.garment and one.garment not in {garment.value for garment in Garment}:
        yield _unknown("garment", one.garment, [garment.value for garment in Garment])
    if one.garment_colour and one.garment_colour not in GARMENT_COLOURS:
        yield _unknown("garment's colour", one.garment_colour, GARMENT_COLOURS)
    if not one.name.replace(" ", "").replace("-", "").isalpha():
        yield _refusal("name", f"“{one.name}” is no name", "Use letters, spaces and hyphens.")


def _unknown(what: str, value: str, known: object) -> Finding:
    names = ", ".join(map(str, known)) if hasattr(known, "__iter__") else ""
    return _refusal("unknown", f"There is no {what} “{value}” here", f"Take one of {names}.")


def _refusal(rule: str, message: str, remedy: str) -> Finding:
    return Finding(
        rule=f"brief.{rule}",
        severity=Severity.FATAL,
        message=message,
        place="the brief",
        remedy=remedy,
    )


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the brief"
        return f"{where}: {first['msg']}"
    return f"The brief is no JSON: {error}"[:300]
