"""How much of two texts is the same, from sketches that stand for them."""

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from ebook_pipeline.books.boilerplate import own_text
from ebook_pipeline.books.text import WORD

SHINGLE = 5
"""Words in a row that are compared at a time."""
SKETCH = 256
"""Hashes kept of a text: the likeness of two texts is known to about 0.03."""
NEAR_DUPLICATE = 0.6
"""Likeness from which two texts are held to be one: changing one word in twenty gives it."""
_BYTES = 8
"""Of a run's digest."""
_AT_ONCE = 2000
"""Runs that are in memory."""


def sketch(text: str) -> tuple[int, ...]:
    """The least hashes of all runs of five words, ascending; equal for equal words.

    A bottom-k sketch: Cohen and Kaplan 2007, https://doi.org/10.1145/1281100.1281133. Whatever the
    text's length, no more than the words of some runs and the hashes that are kept are in memory.
    """
    kept: set[int] = set()
    largest_first: list[int] = []  # negated: the largest kept hash is at the top of the heap
    least = b"\xff" * _BYTES  # a digest above it is none of the least
    for runs in _runs(WORD.finditer(text.casefold())):
        digests = [blake2b(run.encode(), digest_size=_BYTES).digest() for run in runs]
        for digest in [digest for digest in digests if digest <= least]:
            if (value := _value(digest)) in kept:
                continue
            kept.add(value)
            if len(kept) <= SKETCH:
                heapq.heappush(largest_first, -value)
            else:
                kept.remove(-heapq.heappushpop(largest_first, -value))
        if len(kept) == SKETCH:
            least = (-2 * largest_first[0] + 1).to_bytes(_BYTES, "big")
    return tuple(sorted(kept))


def sketch_file(text: Path) -> tuple[int, ...]:
    """The sketch of the plain text in UTF-8 at `text`; runs in the sandbox.

    A licence of thousands of words makes no two short stories of one library alike.
    """
    return sketch(own_text(text.read_text(encoding="utf-8")))


def _runs(spoken: Iterator[re.Match[str]]) -> Iterator[Iterable[str]]:
    """Every run of `SHINGLE` words, many at a time; of a shorter text, all of its words."""
    latest = [match[0] for match in islice(spoken, SHINGLE - 1)]
    is_short = True
    while following := [match[0] for match in islice(spoken, _AT_ONCE)]:
        latest += following
        yield map(" ".join, zip(*(latest[at:] for at in range(SHINGLE)), strict=False))
        latest, is_short = latest[1 - SHINGLE :], False
    if latest and is_short:
        yield [" ".join(latest)]


def similarity(first: Sequence[int], other: Sequence[int]) -> float:
    """How much of two texts is shared (Jaccard index of their runs), from their sketches."""
    least = heapq.nsmallest(SKETCH, {*first, *other})
    if not least:
        return 0.0
    shared = {*first} & {*other}
    return round(sum(value in shared for value in least) / len(least), 4)


def _value(digest: bytes) -> int:
    """63 bits: they fit Postgres' bigint."""
    return int.from_bytes(digest, "big") >> 1
