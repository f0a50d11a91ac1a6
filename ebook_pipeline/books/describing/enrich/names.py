"""Named people, places and organisations: by cues in the text and by a model's names, together.

The cues are English: titles, who speaks, who is where. They see every use of a name, the model what
passages say; where an English model is installed both vote, in other languages the model alone.
Each alone is worse: cues miss who is never said to speak, a model takes a Mole for an organisation.
"""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ebook_pipeline.books.describing.enrich.elisions import bare_name
from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary, english_words

MOST = 10
_FEWEST = 3
_MODEL_KINDS = {
    "PERSON": "people", "PER": "people", "GPE": "places", "LOC": "places", "FAC": "places",
    "ORG": "organisations",
}  # fmt: skip
MOST_USES = 400
"""Of the names of a text, the most frequent ones that a model's are compared with."""
_FEWEST_VOTES = 2
_WHERE = 0.4
"""The share of uses behind *in*, *at*, *to* from which a name is a place."""
_OFTEN = 5
"""Uses from which a name of a novel that stands at no place is most likely a person's."""
_SURE = 0.6
"""The share of a model's votes from which it is believed."""
_TITLES = "|".join(sorted(english_words("titles")))
_WORD = r"(?:St\.\s)?[A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_NAME = re.compile(
    rf"(?:\b(?P<title>{_TITLES})\.?\s)?\b(?P<name>{_WORD}(?:\s(?:(?:de|von|van|du|la)\s)?{_WORD}){{0,3}})"
)
_SPEECH = "|".join(sorted(english_words("speech")))
_SPOKE_BEFORE = re.compile(rf"(?:{_SPEECH})\s(?:the\s)?$")
_SPEAKS_AFTER = re.compile(rf"\s(?:{_SPEECH}|himself|herself|who)\b")
_WHERE_BEFORE = re.compile(
    r"\b(?:in|at|near|into|from|to|through|towards|toward|reached|left|outside|for|of)\s$"
)
_SURELY_WHERE = re.compile(r"\b(?:in|at|near|into|through|reached|outside)\s$")
_NO_START = re.compile(r"[.!?…:;—\"“”‘’'()\[\]*_-]\s*$|^\s*$")
_NEVER = english_words("never_names")
_BARE_TITLES = english_words("titles")
_TITLED = re.compile(rf"^(?:{_TITLES})\.?\s(?=\w)")
_OWNED = re.compile(r"['’]s$")
_MOST_WORDS = 8
"""Of a name that is looked into for shorter ones."""
_MOST_KEPT = 1 << 16
"""Names of a text whose cleaned form is kept: they come again and again."""
_HEAD = 40
_TAIL = 12


@dataclass
class _Seen:
    """How often a name stands in the text, and beside what."""

    times: int = 0
    person: int = 0
    where: int = 0
    surely: int = 0
    article: int = 0


@dataclass(frozen=True)
class NameUses:
    """How often `name` stands in a text; how often as a person, at a place, surely at one.

    `article` counts *the* before it: ships, inns and regiments have one, people seldom.
    """

    name: str
    times: int
    person: int = 0
    where: int = 0
    surely: int = 0
    article: int = 0


@dataclass(frozen=True)
class Names:
    """The most frequent first, each in its fullest form."""

    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


def from_model(entities: Iterable[tuple[str, str]]) -> Names:
    """The names that a model found, with its kinds."""
    counts: dict[str, Counter[str]] = {"people": Counter(), "places": Counter()}
    for name, kind in plain(entities):
        if kind in counts:
            counts[kind][name] += 1
    return Names(*(_ranked(_joined(count)) for count in counts.values()))


def from_cues(parts: Sequence[str], known: Vocabulary) -> Names:
    """The names of an English text that are spoken of as people or as places often enough."""
    return from_both(name_uses(parts, known), ())


def name_uses(parts: Sequence[str], known: Vocabulary) -> tuple[NameUses, ...]:
    """Every name that an English text has often enough, the most frequent first."""
    seen: dict[str, _Seen] = {}
    clean = functools.lru_cache(_MOST_KEPT)(functools.partial(_clean, known=known))
    for part in parts:
        for line in part.splitlines():
            _note(line, clean, seen)
    uses = (
        NameUses(name, use.times, use.person, use.where, use.surely, use.article)
        for name, use in seen.items()
        if use.times > 1
    )
    return tuple(sorted(uses, key=lambda use: (-use.times, use.name))[:MOST_USES])


def from_both(uses: Iterable[NameUses], entities: Iterable[tuple[str, str]]) -> Names:
    """What cues and a model say together; without `entities` the cues alone."""
    told = kinds(uses, entities)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for use, kind in told:
        counts[kind][use.name] += use.times
    people = _joined(counts["people"])
    places = _apart(_joined(counts["places"]), people)
    return Names(_ranked(people), _ranked(places), _ranked(_apart(counts["organisations"], people)))


def kinds(
    uses: Iterable[NameUses], entities: Iterable[tuple[str, str]]
) -> list[tuple[NameUses, str]]:
    """Each name that is told with its kind: ``people``, ``places`` or ``organisations``."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for name, kind in plain(entities):
        votes[name][kind] += 1
    told = ((use, _kind(use, votes.get(use.name, Counter()))) for use in uses)
    return [(use, kind) for use, kind in told if kind]


def plain(entities: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Names without owner's s, article and title, with our kinds."""
    for text, kind in entities:
        name = _OWNED.sub("", " ".join(text.split())).removeprefix("the ").removeprefix("The ")
        if kind in _MODEL_KINDS:
            name = bare_name(name, _MODEL_KINDS[kind])
            is_named = name[:1].isupper() or name.startswith(("d’", "d'"))
            if is_named and name not in _NEVER:
                yield without_title(name), _MODEL_KINDS[kind]


def with_speakers(named: Names, speakers: Sequence[str]) -> Names:
    """`named` with who speaks in a play: first, and not again under a part of their names."""
    known = {word.lower() for name in speakers for word in name.split()}
    others = (name for name in named.people if not known & set(name.lower().split()))
    people = tuple(dict.fromkeys((*speakers, *others)))[:MOST]
    of_speakers = {name.lower() for name in speakers}
    places = tuple(name for name in named.places if name.lower() not in of_speakers)
    return replace(named, people=people, places=places)


def without_title(name: str) -> str:
    """*Mr. Darcy* is *Darcy*."""
    return _TITLED.sub("", name)


def stands_in(name: str, text: str) -> bool:
    """Whether `text` has `name` as words of its own."""
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def _kind(use: NameUses, votes: Counter[str]) -> str:
    """Cues are believed first, then a model that is sure and that no cue speaks against."""
    people, places, others = (votes[kind] for kind in ("people", "places", "organisations"))
    if _is_person(use) and not (places >= 3 * (people + 1) and use.surely):
        return "people"
    if _is_place(use) and people <= places + _FEWEST_VOTES:
        return "places"
    if not votes.total():
        return ""
    if places > people and use.person * 10 <= use.times:
        return "places"
    if use.surely * 4 <= use.times and _may_be_person(use, people, votes.total()):
        return "people"
    if use.where >= _WHERE * use.times and not use.person:
        return "places"
    is_plain = " " in use.name and others == votes.total() and not use.person
    return "organisations" if is_plain else ""


def _may_be_person(use: NameUses, people: int, votes: int) -> bool:
    """One whom a model or a cue calls so; or a name that is often told and never a thing's."""
    if use.article * 2 > use.times and use.person < _FEWEST_VOTES:
        return False
    if people >= _SURE * votes or (people and use.person):
        return True
    return " " not in use.name and use.times >= _OFTEN and use.where * 4 <= use.times


def _note(line: str, clean: Callable[..., str], seen: dict[str, _Seen]) -> None:
    for match in _NAME.finditer(line):
        start, end = match.span("name")
        before, after = line[max(0, start - _HEAD) : start], line[end : end + _TAIL]
        name = clean(match["name"], starts=_NO_START.search(before) is not None)
        if not name:
            continue
        uses = seen.setdefault(name, _Seen())
        uses.times += 1
        uses.person += bool(match["title"] or _is_speaker(before, after))
        uses.article += before.endswith("the ")
        if _WHERE_BEFORE.search(before) is not None:
            uses.where += 1
            uses.surely += _SURELY_WHERE.search(before) is not None


def _is_speaker(before: str, after: str) -> bool:
    spoke = _SPOKE_BEFORE.search(before) or _SPEAKS_AFTER.match(after)
    return spoke is not None


def _clean(name: str, *, known: Vocabulary, starts: bool) -> str:
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


def _is_person(uses: NameUses) -> bool:
    return uses.times >= _FEWEST and uses.person >= max(2, 0.04 * uses.times, uses.surely)


def _is_place(uses: NameUses) -> bool:
    if uses.times < _FEWEST or uses.person * 10 > uses.times:
        return False
    return uses.where >= _WHERE * uses.times and uses.surely >= max(1, 0.1 * uses.times)


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
