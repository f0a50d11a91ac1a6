"""Topics of a text: nouns that it uses far more often than its language does."""

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence

from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary, english_words

TOPICS = 10
FEWEST_TOPICS = 3
"""One or two words tell nothing of a book."""
_FEWEST = 4
_FEWEST_TENTHS = 3
"""A topic of the book, not of one chapter, stands in so many of its tenths."""
_RAREST, _COMMONEST = 1.5, 4.95
"""Zipf frequencies between which a word can be a topic."""
_AFTER_A_DETERMINER = 0.25
"""The share of uses as *the …* from which a word is taken for a noun."""
_NOUN = re.compile(
    r"\b(?:the|a|an|his|her|my|our|their|your|its|this|that|these|those|no|some|of|with|and)\s+"
    r"([a-z]{4,})(?=[,.;:!?’]|\s+(?:of|in|and|was|is|are|were|that|which|who|to|with|at|on|for|had"
    r"|as|from|by|or|but|came|into|upon|would|will|has|have)\b)"
)
_NO_TOPIC = english_words("no_topics")


def topics(parts: Sequence[str], known: Vocabulary, language: str) -> tuple[str, ...]:
    """The best `TOPICS` topics of a text in `language`, best first.

    Empty for languages whose frequencies nobody has counted.
    """
    usual = frequencies(language)
    if not usual:
        return ()
    nouns = _nouns(parts) if language == "en" else known.types
    scored = {
        word: _weight(times, times / known.total, usual[word])
        for word, times in known.types.items()
        if _can_be_topic(word, known, usual) and nouns[word] >= _AFTER_A_DETERMINER * times
    }
    ranked = sorted(scored, key=lambda word: (-scored[word], word))
    best = _singular(ranked, scored)[:TOPICS]
    return tuple(best) if len(best) >= FEWEST_TOPICS else ()


@functools.lru_cache(maxsize=4)
def frequencies(language: str) -> dict[str, float]:
    """How often each word of `language` is used, from 0 to 1; empty where that is unknown."""
    import wordfreq

    if language not in wordfreq.available_languages():
        return {}
    counted: dict[str, float] = wordfreq.get_frequency_dict(language)
    return counted


def _can_be_topic(word: str, known: Vocabulary, usual: dict[str, float]) -> bool:
    times = known.types[word]
    if times < _FEWEST or len(word) < 4 or word in _NO_TOPIC or not word.isalpha():
        return False
    if known.tenths[word] < _FEWEST_TENTHS or known.printed[word] < 0.7 * times:
        return False
    return word in usual and _RAREST <= math.log10(usual[word] * 1e9) <= _COMMONEST


def _weight(times: int, rate: float, usual: float) -> float:
    """Term frequency, damped, by how much rarer the word is elsewhere."""
    return math.sqrt(times) * math.log(rate / usual) if rate > usual else 0.0


def _nouns(parts: Sequence[str]) -> Counter[str]:
    return Counter(word for part in parts for word in _NOUN.findall(part))


def _singular(ranked: Sequence[str], scored: dict[str, float]) -> list[str]:
    """*whale* and *whales* are one topic, by its better form."""
    kept: list[str] = []
    for word in ranked:
        others = {word.removesuffix("s"), f"{word}s", word.removesuffix("es"), f"{word}es"}
        if scored[word] > 0 and not others.intersection(kept):
            kept.append(word)
    return kept
