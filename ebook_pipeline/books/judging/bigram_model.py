"""How likely a word is at its place: by the words beside it, in this book and in print."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ebook_pipeline.books.judging.lexicon import Lexicon

RARE = 1e-9
"""How often a word is printed that no frequency list has."""
_PAIR_IN_PRINT, _PAIR_IN_BOOK, _WORD = 0.35, 0.45, 0.2
"""How much each says of the next word; they are interpolated (Jelinek and Mercer, 1980)."""
_DOUBT = 5
"""So many occurrences of a word tell half of what can follow it in this book."""
_TOKEN = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)*)")
_OPENS = re.compile('[.!?:…\n“‘"—]')
_APOSTROPHES = frozenset("'’")
_LEAST = 1e-12


class Token(NamedTuple):
    """A word of the text at ``[start:end]``; `word` is in lower case, apostrophes straight.

    `joined`: nothing but a space is between it and the word before. `opens`: it begins a sentence,
    a line or a speech. `clipped`: an apostrophe stands beside it (*goin’*, *’em*).
    """

    start: int
    end: int
    printed: str
    word: str
    joined: bool
    opens: bool
    clipped: bool


def tokens(text: str) -> list[Token]:
    """The words of `text` in order; hyphens part them."""
    parts = _TOKEN.split(text)
    printed, between = parts[1::2], parts[::2]
    edges = [0, *itertools.accumulate(map(len, parts))]
    words = {token: token.lower().replace("’", "'") for token in set(printed)}
    opening = {mark for mark in set(between) if mark != " " and _OPENS.search(mark)}
    quoted = {mark for mark in set(between) if not _APOSTROPHES.isdisjoint((mark[-1:], mark[:1]))}
    columns = (
        edges[1::2],
        edges[2::2],
        printed,
        map(words.__getitem__, printed),
        [mark == " " for mark in between],
        itertools.chain([True], [mark in opening for mark in between[1:]]),
        [
            (before in quoted and before[-1:] in _APOSTROPHES)
            or (after in quoted and after[:1] in _APOSTROPHES)
            for before, after in itertools.pairwise(between)
        ],
    )
    return list(map(Token._make, zip(*columns, strict=False)))


class BigramModel:
    """What the book and print say of the words of `text_tokens`, those of one book."""

    def __init__(self, text_tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self.words = [token.word for token in text_tokens]
        self.counts = Counter(self.words)
        self._joined = [token.joined for token in text_tokens]
        beside = itertools.pairwise(self.words)
        self._pairs = Counter(itertools.compress(beside, self._joined[1:]))
        self._zipf, self._following = lexicon.zipf, lexicon.following
        self._usual = self._usual_beside()

    def supported(self, at: int) -> bool:
        """Whether the word stands as often elsewhere beside one of its neighbours."""
        return self._usual[at] or self._usual[at + 1]

    def fitting(self, at: int, words: Iterable[str]) -> tuple[str, ...]:
        """Those of `words` that are known to stand beside a neighbour of the place `at`."""
        before, _, after = self.around(at)
        if before is None and after is None:
            return ()
        pairs, following = self._pairs, self._following
        behind = following.get(before, {}) if before is not None else {}
        return tuple(
            word
            for word in words
            if word in behind
            or (before, word) in pairs
            or (word, after) in pairs
            or after in following.get(word, ())
        )

    def likelihood(self, at: int, word: str, own: int = 0) -> float:
        """Natural logarithm of how likely `word` is at the place `at`, whatever stands there.

        `own` occurrences of it are those of the place itself, and left out.
        """
        before, _, after = self.around(at)
        value = math.log(self._next(before, word, own) + _LEAST)
        if after is None:
            return value
        likely = self._after(word, after, own) + _WORD * self._alone(after, 0)
        return value + math.log(likely + _LEAST) - math.log(self._alone(after, 0) + _LEAST)

    def around(self, at: int) -> tuple[str | None, str, str | None]:
        """The word at `at` between its neighbours, where nothing but a space parts them."""
        words, joined = self.words, self._joined
        before = words[at - 1] if at and joined[at] else None
        after = words[at + 1] if at + 1 < len(words) and joined[at + 1] else None
        return before, words[at], after

    def _usual_beside(self) -> list[bool]:
        """By place whether its word stands elsewhere too behind the one before; nobody behind."""
        following = self._following
        usual = {
            pair
            for pair, times in self._pairs.items()
            if times > 1 or pair[1] in following.get(pair[0], ())
        }
        beside = zip(self._joined[1:], zip(self.words, self.words[1:], strict=False), strict=True)
        return [False, *(joined and pair in usual for joined, pair in beside), False]

    def _next(self, before: str | None, word: str, own: int) -> float:
        alone = self._alone(word, own)
        return alone if before is None else self._after(before, word, own) + _WORD * alone

    def _after(self, first: str, second: str, own: int) -> float:
        seen = max(0, self._pairs[first, second] - own) if self._pairs else 0
        in_book = seen / (self.counts[first] + _DOUBT)
        in_print = self._following.get(first, {}).get(second, 0.0)
        return _PAIR_IN_PRINT * in_print + _PAIR_IN_BOOK * in_book

    def _alone(self, word: str, own: int) -> float:
        in_book = max(0, self.counts[word] - own) / max(1, len(self.words))
        zipf = self._zipf.get(word)
        return 0.5 * in_book + 0.5 * (RARE if zipf is None else 10 ** (zipf - 9))
