"""Lists of English words that names and topics are told by, as `english.toml` has them."""

import functools
import tomllib
from importlib import resources


@functools.cache
def words(name: str) -> frozenset[str]:
    """The list called `name`."""
    return frozenset(_lists()[name])


@functools.cache
def _lists() -> dict[str, list[str]]:
    path = resources.files(__package__).joinpath("english.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
