"""Of which aspects of a book a sentence speaks, and whether it praises or blames. English alone.

By the words of aspects.toml: what is told can be looked up there. Measured on sentences labelled by
hand, which the words were not chosen by: tests/books/summarizing/labelled_sentences.tsv.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from ebook_pipeline.foundation.toml_files import toml_beside

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+){0,4}")
_END = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"”’)]))\s+|\n+")
NEGATED_WITHIN = 3
"""Words before one of praise or blame that a negation turns it round from."""
_HIGH, _LOW = 4, 2


class Aspect(StrEnum):
    """What readers talk about."""

    PLOT = "plot"
    CHARACTERS = "characters"
    PROSE = "prose"
    PACING = "pacing"
    ENDING = "ending"
    EDITING = "editing"
    LAYOUT = "layout"
    AUDIENCE = "audience"


_Phrases = dict[str, tuple[tuple[str, tuple[str, ...]], ...]]
"""By the first three letters of the first word: what the phrase is of, and its words."""


def sentences(text: str) -> list[str]:
    """The sentences of plain text, each as it stands there."""
    return [sentence.strip() for sentence in _END.split(text) if sentence.strip()]


def aspects_of(sentence: str) -> frozenset[Aspect]:
    """What it speaks of; none: of the book as a whole, or of none of these."""
    found = (name for name, _ in _found(_words(sentence), _phrases("aspects")))
    return frozenset(map(Aspect, found))


def polarity(sentence: str, stars: int = 3) -> int:
    """1: praise, -1: blame, 0: neither; where the words say neither the opinion's stars do."""
    words = _words(sentence)
    signs = {"good": 1, "bad": -1}
    negations = {place for name, place in _found(words, _phrases("polarity")) if name == "not"}
    total = 0
    for name, place in _found(words, _phrases("polarity")):
        if name in signs:
            near = range(max(0, place - NEGATED_WITHIN), place)
            turned = -1 if any(one in negations for one in near) else 1
            total += turned * signs[name]
    if total:
        return 1 if total > 0 else -1
    return (stars >= _HIGH) - (stars <= _LOW)


def _words(sentence: str) -> list[str]:
    return [match[0].lower().replace("’", "'") for match in WORD.finditer(sentence)]


def _found(words: Sequence[str], phrases: _Phrases) -> Iterator[tuple[str, int]]:
    for place, word in enumerate(words):
        for name, phrase in phrases.get(word[:2], ()):
            following = words[place : place + len(phrase)]
            if len(following) == len(phrase) and all(map(_fits, following, phrase)):
                yield name, place


def _fits(word: str, meant: str) -> bool:
    return word.startswith(meant[:-1]) if meant.endswith("*") else word == meant


@functools.cache
def _phrases(table: str) -> _Phrases:
    listed: dict[str, list[str]] = toml_beside(__file__, "aspects.toml")[table]
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name, phrases in listed.items():
        for phrase in phrases:
            words = tuple(phrase.split())
            found.setdefault(words[0].rstrip("*")[:2], []).append((name, words))
    return {start: tuple(each) for start, each in found.items()}
