"""What the stages of a chain may ask for about one item, by name and with a type."""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from inspect import getmembers_static
from typing import Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class ItemContext:
    """One item while it is worked on; edition 0 says that it could not be opened.

    A chain's own context adds fields and properties: stages ask for them by name. A property is
    evaluated for every function that asks, so that each sees what is true by then; a
    `cached_property` is evaluated once for the item.
    """

    key: str
    edition_number: int

    def shared_version(self, name: str) -> str | None:  # noqa: ARG002 - others know some
        """The version of what stages ask for as `name`, where that is alike for all items."""
        return None


def offered_types(context: type[ItemContext]) -> dict[str, Any]:
    """The declared type of each public field and property of `context`, by name.

    Raises TypeError where a property has no return type.
    """
    offered = get_type_hints(context) | dict(_property_types(context))
    return {name: kind for name, kind in offered.items() if not name.startswith("_")}


def fits(offered: Any, asked: Any) -> bool:
    """Whether a value of type `offered` may be handed to a parameter of type `asked`.

    By declaration alone: the same type, a subclass, a member of a union; `Any` is no type.
    """
    if _is_union(offered):
        return all(fits(part, asked) for part in get_args(offered))
    if _is_union(asked):
        return any(fits(offered, part) for part in get_args(asked))
    if offered == asked:
        return asked is not Any
    return isinstance(offered, type) and asked in offered.__mro__


def type_name(kind: Any) -> str:
    """The type as a declaration writes it, without its module."""
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)


def _property_types(context: type[ItemContext]) -> Iterator[tuple[str, Any]]:
    for name, member in getmembers_static(context):
        function = member.fget if isinstance(member, property) else None
        if isinstance(member, cached_property):
            function = member.func
        if function is not None and not name.startswith("_"):
            hints = get_type_hints(function)
            if "return" not in hints:
                raise TypeError(f"{context.__name__}.{name} must say what it returns")
            yield name, hints["return"]


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)
