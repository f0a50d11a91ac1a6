"""Whether two books are one: the same work by what they are called, or nearly the same text."""

import hashlib
import heapq
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from ebook_pipeline.books.describing.statements import comparison_key
from ebook_pipeline.books.records import Product, RelatedBook
from ebook_pipeline.books.text import WORD
from ebook_pipeline.foundation.findings import Finding, Severity

SHINGLE = 5
"""Words in a row that are compared at a time."""
SKETCH = 256
"""Hashes kept of a text: the likeness of two texts is known to about 0.03."""
NEAR_DUPLICATE = 0.6
"""Likeness from which two texts are held to be one: changing one word in twenty gives it."""
_LONGEST_KEY = 300
"""Characters of a title or a name by which works are compared: an index has to take both."""
FEWEST_RUNS = 50
"""Runs of words that a text must have before it counts as another's: less is a title page."""
OF_ANOTHER_ACCOUNT = "metadata.of-another-account"
_BOTH = "Withdraw one of them, unless both are meant to be sold."
_RIGHTS = "Say by what right it is sold, or withdraw it."


def sketch(text: str) -> tuple[int, ...]:
    """The least hashes of all runs of five words, ascending; equal for equal words.

    A bottom-k sketch: Cohen and Kaplan 2007, https://doi.org/10.1145/1281100.1281133. Whatever the
    text's length, no more than the words of one run and the hashes that are kept are in memory.
    """
    kept: set[int] = set()
    largest_first: list[int] = []  # negated: the largest kept hash is at the top of the heap
    for run in _runs(WORD.finditer(text.casefold())):
        value = _hash(run)
        if value in kept or (len(kept) == SKETCH and value > -largest_first[0]):
            continue
        kept.add(value)
        if len(kept) <= SKETCH:
            heapq.heappush(largest_first, -value)
        else:
            kept.remove(-heapq.heappushpop(largest_first, -value))
    return tuple(sorted(kept))


def sketch_file(text: Path) -> tuple[int, ...]:
    """The sketch of the plain text in UTF-8 at `text`; runs in the sandbox."""
    return sketch(text.read_text(encoding="utf-8"))


def _runs(spoken: Iterator[re.Match[str]]) -> Iterator[str]:
    """Every run of `SHINGLE` words; of a shorter text, all of its words."""
    latest = deque((match[0] for match in islice(spoken, SHINGLE)), SHINGLE)
    if latest:
        yield " ".join(latest)
    for match in spoken:
        latest.append(match[0])
        yield " ".join(latest)


def similarity(first: Sequence[int], other: Sequence[int]) -> float:
    """How much of two texts is shared (Jaccard index of their runs), from their sketches."""
    least = heapq.nsmallest(SKETCH, {*first, *other})
    if not least:
        return 0.0
    shared = {*first} & {*other}
    return round(sum(value in shared for value in least) / len(least), 4)


def work_key(product: Product) -> str:
    """Title and first author as they are compared; empty where nobody is named.

    A subtitle makes no other work: *Frankenstein: Or, the Modern Prometheus* is *Frankenstein*.
    """
    if not product.creators:
        return ""
    author = product.creators[0]
    family = (author.file_as or "").partition(",")[0] or author.name.split()[-1:]
    title = product.title.partition(":")[0]
    names = comparison_key(title), comparison_key("".join(family))
    return "/".join(name[:_LONGEST_KEY] for name in names)


def findings(kin: Iterable[RelatedBook], others: Collection[str] = ()) -> Iterator[Finding]:
    """What the submitter should know: there may be two of one book in the shop soon.

    `others` are books of other accounts: a submitter is not told what they are called.
    """
    for related in kin:
        name = "a book of another account" if related.book in others else related.book
        if related.relation == "same-work":
            message = f"The catalogue has this work already, as {name}."
            yield _finding("metadata.same-work", Severity.INFO, message, _BOTH)
        elif related.relation == "near-duplicate":
            message = f"{related.likeness:.0%} of its text is that of {name}."
            yield _finding("metadata.near-duplicate", Severity.WARNING, message, _BOTH)


def findings_of_another_account(likeness: Iterable[float]) -> Iterator[Finding]:
    """Of each book that another account sent first: how much of its text this one has."""
    for share in likeness:
        much = "All" if share == 1 else f"{share:.0%}"
        message = f"{much} of its text is that of a book which another account sent first."
        yield _finding(OF_ANOTHER_ACCOUNT, Severity.WARNING, message, _RIGHTS)


def _finding(rule: str, severity: Severity, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, remedy=remedy)


def _hash(run: str) -> int:
    """63 bits: they fit Postgres' bigint."""
    digest = hashlib.blake2b(run.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
