"""Words taken for others that sound alike, told by the parts of speech around them.

*You’re father*, *your not*, *to much*, *too go*: where an owner stands a noun has to follow, where
*are* or *is* is in the word none may, unless it is what somebody is. Beside `confusions`, which
counts pairs of words and knows no grammar. `benchmarks/quality_tables/labelled_confusions.tsv`
holds the sentences by which the lists were chosen, and others that they must leave alone.
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ebook_pipeline.books.judging.grammar import GrammarFault
from ebook_pipeline.books.text import line_around
from ebook_pipeline.foundation.toml_files import toml_beside

TaggedWord = tuple[str, str]
"""A word and its part of speech, https://universaldependencies.org/u/pos/"""
_STRAIGHT = str.maketrans("‘’ʼ", "'''")
AROUND = 60
"""Characters to each side that a model reads."""
MOST_PLACES = 600
"""Of one text: a model reads 200 in 0.4 CPU s."""
_DEGREES = (
    "much many late far long soon well bad hard big small old young little few often great good"
    " weak tired strong fast slow high low early easy heavy proud happy busy dear true ill cold hot"
)
_PLACES = re.compile(
    r"\b(?:it's|its|your|you're|their|they're|there(?= own\b)|too(?= [a-z])|"
    rf"to(?= (?:{_DEGREES.replace(' ', '|')})\b))(?![\w'])",
    re.IGNORECASE,
)
_CONTRACTED = {"its": "it's", "your": "you're", "their": "they're"}
_GOES_ON = frozenset({"ADJ", "ADV", "NUM", "CCONJ", "INTJ"})
_ENDS = frozenset({"ADP", "SCONJ", "PART", "AUX", "PRON", "DET"})


@functools.cache
def _words(name: str) -> frozenset[str]:
    """The list called `name` in `confusion_words.toml`."""
    return frozenset(toml_beside(__file__, "confusion_words.toml")[name])


class ConfusionPlace(NamedTuple):
    """A word that may stand for another, and the text around it that a model reads."""

    start: int
    end: int
    before: str
    after: str
    word: str

    @property
    def read(self) -> str:
        return f"{self.before}{self.word}{self.after}".replace("\u2060", " ")


class _Around(NamedTuple):
    """The words before and after a place, the nearest first."""

    before: Sequence[TaggedWord]
    after: Sequence[TaggedWord]


def confusion_places(text: str) -> list[ConfusionPlace]:
    """Where `text` has such words, in order."""
    straight = text.translate(_STRAIGHT)
    return [
        ConfusionPlace(*match.span(), *_lines_around(straight, *match.span()), match[0])
        for match in itertools.islice(_PLACES.finditer(straight), MOST_PLACES)
    ]


def doubted_places(text: str, faults: Sequence[GrammarFault]) -> dict[GrammarFault, ConfusionPlace]:
    """Those of `faults`, told by others, whose word has neighbours that may show it to be right."""
    straight = text.translate(_STRAIGHT)
    places = {}
    for fault in itertools.islice(faults, MOST_PLACES):
        span = fault.start, fault.end
        word = straight[slice(*span)]
        if word.lower() in _RIGHT:
            places[fault] = ConfusionPlace(*span, *_lines_around(straight, *span), word)
    return places


def is_refuted(place: ConfusionPlace, words: Sequence[TaggedWord]) -> bool:
    """Whether the neighbours ask for the very word that is printed: *I think it’s murder.*"""
    around = _around(place, words)
    return bool(around.after) and _RIGHT[place.word.lower()](around)


def _lines_around(text: str, start: int, end: int) -> tuple[str, str]:
    before, after = line_around(text, start, end, AROUND)
    return before.partition(" ")[2] if len(before) == AROUND else before, after


def told_confusions(
    places: Sequence[ConfusionPlace], tagged: Sequence[Sequence[TaggedWord]]
) -> Iterator[GrammarFault]:
    """The places whose neighbours ask for another word; `tagged` is `read` of each, in order."""
    for place, words in zip(places, tagged, strict=True):
        meant = _meant(place.word.lower(), _around(place, words))
        if meant:
            message = f"“{place.word}”: is “{meant}” meant?"
            yield GrammarFault(place.start, place.end, "Confusion", message, meant)


def _around(place: ConfusionPlace, words: Sequence[TaggedWord]) -> _Around:
    before: list[TaggedWord] = []
    after: list[TaggedWord] = []
    read, at, start = place.read, 0, len(place.before)
    for word, part in words:
        at = read.find(word, at)
        if at < start:
            before.append((word, part))
        elif at >= start + len(place.word):
            after.append((word, part))
        at += len(word)
    return _Around(before[::-1], after)


def _meant(word: str, around: _Around) -> str:
    meant, asks = _RULES[word]
    return meant if around.after and asks(around) else ""


def _lacks_noun(around: _Around) -> bool:
    """Nothing that can be owned follows: *your not*, *its cold.*"""
    first = around.after[0][0].lower()
    if first in _words("never_owned"):
        return True
    if first == "going" and [word for word, _ in around.after[1:2]] == ["to"]:
        return True
    word, part = around.after[0]
    is_named = word[:1].isupper() or first.endswith("est")
    if first in _words("owned_alone") or is_named or part not in ("ADJ", "ADV"):
        return False
    for (word, part), (_, behind) in itertools.pairwise([*around.after[1:6], ("", "")]):
        joins = word == "-" or (word == "," and behind in _GOES_ON)
        if part in _ENDS or (part == "PUNCT" and not joins):
            return True
        if part not in _GOES_ON and not joins:
            return False
    return False


def _is_owned(around: _Around) -> bool:
    """A noun follows where no sentence begins: *lifted it’s head*, *you’re father is*."""
    (word, part), rest = around.after[0], around.after[1:]
    if word.lower() == "own":
        return not rest or rest[0][1] in ("NOUN", "PUNCT", "ADJ")
    noun = part == "NOUN" or (part == "ADJ" and bool(rest) and rest[0][1] == "NOUN")
    if not noun or word.lower() in _words("is_time"):
        return False
    if around.before:
        last, kind = around.before[0][0].lower(), around.before[0][1]
        if last in _words("before_nouns") and kind == "ADP":
            return True
        if kind == "VERB" and last not in _words("saying") and part == "NOUN":
            return True
    behind = rest[1:2] if part == "ADJ" else rest[:1]
    return bool(behind) and _is_finite(*behind[0])


def _is_finite(word: str, part: str) -> bool:
    return part == "AUX" and word.lower() not in ("be", "been", "being", "'s")


def _is_degree(around: _Around) -> bool:
    """*To much.*, *to late to go*: but *from low to high*."""
    last = {word.lower() for word, _ in around.before[:1]}
    if _is_range(around) or last & _words("leads_to"):
        return False
    (word, part), rest = around.after[0], around.after[1:2]
    is_told = part in ("ADJ", "ADV") or (
        bool(last & _words("being")) and word not in _words("verbs_too")
    )
    if not rest or not is_told:
        return False
    behind, kind = rest[0]
    of = behind == "of" and word in ("much", "many", "few", "little")
    return of or behind in ("to", "for") or (kind == "PUNCT" and behind in ".,;:!?")


def _is_infinitive(around: _Around) -> bool:
    """*Wanted too go*, *went too the door*."""
    last = around.before[0][0].lower() if around.before else ""
    word, part = around.after[0]
    if word in ("the", "his", "her", "my", "their", "our"):
        return last in _words("moving")
    bare = part in ("VERB", "AUX") and not word.endswith(("ed", "ing", "en", "wn", "rn"))
    return bare and last in _words("wanting")


_RULES: dict[str, tuple[str, Callable[[_Around], bool]]] = {
    "to": ("too", _is_degree),
    "too": ("to", _is_infinitive),
    "there": ("their", _is_owned),
    **{owner: (contracted, _lacks_noun) for owner, contracted in _CONTRACTED.items()},
    **{contracted: (owner, _is_owned) for owner, contracted in _CONTRACTED.items()},
}
"""What a word may stand for, and by which neighbours it does."""


def _begins_clause(around: _Around) -> bool:
    """Nothing stands before, or what a clause follows: *I think*, *and*, a comma."""
    if not around.before:
        return True
    word, part = around.before[0]
    if word.lower() in _words("before_nouns"):
        return False
    if part == "CCONJ":
        return [one for _, one in around.before[1:2]] == ["PUNCT"]
    return part in ("SCONJ", "PUNCT") or word.lower() in _words("claiming")


def _is_predicate(around: _Around) -> bool:
    """*It’s good fun to swim*, *he says you’re friends again*; but *it’s tail was white*."""
    noun = next((at for at, (_, part) in enumerate(around.after) if part != "ADJ"), None)
    if noun is None or around.after[0][0].lower() == "own" or not _begins_clause(around):
        return False
    behind = next((one for one in around.after[noun + 1 :] if one[1] not in ("ADV", "NOUN")), None)
    return behind is None or behind[1] not in ("AUX", "VERB")


def _is_place(around: _Around) -> bool:
    """*Went there yesterday*, *from there people could see*, *there own nobody but …*."""
    (word, part), behind = around.after[0], [part for _, part in around.after[1:2]]
    if word.lower() == "own":
        return not around.before and behind not in (["NOUN"], ["PUNCT"], ["ADJ"])
    last = around.before[0][0].lower() if around.before else ""
    return word.lower() in _words("days") or (
        last == "from" and part == "NOUN" and behind == ["AUX"]
    )


def _is_range(around: _Around) -> bool:
    """*From low to high.*"""
    return bool({word.lower() for word, _ in around.before[:8]} & {"from", "between"})


_RIGHT: dict[str, Callable[[_Around], bool]] = {
    "to": _is_range,
    "there": _is_place,
    **dict.fromkeys(_CONTRACTED.values(), _is_predicate),
}
"""By which neighbours a word is right whatever pairs of words and other rules tell."""
