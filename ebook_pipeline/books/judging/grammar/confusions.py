"""Words taken for others that sound alike, told by the next word: *you’re father*, *their was*.

How often a word follows another in print comes from symspellpy's table of pairs (Google Books
n-grams): what follows the word that is meant far more often than the one that is printed is a
fault. *You’re* and *it’s* are in no such table: *are* and *is* stand for them.
"""

import functools
import importlib.resources
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from ebook_pipeline.books.judging.grammar import GrammarFault

COUNTED_AS = {"you're": "are", "it's": "is", "they're": "are"}
MEANT = {
    "you're": ("your",),
    "your": ("you're",),
    "it's": ("its",),
    "there": ("their",),
    "their": ("there", "they're"),
}
LEAST_SHARE = 1e-4
"""Of all that follows the word meant, at least this is the word that follows here."""
OWNERS = frozenset({"your", "its", "their"})
MORE_OFTEN = {True: 10, False: 100}
"""So many times more often it follows the word meant than the one printed, by their shares.

Nearly any noun follows an owner (True), and few verbs are nouns too (False).
"""
_EITHER = (
    "first second third last best most least one two three four five six several many few so such"
    " might will being very"
)
EITHER = frozenset(_EITHER.split())
"""What rightly follows both: *it’s first rate*, *their several parts*, *their might*."""
_TABLE = "frequency_bigramdictionary_en_243_342.txt"
_PLACES = re.compile(rf"\b({'|'.join(MEANT)}) ([a-z]+)\b(?!['’])", re.IGNORECASE)


def confused_words(text: str) -> Iterator[GrammarFault]:
    """In order; apostrophes of `text` are straight."""
    shares, rarest = _shares()
    for match in _PLACES.finditer(text):
        printed, after = match[1].lower(), match[2]
        if after in EITHER:
            continue
        here = shares[_counted(printed)].get(after, rarest[_counted(printed)])
        for meant in MEANT[printed]:
            there = shares[_counted(meant)].get(after, 0.0)
            if there >= LEAST_SHARE and there >= MORE_OFTEN[meant in OWNERS] * here:
                message = f"“{match[0]}”: is “{meant}” meant?"
                yield GrammarFault(*match.span(1), "Confusion", message, meant)
                break


def _counted(word: str) -> str:
    return COUNTED_AS.get(word, word)


@functools.cache
def _shares() -> tuple[Mapping[str, Mapping[str, float]], Mapping[str, float]]:
    """By word the share of each that follows it, and half the share of the rarest."""
    wanted = {_counted(word) for word in (*MEANT, *OWNERS, "they're")}
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    table = importlib.resources.files("symspellpy") / _TABLE
    with table.open(encoding="utf-8-sig") as lines:
        for line in lines:
            first, second, count = line.split()
            if first in wanted:
                counts[first][second] = int(count)
    totals = {first: sum(after.values()) for first, after in counts.items()}
    shares = {
        first: {second: count / totals[first] for second, count in after.items()}
        for first, after in counts.items()
    }
    return shares, {first: min(after.values()) / 2 for first, after in shares.items()}
