"""Sentences of a plot with their slots filled: names, pronouns and phrases, in case and gender.

Slots are ``{whose.form.case}``; a capital anywhere in it makes the words begin with one:

- a role: ``{hero}`` name, ``{hero.s}`` whose, ``{hero.he}`` ``.him`` ``.his``, ``{hero.er}``
  ``.ihn`` ``.ihm`` ``.sein`` ``.seine``, ``{hero.r}`` (arme*r*), ``{hero.kind}``, ``.species``,
  ``{hero.kind.ein.nom}``; ``~`` behind it: spoken of, needs not be there;
- ``{thing}``, ``{thing.a}`` ``.the`` ``.his`` ``.my``, ``{thing.ein.akk}`` ``.der`` ``.sein``
  ``.mein``, ``{thing.er}`` ``.ihn`` ``.ihm``;
- ``{home}``: where the hero lives, as "in the garden".
"""

import re
from typing import NamedTuple

from ebook_pipeline.books.picture_books.brief import Language
from ebook_pipeline.books.picture_books.drawing.places import PLACES
from ebook_pipeline.books.picture_books.story import things
from ebook_pipeline.books.picture_books.story.cast import GERMAN_SPECIES, Character
from ebook_pipeline.books.picture_books.story.german import CASES, Case, Noun, phrase, pronoun

SLOT = re.compile(r"\{([A-Za-z]+)((?:\.[A-Za-z]+)*)(~?)\}")
_PRONOUN_CASES: dict[str, Case] = {"er": "nom", "ihn": "akk", "ihm": "dat"}
_ENGLISH = {
    "he": ("she", "he"), "him": ("her", "him"), "his": ("her", "his"),
    "sein": ("ihr", "sein"), "seine": ("ihre", "seine"), "seinen": ("ihren", "seinen"),
    "seiner": ("ihrer", "seiner"), "seinem": ("ihrem", "seinem"), "r": ("", "r"),
}  # fmt: skip


class Words(NamedTuple):
    """What slots are filled with."""

    language: Language
    cast: dict[str, Character]
    thing: str
    home: str

    def fill(self, text: str) -> str:
        """`text` with every slot filled. Raises KeyError for a slot that there is not."""
        return SLOT.sub(self._slot, text)

    def _slot(self, match: re.Match[str]) -> str:
        name, forms = match[1], [form for form in match[2].split(".") if form]
        capital = name[0].isupper() or any(form[0].isupper() for form in forms)
        lowered = [form.lower() for form in forms]
        words = self._words(name.lower(), lowered)
        return words[:1].upper() + words[1:] if capital else words

    def _words(self, name: str, forms: list[str]) -> str:
        if name == "home":
            place = PLACES[self.home]
            return place.german if self.language == "de" else place.english
        if name == "thing":
            return self._thing(forms)
        return _character(self.cast[name], forms, self.language)

    def _thing(self, forms: list[str]) -> str:
        first = forms[0] if forms else ""
        if self.language == "en":
            noun = things.english(self.thing)
            owner = _ENGLISH["his"][self.cast["hero"].gender == "male"]
            described = things.with_article(things.english(self.thing, described=True))
            return {
                "": noun,
                "a": described,
                "the": f"the {noun}",
                "his": f"{owner} {noun}",
                "my": f"my {noun}",
            }[first]
        noun_ = things.german(self.thing)
        if not first:
            return noun_.word
        if first in _PRONOUN_CASES:
            return pronoun(noun_.gender, _PRONOUN_CASES[first])
        if first == "sein" and self.cast["hero"].gender == "female":
            first = "ihr"
        described_ = things.german(self.thing, described=first == "ein")
        return phrase(described_, first, _case(forms[1]))


def whose(name: str, language: Language) -> str:
    """The genitive of a name: Pip’s, Pips, Max’."""
    if language == "en":
        return f"{name}’s"
    return f"{name}’" if name.endswith(("s", "x", "z", "ß")) else f"{name}s"


def _character(one: Character, forms: list[str], language: Language) -> str:
    first = forms[0] if forms else "name"
    if first == "name":
        return one.name
    if first == "s":
        return whose(one.name, language)
    if first == "species":
        german = GERMAN_SPECIES[one.looks.species][0]
        return german if language == "de" else one.looks.species
    if first == "kind":
        return _kind(one, forms[1:], language)
    if first in _ENGLISH:
        return _ENGLISH[first][one.gender == "male"]
    return pronoun("m" if one.gender == "male" else "f", _PRONOUN_CASES[first])


def _kind(one: Character, forms: list[str], language: Language) -> str:
    if language == "en":
        return one.english_kind
    noun: Noun = one.german_kind
    return phrase(noun, forms[0], _case(forms[1]))


def _case(form: str) -> Case:
    return CASES[CASES.index(form)]
