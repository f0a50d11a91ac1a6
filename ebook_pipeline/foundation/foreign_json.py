"""JSON from outside, read to a depth: what nests deeper would exhaust whoever walks it."""

import json
from typing import Any

MOST_DEPTH = 64
"""Lists and objects within each other; what people and programs write has less than ten."""


def parse_json(document: bytes | str, **hooks: Any) -> Any:
    """The value that `document` is; `hooks` are json.loads'. Raises ValueError for anything else.

    A number of thousands of digits is none: Python's own limit raises ValueError too.
    """
    try:
        value = json.loads(document, **hooks)
    except RecursionError:
        raise ValueError("it nests too deeply") from None
    if _depth_exceeds(value, MOST_DEPTH):
        raise ValueError("it nests too deeply")
    return value


def _depth_exceeds(value: object, most: int) -> bool:
    level = [value]
    for _ in range(most + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    """The lists and objects right inside of a list or object."""
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    else:
        return []
    return [one for one in inner if isinstance(one, list | dict)]
