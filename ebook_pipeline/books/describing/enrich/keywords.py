"""Topics of a text: nouns that it uses far more often than its language does."""

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ebook_pipeline.books.describing.enrich.elisions import elides
from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary, english_words
from ebook_pipeline.books.text import line_around

TOPICS = 10
CANDIDATES = 24
"""Words that a model of the language is asked about, of which `TOPICS` may stay."""
_USES = 4
"""Uses of a candidate that it reads, and characters to each side of them."""
_AROUND = 60
_NOUN_SHARE = 0.5
"""Of its uses that a model read, the share that are nouns, from which a word is a topic."""
FEWEST_TOPICS = 3
"""One or two words tell nothing of a book."""
_FEWEST = 4
_FEWEST_TENTHS = 3
"""A topic of the book, not of one chapter, stands in so many of its tenths."""
_RAREST, _COMMONEST = 1.5, 4.95
"""Zipf frequencies between which a word can be a topic."""
_AFTER_A_DETERMINER = 0.25
"""The share of uses as *the …* from which a word is taken for a noun."""
_NOUNS = {
    "en": re.compile(
        r"\b(?:the|a|an|his|her|my|our|their|your|its|this|that|these|those|no|some|of|with|and)\s+"
        r"([a-z]{4,})(?=[,.;:!?’]|\s+(?:of|in|and|was|is|are|were|that|which|who|to|with|at|on|for|"
        r"had|as|from|by|or|but|came|into|upon|would|will|has|have)\b)"
    ),
    "de": re.compile(
        r"\b(?i:der|die|das|dem|den|des|ein|eine|einem|einen|einer|eines|kein|keine|keinen|mein|meine"
        r"|meinem|meinen|meiner|dein|deine|sein|seine|seinem|seinen|seiner|ihr|ihre|ihrem|ihren|ihrer"
        r"|unser|unsere|dieser|diese|dieses|diesem|diesen|jeder|jede|jedes|jedem|jeden|vom|zum|zur|im"
        r"|am|ins)\s+([A-ZÄÖÜ][a-zäöüß]{3,})"
    ),
    "fr": re.compile(
        r"(?:\b(?i:le|la|les|un|une|des|du|au|aux|mon|ma|mes|ton|ta|tes|son|sa|ses|notre|nos|votre|vos"
        r"|leur|leurs|ce|cet|cette|ces|de)\s+|\b[lLdD][’'])([a-zà-öø-ÿœ]{3,})"
    ),
    "es": re.compile(
        r"\b(?i:el|la|los|las|un|una|unos|unas|del|al|mi|mis|tu|tus|su|sus|nuestro|nuestra|este|esta"
        r"|estos|estas|ese|esa|aquel|aquella|de)\s+([a-záéíóúüñ]{4,})"
    ),
    "it": re.compile(
        r"(?:\b(?i:il|lo|la|i|gli|le|un|uno|una|del|dello|della|dei|degli|delle|al|allo|alla|ai|alle"
        r"|dal|dalla|nel|nella|nei|nelle|sul|sulla|mio|mia|suo|sua|suoi|sue|questo|questa|quel|quella"
        r"|di)\s+|\b(?i:l|un|dell|all|dall|nell|sull)[’'])([a-zàèéìòù]{3,})"
    ),
    "nl": re.compile(
        r"\b(?i:de|het|een|mijn|zijn|haar|hun|ons|onze|uw|jouw|deze|dit|die|dat|geen)\s+([a-zé]{4,})"
    ),
    "pt": re.compile(
        r"\b(?i:o|a|os|as|um|uma|uns|umas|do|da|dos|das|no|na|nos|nas|ao|aos|pelo|pela|meu|minha|seu"
        r"|sua|seus|suas|este|esta|esse|essa|aquele|aquela|de)\s+([a-zà-öø-ÿ]{4,})"
    ),
}  # fmt: skip
"""What stands behind an article or its like; English asks for what follows too."""
_CAPITALS = frozenset({"de"})
"""Languages that write every noun large."""
_SHORTEST, _SHORTEST_ELIDING = 4, 3
"""Letters of a topic; *île* and *oro* are nouns, and articles tell it."""
_NO_TOPIC = english_words("no_topics")


@dataclass(frozen=True)
class TopicCandidate:
    """A word that may be a topic, and some of its uses."""

    word: str
    uses: tuple[str, ...] = ()


def candidates(
    parts: Sequence[str], known: Vocabulary, language: str
) -> tuple[TopicCandidate, ...]:
    """The best `CANDIDATES` words of a text in `language`, best first, with their uses.

    Empty for languages whose frequencies nobody has counted.
    """
    ranked = _ranked(parts, known, language)[:CANDIDATES]
    uses = _uses(parts, ranked) if ranked else {}
    return tuple(TopicCandidate(word, tuple(uses.get(word.lower(), ()))) for word in ranked)


def topics(
    found: Sequence[TopicCandidate], tagged: Sequence[Sequence[tuple[str, str]]] = ()
) -> tuple[str, ...]:
    """The best `TOPICS` of them; without those that are no nouns in most of their uses.

    `tagged` is what a model made of `uses(found)`: the words of each with their part of speech
    (https://universaldependencies.org/u/pos/); without it, articles alone have told the nouns.
    """
    times, nouns = Counter[str](), Counter[str]()
    for words in tagged:
        times.update(word.lower() for word, _ in words)
        nouns.update(word.lower() for word, part in words if part == "NOUN")
    kept = [
        one.word
        for one in found
        if nouns[one.word.lower()] >= _NOUN_SHARE * times[one.word.lower()]
    ]
    return tuple(kept[:TOPICS]) if len(kept) >= FEWEST_TOPICS else ()


def uses(found: Sequence[TopicCandidate]) -> list[str]:
    """What a model reads, once each."""
    return list(dict.fromkeys(use for one in found for use in one.uses))


def _uses(parts: Sequence[str], wanted: Sequence[str]) -> dict[str, list[str]]:
    """Some uses of each word, whole words around it."""
    listed = "|".join(sorted(map(re.escape, wanted), key=len, reverse=True))
    pattern = re.compile(rf"\b({listed})\b")
    uses: dict[str, list[str]] = {word.lower(): [] for word in wanted}
    for part in parts:
        for match in pattern.finditer(part):
            if len(own := uses[match[1].lower()]) < _USES:
                own.append(_around(part, match))
    return uses


def _around(text: str, match: re.Match[str]) -> str:
    """Whole words of its line."""
    before, after = line_around(text, *match.span(), _AROUND)
    return f"{before.partition(' ')[2]}{match[0]}{after.rpartition(' ')[0]}"


def _ranked(parts: Sequence[str], known: Vocabulary, language: str) -> list[str]:
    usual = frequencies(language)
    if not usual:
        return []
    nouns, large = _nouns(parts, language), language in _CAPITALS
    shortest = _SHORTEST_ELIDING if elides(language) else _SHORTEST
    scored = {
        word: _weight(times, times / known.total, usual[word])
        for word, times in known.types.items()
        if _can_be_topic(word, known, usual, shortest, large=large)
        and (nouns is None or nouns[word] >= _AFTER_A_DETERMINER * times)
    }
    best = _singular(sorted(scored, key=lambda word: (-scored[word], word)), scored)
    return [word.capitalize() if large else word for word in best]


@functools.lru_cache(maxsize=4)
def frequencies(language: str) -> dict[str, float]:
    """How often each word of `language` is used, from 0 to 1; empty where that is unknown."""
    import wordfreq

    if language not in wordfreq.available_languages():
        return {}
    counted: dict[str, float] = wordfreq.get_frequency_dict(language)
    return counted


def _can_be_topic(
    word: str, known: Vocabulary, usual: dict[str, float], shortest: int, *, large: bool = False
) -> bool:
    times = known.types[word]
    if times < _FEWEST or len(word) < shortest or word in _NO_TOPIC or not word.isalpha():
        return False
    printed = known.printed[word.capitalize() if large else word]
    if known.tenths[word] < _FEWEST_TENTHS or printed < 0.7 * times:
        return False
    return word in usual and _RAREST <= math.log10(usual[word] * 1e9) <= _COMMONEST


def _weight(times: int, rate: float, usual: float) -> float:
    """Term frequency, damped, by how much rarer the word is elsewhere."""
    return math.sqrt(times) * math.log(rate / usual) if rate > usual else 0.0


def _nouns(parts: Sequence[str], language: str) -> Counter[str] | None:
    """How often each word stands as nouns do; None where no article tells."""
    pattern = _NOUNS.get(language)
    if pattern is None:
        return None
    return Counter(word.lower() for part in parts for word in pattern.findall(part))


def _singular(ranked: Sequence[str], scored: dict[str, float]) -> list[str]:
    """*whale* and *whales* are one topic, by its better form."""
    kept: list[str] = []
    for word in ranked:
        others = {word.removesuffix("s"), f"{word}s", word.removesuffix("es"), f"{word}es"}
        if scored[word] > 0 and not others.intersection(kept):
            kept.append(word)
    return kept
