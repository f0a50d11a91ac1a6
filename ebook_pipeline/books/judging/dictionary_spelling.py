"""Likely typos by a dictionary: rare words that it lacks, one slip away from a frequent one.

What a book often has is its own spelling, not a slip; where many words around are unknown a
passage is of another language; where the dictionary knows too few of a book's words, it is too poor
for the book, and nobody is told anything.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.judging.bigram_model import Token
from ebook_pipeline.books.judging.word_list import WordList

SHORTEST = 3
"""Letters of a word that is judged."""
SHORT_GAIN = 4.5
"""Zipf that the word meant must be more frequent than one of so few letters, which may be anything:
an abbreviation, a word of another language."""
_HYPHENS = frozenset("-\u2010\u2011\u00ad\u2060")
OWN_WORD = 3
"""So often a word stands in a book that it is meant."""
LEAST_ZIPF = 3.0
"""Zipf frequency from which a word overshadows its slips."""
LEAST_GAIN = 1.5
"""How much more frequent (zipf) the word meant must be than the one printed."""
ENDING_GAIN = 2.5
"""The same, where only the last letters differ: dictionaries lack inflected forms."""
BOOKS_OWN_GAIN = 1.0
"""What it counts (zipf) that the word meant stands in the book."""
NEARBY, STRANGERS = 6, 3
"""Among so many words to each side, so many unknown ones are a passage of another language."""
KNOWN_SHARE = 0.93
"""The share of a book's words in lower case below which a dictionary is too poor for it."""
HABIT_TYPES, HABIT_SHARE = 6, 0.2
"""So many different words with one change, and so much of all, are a spelling of their own."""


@dataclass(frozen=True)
class DictionarySlip:
    """The token number `at`, and the likeliest word meant."""

    at: int
    meant: str


@dataclass(frozen=True)
class DictionaryReading:
    """What a dictionary says of a text: words in lower case, those unknown, likely slips."""

    small: int
    unknown: int
    slips: tuple[DictionarySlip, ...]

    @property
    def known_share(self) -> float:
        """The share of words in lower case that are known; 1 where there are none."""
        return 1 - self.unknown / max(1, self.small)

    @property
    def is_of_use(self) -> bool:
        return self.known_share >= KNOWN_SHARE


def read(text: str, text_tokens: Sequence[Token], known: WordList) -> DictionaryReading:
    """The slips of one book, in order; `text_tokens` are the words of `text`."""
    return _Reading(text, text_tokens, known).done()


class _Reading:
    """One book's tokens, each word looked up once."""

    def __init__(self, text: str, text_tokens: Sequence[Token], known: WordList) -> None:
        self._text, self._tokens, self._known = text, text_tokens, known
        self._times = Counter(token.word for token in text_tokens)
        self._small = Counter(token.word for token in text_tokens if token.printed.islower())
        printed = {token.printed for token in text_tokens}
        self._unknown = {word for word in printed if not known.knows(word)}
        strange = [token.printed in self._unknown for token in text_tokens]
        self._sums = [0, *itertools.accumulate(strange)]
        self._meant: dict[str, str] = {}
        self._letters = {*known.language.letters, "'"}

    def done(self) -> DictionaryReading:
        small = [token.printed for token in self._tokens if token.printed.islower()]
        unknown = sum(word in self._unknown for word in small)
        slips = list(self._slips())
        habits = self._habits(slips)
        told = (slip for slip in slips if _change(self._word(slip), slip.meant) not in habits)
        return DictionaryReading(len(small), unknown, tuple(told))

    def _slips(self) -> Iterator[DictionarySlip]:
        for at, token in enumerate(self._tokens):
            if token.printed in self._unknown and self._is_judged(token) and self._in_prose(at):
                meant = self._likeliest(token)
                if meant:
                    yield DictionarySlip(at, meant)

    def _is_judged(self, token: Token) -> bool:
        """Capitals within a sentence are names, or nouns; what comes often is the book's own."""
        if len(token.word) < SHORTEST or token.clipped or self._times[token.word] >= OWN_WORD:
            return False
        if not set(token.word) <= self._letters or self._is_part(token):
            return False
        if token.printed.islower() or self._known.language.noun_capitals:
            return not token.printed.isupper()
        return token.opens and token.printed[1:].islower()

    def _is_part(self, token: Token) -> bool:
        """Whether a hyphen stands beside it, or one that the end of a printed line left."""
        before = self._text[max(0, token.start - 2) : token.start].rstrip(" ")
        return before[-1:] in _HYPHENS or self._text[token.end : token.end + 1] in _HYPHENS

    def _in_prose(self, at: int) -> bool:
        sums = self._sums
        near = sums[min(len(sums) - 1, at + NEARBY + 1)] - sums[max(0, at - NEARBY)]
        return near - 1 < STRANGERS

    def _likeliest(self, token: Token) -> str:
        if token.printed not in self._meant:
            self._meant[token.printed] = self._best(token)
        return self._meant[token.printed]

    def _best(self, token: Token) -> str:
        capital = token.printed[0].isupper()
        scored = [
            (self._gain(token.word, other, capital), other)
            for other in set(self._known.single_edits(token.word))
            if self._known.zipf(other) >= LEAST_ZIPF or self._small[other] >= OWN_WORD
        ]
        for gain, other in sorted(scored, reverse=True):
            if gain >= _least_gain(token.word, other) and self._is_word(other, capital):
                return other
        return ""

    def _gain(self, word: str, other: str, capital: bool) -> float:
        """A name may differ from any word by a letter: a capital has to be in the book too."""
        own = BOOKS_OWN_GAIN if self._times[other] else 0.0
        name = 1.0 if capital and not self._times[other] else 0.0
        return self._known.zipf(other) - max(1.0, self._known.zipf(word)) + own - name

    def _is_word(self, other: str, capital: bool) -> bool:
        known = self._known
        return known.in_dictionary(other) or (capital and known.in_dictionary(other.capitalize()))

    def _word(self, slip: DictionarySlip) -> str:
        return self._tokens[slip.at].word

    def _habits(self, slips: Sequence[DictionarySlip]) -> set[tuple[str, str]]:
        """Changes that so many different words share that they are how the book spells."""
        types = {(self._word(slip), slip.meant) for slip in slips}
        times = Counter(_change(word, meant) for word, meant in types)
        least = max(HABIT_TYPES, math.ceil(HABIT_SHARE * len(types)))
        return {change for change, number in times.items() if number >= least}


def _least_gain(word: str, meant: str) -> float:
    if len(word) <= SHORTEST:
        return SHORT_GAIN
    return ENDING_GAIN if _same_stem(word, meant) else LEAST_GAIN


def _change(word: str, meant: str) -> tuple[str, str]:
    """What stands in `word` for what in `meant`, the letters that both share left out."""
    start = 0
    while start < min(len(word), len(meant)) and word[start] == meant[start]:
        start += 1
    end = 0
    while end < min(len(word), len(meant)) - start and word[-1 - end] == meant[-1 - end]:
        end += 1
    return word[start : len(word) - end], meant[start : len(meant) - end]


def _same_stem(word: str, other: str) -> bool:
    """Whether only the last letter differs, or is one more."""
    shared = min(len(word), len(other)) - (len(word) == len(other))
    return word[:shared] == other[:shared]
