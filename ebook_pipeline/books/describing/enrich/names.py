"""Named people and places: by spaCy's names where a model is installed, else by cues in the text.

The cues are English: titles, who speaks, who is where. Quiet rather than complete.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary, english_words

MOST = 10
_FEWEST = 3
_MODEL_KINDS = {
    "PERSON": "people", "PER": "people", "GPE": "places", "LOC": "places", "FAC": "places",
}  # fmt: skip
_TITLES = "|".join(sorted(english_words("titles")))
_WORD = r"(?:St\.\s)?[A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_NAME = re.compile(
    rf"(?:\b(?P<title>{_TITLES})\.?\s)?\b(?P<name>{_WORD}(?:\s(?:(?:de|von|van|du|la)\s)?{_WORD}){{0,3}})"
)
_SPEECH = "|".join(sorted(english_words("speech")))
_SPOKE_BEFORE = re.compile(rf"(?:{_SPEECH})\s$")
_SPEAKS_AFTER = re.compile(rf"\s(?:{_SPEECH}|himself|herself|who)\b")
_WHERE_BEFORE = re.compile(
    r"\b(?:in|at|near|into|from|to|through|towards|toward|reached|left|outside|for|of)\s$"
)
_SURELY_WHERE = re.compile(r"\b(?:in|at|near|into|through|reached|outside)\s$")
_NO_START = re.compile(r"[.!?…:;—\"“”‘’'()\[\]*_-]\s*$|^\s*$")
_NEVER = english_words("never_names")
_BARE_TITLES = english_words("titles")
_OWNED = re.compile(r"['’]s$")
_MOST_WORDS = 8
"""Of a name that is looked into for shorter ones."""
_HEAD = 40
_TAIL = 12


@dataclass
class _Seen:
    """How often a name stands in the text, and beside what."""

    times: int = 0
    person: int = 0
    where: int = 0
    surely: int = 0


@dataclass(frozen=True)
class Names:
    """The most frequent first, each in its fullest form."""

    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def from_model(entities: Iterable[tuple[str, str]]) -> Names:
    """The names that a model found, with its kinds."""
    counts_by_kind: dict[str, Counter[str]] = {"people": Counter(), "places": Counter()}
    for text, kind in entities:
        name = _OWNED.sub("", " ".join(text.split())).removeprefix("the ")
        if kind in _MODEL_KINDS and name[:1].isupper() and name not in _NEVER:
            counts_by_kind[_MODEL_KINDS[kind]][name] += 1
    return Names(*(_ranked(_joined(counts)) for counts in counts_by_kind.values()))


def from_cues(parts: Sequence[str], known: Vocabulary) -> Names:
    """The names of an English text that are spoken of as people or as places often enough."""
    seen: dict[str, _Seen] = {}
    for part in parts:
        for line in part.splitlines():
            _note(line, known, seen)
    people = {name: uses.times for name, uses in seen.items() if _is_person(uses)}
    places = {name: uses.times for name, uses in seen.items() if _is_place(uses)}
    joined = _joined(Counter(people))
    return Names(_ranked(joined), _ranked(_apart(_joined(Counter(places)), joined)))


def _note(line: str, known: Vocabulary, seen: dict[str, _Seen]) -> None:
    for match in _NAME.finditer(line):
        start, end = match.span("name")
        before, after = line[max(0, start - _HEAD) : start], line[end : end + _TAIL]
        name = _clean(match["name"], known, starts=_NO_START.search(before) is not None)
        if not name:
            continue
        uses = seen.setdefault(name, _Seen())
        uses.times += 1
        uses.person += bool(match["title"] or _is_speaker(before, after))
        uses.where += _WHERE_BEFORE.search(before) is not None
        uses.surely += _SURELY_WHERE.search(before) is not None


def _is_speaker(before: str, after: str) -> bool:
    spoke = _SPOKE_BEFORE.search(before) or _SPEAKS_AFTER.match(after)
    return spoke is not None


def _clean(name: str, known: Vocabulary, *, starts: bool) -> str:
    """`name` without words that are no names: those that the text also writes small."""
    parts = name.split()
    while parts and (parts[0] in _NEVER or (starts and not _is_name(parts[0], known))):
        parts, starts = parts[1:], False
    while parts and (parts[-1] == "St." or not _is_name(parts[-1], known)):
        parts = parts[:-1]
    if not parts:
        return ""
    inner = all(_is_name(word, known) or word.islower() for word in parts)
    return _OWNED.sub("", " ".join(parts)) if inner and parts[0] not in _BARE_TITLES else ""


def _is_name(word: str, known: Vocabulary) -> bool:
    if word == "St.":
        return True
    plain = _OWNED.sub("", word)
    if plain in _NEVER or len(plain) < 2 or word.startswith(("I’", "I'")):
        return False
    return known.printed[plain.lower()] * 5 <= sum(known.printed[form] for form in {plain, word})


def _is_person(uses: _Seen) -> bool:
    return uses.times >= _FEWEST and uses.person >= max(2, 0.04 * uses.times, uses.surely)


def _is_place(uses: _Seen) -> bool:
    if uses.times < _FEWEST or uses.person * 10 > uses.times:
        return False
    return uses.where >= 0.4 * uses.times and uses.surely >= max(1, 0.1 * uses.times)


def _joined(counts: Counter[str]) -> Counter[str]:
    """*Bennet* counts for *Elizabeth Bennet* where that is a name of the text too."""
    fullest = _fullest(counts)
    joined: Counter[str] = Counter()
    for name, times in sorted(
        counts.items(), key=lambda counted: (len(counted[0].split()), counted)
    ):
        joined[fullest.get(frozenset(name.split()), (times, name))[1]] += times
    return joined


def _fullest(counts: Counter[str]) -> dict[frozenset[str], tuple[int, str]]:
    """By a name's words, the most frequent name that has them all and others besides.

    The names, not their pairs, are gone through: a text may name a hundred thousand.
    """
    fullest: dict[frozenset[str], tuple[int, str]] = {}
    spelled = {frozenset(name.split()) for name in counts}
    for name, times in counts.items():
        parts = set(name.split())
        if times < 2 or len(parts) > _MOST_WORDS:
            continue
        for number in range(1, len(parts)):
            for some in map(frozenset, combinations(parts, number)):
                if some in spelled:
                    fullest[some] = max((times, name), fullest.get(some, (0, "")))
    return fullest


def _apart(places: Counter[str], people: Counter[str]) -> Counter[str]:
    spoken_of = {word for name in people for word in name.split()}
    return Counter({name: n for name, n in places.items() if not spoken_of & set(name.split())})


def _ranked(counts: Counter[str]) -> tuple[str, ...]:
    ranked = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return tuple(name for name, _ in ranked[:MOST])
