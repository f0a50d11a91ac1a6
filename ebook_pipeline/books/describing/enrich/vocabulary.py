"""The words of a text counted once, for everything that goes by words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ebook_pipeline.books.text import words

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


def vocabulary(parts: Sequence[str]) -> Vocabulary:
    """The vocabulary of the documents `parts`."""
    found = [word for part in parts for word in words(part)]
    printed, types, tenths = Counter(found), Counter[str](), Counter[str]()
    for word, times in printed.items():
        types[word.lower()] += times
    step = max(1, -(-len(found) // _PARTS))
    for start in range(0, len(found), step):
        tenths.update({word.lower() for word in found[start : start + step]})
    return Vocabulary(printed, types, tenths)
