"""How numbers and lists are written in sentences."""

from collections.abc import Sequence

_MOST_NAMED = 5
"""Names in a list."""
_LONGEST_NAME = 80
"""Characters of a name."""


def counted(count: int, noun: str, plural: str = "", form: str = "") -> str:
    """``1 page``, ``5 pages``; `form` is how the number is written, as ``format`` takes it."""
    return f"{count:{form}} {noun if count == 1 else plural or noun + 's'}"


def listed(names: Sequence[str]) -> str:
    """The first five names, and how many more there are."""
    shown = ", ".join(name[:_LONGEST_NAME] for name in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
