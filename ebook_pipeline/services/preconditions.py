"""That a thing is still as whoever changes it has seen it: `If-Match` (RFC 9110 §13.1.1).

A service asks with the thing as it stands, under the lock that the change is made under and before
anything is written; what a precondition raises, the service raises.
"""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

Precondition = Callable[[T], None]
"""Raises where the thing is no more what was seen."""


def unconditionally(_: object) -> None:
    """The change is made whatever the thing is by now."""
