"""Lists in pages: by a cursor that says after which row to go on, so that nothing comes twice.

A cursor holds no secret and gives no right: it is the sort key of the last row, in Base64.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from ebook_pipeline.desk.problems import Problem

T = TypeVar("T")
MOST = 200
_LONGEST = 2000

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
After = Annotated[str, Query(max_length=_LONGEST, description="`next` of the page before.")]


class Page(BaseModel, Generic[T]):
    """A part of a list; `next` is the cursor of the following one, and missing at its end."""

    items: list[T]
    next: str | None = None


def cursor(*keys: str | float) -> str:
    """The cursor after a row with this sort key."""
    text = json.dumps(keys, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def keys_of(text: str, *kinds: type) -> tuple[Any, ...] | None:
    """The sort key in a cursor, None where `text` is empty. Raises `Problem` for what is none."""
    if not text:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        keys = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _no_cursor() from error
    if not isinstance(keys, list) or [type(key) for key in keys] != list(kinds):
        raise _no_cursor()
    return tuple(keys)


def moment_of(key: str) -> datetime:
    """The moment in a cursor. Raises `Problem` for what is none."""
    try:
        at = datetime.fromisoformat(key)
    except ValueError as error:
        raise _no_cursor() from error
    if at.tzinfo is None:
        raise _no_cursor()
    return at


def cursor_at(at: datetime, name: str) -> str:
    """The cursor after a row of a list by moments, rows of one moment by name."""
    return cursor(at.isoformat(), name)


def place_in(text: str) -> tuple[datetime, str] | None:
    """Where such a list goes on; None where `text` is empty. Raises `Problem` for no cursor."""
    keys = keys_of(text, str, str)
    return (moment_of(keys[0]), keys[1]) if keys else None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """The page of `rows`, of which one more than `limit` was asked for, to see whether more follow.

    `key` gives the cursor after a row.
    """
    shown = list(rows[:limit])
    return Page(items=shown, next=key(shown[-1]) if len(rows) > limit else None)


def _no_cursor() -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "cursor", "`after` is no cursor of this list.")
