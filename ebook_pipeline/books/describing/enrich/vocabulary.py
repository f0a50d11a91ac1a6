"""The words of a text, counted once; English words that names and topics are told by."""

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ebook_pipeline.books.describing.enrich.elisions import elides, without_elision
from ebook_pipeline.books.text import words
from ebook_pipeline.foundation.toml_files import toml_beside

_PARTS = 10


@dataclass(frozen=True)
class Vocabulary:
    """How often each word stands in a text: as printed, in lower case, and in how many tenths."""

    printed: Counter[str]
    types: Counter[str]
    tenths: Counter[str]

    @property
    def total(self) -> int:
        return self.types.total()


def vocabulary(parts: Sequence[str], language: str = "") -> Vocabulary:
    """The vocabulary of the documents `parts`; elided words of `language` are left out."""
    spoken = [word for part in parts for word in words(part)]
    if elides(language):
        spoken = [without_elision(word, language) for word in spoken]
    printed, types, tenths = Counter(spoken), Counter[str](), Counter[str]()
    for word, times in printed.items():
        types[word.lower()] += times
    step = max(1, -(-len(spoken) // _PARTS))
    for start in range(0, len(spoken), step):
        tenths.update({word.lower() for word in spoken[start : start + step]})
    return Vocabulary(printed, types, tenths)


@functools.cache
def english_words(name: str) -> frozenset[str]:
    """The list called `name` in `english.toml`."""
    return frozenset(_lists()[name])


@functools.cache
def _lists() -> dict[str, list[str]]:
    return toml_beside(__file__, "english.toml")
