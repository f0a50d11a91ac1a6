"""What a test knows to be there, said to the type checker."""

from typing import TypeVar

T = TypeVar("T")


def existing(value: T | None) -> T:
    """`value`; AssertionError where it is None."""
    assert value is not None
    return value
