"""Two editions of a book side by side: which paragraphs went, came, or read otherwise."""

from array import array
from collections.abc import Iterable, Sequence

from ebook_pipeline.books.converting.text_comparison.alignment import gaps
from ebook_pipeline.books.records import Record

MOST_CHANGES = 200
"""Changes that are shown; `more` says how many there are besides."""
_LONGEST = 2000
"""Characters of one side of a change."""


class Change(Record):
    """What one edition has in a place, and the other: empty where it has nothing there."""

    before: str = ""
    after: str = ""


class EditionChanges(Record):
    """The first changes, and how many `more` there are."""

    changes: tuple[Change, ...] = ()
    more: int = 0


def edition_changes(before: str, after: str) -> EditionChanges:
    """What of two plain texts is not the same, paragraph by paragraph, in reading order.

    n log n in the number of paragraphs.
    """
    old, new = _paragraphs(before), _paragraphs(after)
    numbers: dict[str, int] = {}
    left, right = (_numbered(side, numbers) for side in (old, new))
    found = gaps(left, right)
    shown = (
        Change(
            before=_text(old[gap.left_start : gap.left_end]),
            after=_text(new[gap.right_start : gap.right_end]),
        )
        for gap in found[:MOST_CHANGES]
    )
    return EditionChanges(changes=tuple(shown), more=max(0, len(found) - MOST_CHANGES))


def _paragraphs(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line]


def _numbered(paragraphs: Iterable[str], numbers: dict[str, int]) -> "array[int]":
    return array("q", (numbers.setdefault(line, len(numbers)) for line in paragraphs))


def _text(paragraphs: Sequence[str]) -> str:
    whole = "\n".join(paragraphs)
    return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…"
