"""The words of the desk's pages: one TOML file per language in `words/`, the same keys in each.

A word is found by its dotted key. One with `one` and `other` is told by the number `n`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ebook_pipeline.foundation.toml_files import read_toml

FOLDER = Path(__file__).with_name("words")
FALLBACK = "en"
_PLURAL = frozenset({"one", "other"})


@dataclass(frozen=True)
class Words:
    """The words of one language, by key."""

    texts: Mapping[str, str]

    def say(self, key: str, /, **values: object) -> str:
        """The words with these values. LookupError for what has no words: a slip of ours."""
        if key in self.texts:
            return self.texts[key].format(**values)
        return self.texts[f"{key}.{'one' if values['n'] == 1 else 'other'}"].format(**values)

    def knows(self, key: str) -> bool:
        """Whether there are words for it."""
        return key in self.texts or f"{key}.other" in self.texts


@cache
def languages() -> tuple[str, ...]:
    """The languages that pages are written in."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def words_of(language: str) -> Words:
    """The words of one of `languages`."""
    document = read_toml(FOLDER / f"{language}.toml")
    return Words(dict(_flat(document)))


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
