"""The words of content_words.toml, and where a book uses them."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.text import WORD
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import toml_beside

LONGEST_STEM = 30
"""Characters of the beginnings of a word that are looked up: no stem of the list has more."""
_WORDS = re.compile(f"({WORD.pattern})")
NEAR = 10
"""Words to each side that tell which sense of a word is meant."""


class WordUse(NamedTuple):
    """One use of a word or phrase: which kind and tier it counts for, and where it stands."""

    kind: str
    tier: str
    chapter: ParsedChapter
    span: tuple[int, int]


class AgeThreshold(Record):
    """So many uses of a tier suggest readers of `age` and older."""

    tier: str
    age: int
    uses: int = 1
    per_10000: float = 0


class WordSense(Record):
    """Words of one tier; `near` and `unless` tell them from their innocent senses."""

    tier: str
    words: tuple[str, ...]
    near: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()

    def fits(self, around: frozenset[str]) -> bool:
        """Whether these neighbours leave the sense as it is meant here."""
        return not around & self.unless and (not self.near or bool(around & self.near))


class ContentCategory(Record):
    """A kind of content that parents, schools and shops ask about."""

    name: str
    says: str
    grades: tuple[AgeThreshold, ...]
    sense: tuple[WordSense, ...]

    def age(self, used_words: Sequence[WordUse], scale: float) -> int:
        """The age that these uses suggest; `scale` makes a number one of 10,000 words."""
        counts: dict[str, int] = defaultdict(int)
        for use in used_words:
            counts[use.tier] += use.kind == self.name
        return self.age_of(counts, scale)

    def age_of(self, counts: Mapping[str, int], scale: float) -> int:
        """The same of numbers of uses by tier, 0 of those that are not named."""
        fitting = (
            grade.age
            for grade in self.grades
            if counts.get(grade.tier, 0) >= grade.uses
            and scale * counts.get(grade.tier, 0) >= grade.per_10000
        )
        return max(fitting, default=0)

    def rank(self, tier: str) -> int:
        """Tiers as the file has them, gravest last."""
        return [sense.tier for sense in self.sense].index(tier)


class _Phrase(NamedTuple):
    kind: str
    sense: WordSense
    rest: tuple[str, ...]
    """The words after its first."""


@functools.cache
def content_categories() -> tuple[ContentCategory, ...]:
    """Every kind, in the order of the file."""
    facts = toml_beside(__file__, "content_words.toml")
    return tuple(ContentCategory.model_validate({"name": name} | facts[name]) for name in facts)


def word_uses(chapters: Sequence[ParsedChapter]) -> Iterator[WordUse]:
    """Every use of the words, in the order of the book; a longer phrase stands for its parts."""
    for chapter in chapters:
        parts = _WORDS.split(chapter.text)
        small = {word: word.lower().replace("’", "'") for word in set(parts[1::2])}
        spelt = list(map(small.__getitem__, parts[1::2]))
        begun = {word: found for word in set(small.values()) if (found := _begun(word))}
        edges = [0, *accumulate(map(len, parts))]
        free = 0
        for at in [at for at, word in enumerate(spelt) if word in begun]:
            if at >= free and (hit := _hit(spelt, at, begun[spelt[at]])) is not None:
                free = at + 1 + len(hit.rest)
                span = edges[2 * at + 1], edges[2 * free]
                yield WordUse(hit.kind, hit.sense.tier, chapter, span)


def _begun(word: str) -> tuple[_Phrase, ...]:
    """Every phrase that may begin with `word`."""
    exact, stems = _phrases()
    return exact.get(word, ()) + tuple(
        phrase
        for size in range(3, min(len(word), LONGEST_STEM) + 1)
        for phrase in stems.get(word[:size], ())
    )


def _hit(spelt: Sequence[str], at: int, begun: Sequence[_Phrase]) -> _Phrase | None:
    """The first of `begun`, longest first, that stands at word number `at` in its sense."""
    for phrase in begun:
        last = at + 1 + len(phrase.rest)
        if _goes_on(phrase.rest, spelt[at + 1 : last]):
            around = frozenset((*spelt[max(0, at - NEAR) : at], *spelt[last : last + NEAR]))
            if phrase.sense.fits(around):
                return phrase
    return None


def _goes_on(rest: Sequence[str], words: Sequence[str]) -> bool:
    if len(rest) != len(words):
        return False
    return all(
        word.startswith(meant[:-1]) if meant.endswith("*") else word == meant
        for meant, word in zip(rest, words, strict=True)
    )


@functools.cache
def _phrases() -> tuple[dict[str, tuple[_Phrase, ...]], dict[str, tuple[_Phrase, ...]]]:
    """(phrases by their first word, phrases by the stem that it begins with), longest first."""
    exact: dict[str, tuple[_Phrase, ...]] = {}
    stems: dict[str, tuple[_Phrase, ...]] = {}
    listed = [
        (words.split(), kind.name, sense)
        for kind in content_categories()
        for sense in kind.sense
        for words in sense.words
    ]
    for (first, *rest), kind, sense in sorted(listed, key=lambda phrase: -len(phrase[0])):
        table = stems if first.endswith("*") else exact
        stem = first.removesuffix("*")
        table[stem] = (*table.get(stem, ()), _Phrase(kind, sense, tuple(rest)))
    return exact, stems
