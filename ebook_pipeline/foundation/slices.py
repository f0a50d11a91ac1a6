"""Many things some at a time: what is asked or told of them at once is bounded.

A slice is what the sequence's own slices are: of a list a list, of a tuple a tuple.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def slices(whole: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """`whole` in its order, at most `most` at a time; nothing where it is empty.

    Each is cut when it is asked for, so `whole` must not change meanwhile.
    """
    for first in range(0, len(whole), most):
        yield whole[first : first + most]
