"""Text and JSON as Postgres takes them: books hold NULs, lone surrogates and infinite numbers."""

import math
from collections.abc import Mapping
from typing import Any


def clean_text(value: str) -> str:
    """`value` with U+FFFD for NUL and an escape for each lone surrogate, so names stay distinct."""
    return value.replace("\0", "\ufffd").encode("utf-8", "backslashreplace").decode()


def clean_json(value: Any) -> Any:
    """`value` with clean texts at every depth; NaN and the infinities become None."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean_text(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean_json(item) for item in value]
    return value


def clean_parameters(
    _connection: Any,
    _cursor: Any,
    statement: str,
    parameters: Any,
    _context: Any,
    _many: bool,
) -> tuple[str, Any]:
    """Parameters as Postgres takes them, by SQLAlchemy's event `before_cursor_execute`.

    What is looked for comes from outside as well as what is kept: an id with a NUL in it is not
    found, and breaks nothing.
    """
    return statement, _fit(parameters)


def _fit(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else clean_text(value)
    if isinstance(value, dict):
        return {name: _fit(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_fit, value))
    return value
