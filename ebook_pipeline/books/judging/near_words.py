"""Words that one slip of a finger parts, of many words at once: by numbers, not by letters.

A novel's words have two million single edits, of which some thousands are words. A word of up to
`LONGEST` letters is a number here, five bits a letter, and so is each of its edits.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ebook_pipeline.books.judging.lexicon import english_edits
from ebook_pipeline.foundation.slices import slices

LONGEST = 12
"""Letters that fit in 64 bits; an edit may have one more than its word."""
_BITS = 5
_LETTERS = "abcdefghijklmnopqrstuvwxyz'"
_PLAIN = re.compile("[a-z']+")
_INSERTED = np.arange(1, 27, dtype=np.uint64)
"""An apostrophe is in words, and comes into none by a slip."""
_HASH_BITS = 22
_HASH = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio's bits, by which a product's highest bits are spread (Knuth, TAOCP 6.4)."""
_AT_ONCE = 2000
"""Words; their edits take 10 MB."""
_NUMBERS = np.zeros(256, np.uint64)
_NUMBERS[[ord(letter) for letter in _LETTERS]] = np.arange(1, len(_LETTERS) + 1)

Codes = NDArray[np.uint64]


class NearWords:
    """The words of `meant` by what may be a slip of them; all are in small letters."""

    def __init__(self, meant: set[str]) -> None:
        self.words = meant
        self._words = [word for word in meant if _is_numbered(word, LONGEST)]
        codes = _codes(self._words)
        self._order = np.argsort(codes)
        self._codes = np.append(codes[self._order], ~np.uint64(0))
        self._table = np.zeros(1 << _HASH_BITS, bool)
        self._table[_hashes(codes)] = True

    def of_all(self, words: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """For each of `words` those that are one slip away from it, itself left out."""
        near: dict[str, tuple[str, ...]] = {}
        numbered = []
        for word in words:
            if _is_numbered(word, LONGEST - 1):
                numbered.append(word)
            else:
                near[word] = tuple(self.words.intersection(english_edits(word)) - {word})
        for _, alike in groupby(sorted(numbered, key=len), len):
            for some in slices(list(alike), _AT_ONCE):
                near.update(self._of_one_length(some))
        return near

    def _of_one_length(self, words: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        edits = _edits(_codes(words), len(words[0]))
        rows, columns = np.nonzero(self._table[_hashes(edits)])
        codes = edits[rows, columns]
        at = np.searchsorted(self._codes, codes)
        right = self._codes[at] == codes
        found: list[set[str]] = [set() for _ in words]
        for row, index in zip(rows[right].tolist(), self._order[at[right]].tolist(), strict=True):
            found[row].add(self._words[index])
        return ((word, tuple(near - {word})) for word, near in zip(words, found, strict=True))


def _is_numbered(word: str, longest: int) -> bool:
    return len(word) <= longest and _PLAIN.fullmatch(word) is not None


def _codes(words: Sequence[str]) -> Codes:
    """One number per word, the first letter in its lowest bits."""
    letters = np.array(words, dtype=f"S{LONGEST}").view(np.uint8).reshape(len(words), LONGEST)
    shifts = (np.arange(LONGEST, dtype=np.uint64) * np.uint64(_BITS))[None, :]
    codes: Codes = (_NUMBERS[letters] << shifts).sum(axis=1, dtype=np.uint64)
    return codes


def _edits(codes: Codes, length: int) -> Codes:
    """A row per word: a letter lost, two swapped, one changed, one added, at each place."""
    columns = []
    for at in range(length + 1):
        shift, next_shift = np.uint64(_BITS * at), np.uint64(_BITS * (at + 1))
        before = codes & ((np.uint64(1) << shift) - np.uint64(1))
        here, after = codes >> shift, codes >> next_shift
        inserted = (before | (here << next_shift))[:, None]
        columns.append(inserted | (_INSERTED << shift)[None, :])
        if at == length:
            break
        columns.append((before | (after << shift))[:, None])
        changed = (before | (after << next_shift))[:, None]
        columns.append(changed | (_INSERTED << shift)[None, :])
        if at < length - 1:
            columns.append(_swapped(codes, at)[:, None])
    edits: Codes = np.concatenate(columns, axis=1)
    return edits


def _swapped(codes: Codes, at: int) -> Codes:
    one, other = np.uint64(_BITS * at), np.uint64(_BITS * (at + 1))
    letter = np.uint64((1 << _BITS) - 1)
    differ = ((codes >> one) ^ (codes >> other)) & letter
    swapped: Codes = codes ^ (differ << one) ^ (differ << other)
    return swapped


def _hashes(codes: Codes) -> Codes:
    hashes: Codes = (codes * _HASH) >> np.uint64(64 - _HASH_BITS)
    return hashes
