"""Qualifiers of Thema (EDItEUR) that evidence carries: where, when, of which language, for whom.

They stand beside a subject and never for one: https://www.editeur.org/151/Thema
"""

import functools
from dataclasses import dataclass
from typing import Any

from ebook_pipeline.foundation.toml_files import toml_beside


@dataclass(frozen=True)
class ThemaQualifier:
    """A qualifier with its headings, and what tells it: names, years, a language or an age."""

    code: str
    english: str
    german: str
    names: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    language: str = ""
    age: int | None = None

    def heading(self, language: str = "en") -> str:
        """What people call it in German, else in English."""
        return self.german if language == "de" else self.english


@functools.cache
def qualifiers() -> dict[str, ThemaQualifier]:
    """All that are known, by code."""
    listed = toml_beside(__file__, "thema_qualifiers.toml")
    return {code: _qualifier(code, entry) for code, entry in listed.items()}


def _qualifier(code: str, entry: dict[str, Any]) -> ThemaQualifier:
    years = entry.get("years")
    return ThemaQualifier(
        code=code,
        english=entry["en"],
        german=entry["de"],
        names=tuple(entry.get("names", ())),
        years=(years[0], years[1]) if years else None,
        language=entry.get("language", ""),
        age=entry.get("age"),
    )
