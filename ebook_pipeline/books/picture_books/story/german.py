"""German noun phrases and pronouns: articles, adjectives and nouns in case and gender.

Amtliche Grammatik nach Duden Band 4, §§ 345-402 (Adjektiv) and 186-201 (schwache Substantive).
"""

from typing import Literal, NamedTuple

Gender = Literal["m", "f", "n", "p"]
Case = Literal["nom", "akk", "dat", "gen"]
CASES: tuple[Case, ...] = ("nom", "akk", "dat", "gen")

_DER = {
    "m": ("der", "den", "dem", "des"),
    "f": ("die", "die", "der", "der"),
    "n": ("das", "das", "dem", "des"),
    "p": ("die", "die", "den", "der"),
}
_EIN = {
    "m": ("", "en", "em", "es"),
    "f": ("e", "e", "er", "er"),
    "n": ("", "", "em", "es"),
    "p": ("e", "e", "en", "er"),
}
_WEAK = {
    "m": ("e", "en", "en", "en"),
    "f": ("e", "e", "en", "en"),
    "n": ("e", "e", "en", "en"),
    "p": ("en", "en", "en", "en"),
}
_MIXED = {
    "m": ("er", "en", "en", "en"),
    "f": ("e", "e", "en", "en"),
    "n": ("es", "es", "en", "en"),
    "p": ("en", "en", "en", "en"),
}
_PRONOUNS = {
    "m": ("er", "ihn", "ihm", "seiner"),
    "f": ("sie", "sie", "ihr", "ihrer"),
    "n": ("es", "es", "ihm", "seiner"),
    "p": ("sie", "sie", "ihnen", "ihrer"),
}


class Noun(NamedTuple):
    """`weak` nouns end in -n but in the nominative: der Junge, den Jungen."""

    word: str
    gender: Gender
    weak: bool = False
    adjective: str = ""
    """Without its ending: ``klein``."""


def phrase(noun: Noun, determiner: str, case: Case) -> str:
    """Determiner, adjective and noun; the determiner is der, ein, kein, sein, ihr, mein or none."""
    index = CASES.index(case)
    words = []
    if determiner == "der":
        words.append(_DER[noun.gender][index])
    elif determiner and not (determiner == "ein" and noun.gender == "p"):
        words.append(determiner + _EIN[noun.gender][index])
    if noun.adjective:
        words.append(noun.adjective + _ending(noun.gender, determiner, index))
    words.append(_declined(noun, case))
    return " ".join(words)


def pronoun(gender: Gender, case: Case) -> str:
    return _PRONOUNS[gender][CASES.index(case)]


def _ending(gender: Gender, determiner: str, index: int) -> str:
    if determiner == "der":
        return _WEAK[gender][index]
    if gender == "p" and determiner in ("", "ein"):
        return ("e", "e", "en", "er")[index]
    return _MIXED[gender][index]


def _declined(noun: Noun, case: Case) -> str:
    word = noun.word
    if noun.weak and case != "nom":
        return word + ("n" if word.endswith("e") else "en")
    if case == "gen" and noun.gender in ("m", "n"):
        return word + ("es" if word.endswith(("s", "z", "ch", "tz")) else "s")
    if case == "dat" and noun.gender == "p" and not word.endswith(("n", "s")):
        return word + "n"
    return word
