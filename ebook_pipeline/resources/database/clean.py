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
