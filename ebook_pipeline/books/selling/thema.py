"""What people call the codes of Thema (EDItEUR), in English and German.

A code grows at its end: one without a heading here is called by the nearest above it that has one.
"""

import functools
import re

from ebook_pipeline.foundation.toml_files import toml_beside

_LANGUAGES = ("en", "de")
_CODE = re.compile(r"[A-Z][A-Z0-9]{0,19}")
"""A subject; qualifiers begin with a digit, and are no subjects."""


def thema_heading(code: str, language: str = "en") -> str:
    """The heading of `code` in one of our languages (else English); empty for what is no code."""
    if not _CODE.fullmatch(code):
        return ""
    known = _headings()
    nearest = next((code[:end] for end in range(len(code), 0, -1) if code[:end] in known), "")
    at = _LANGUAGES.index(language) if language in _LANGUAGES else 0
    return known[nearest][at] if nearest else ""


def thema_codes(language: str = "en") -> tuple[tuple[str, str], ...]:
    """Every code that has a heading of its own, with it, in the codes' order."""
    at = _LANGUAGES.index(language) if language in _LANGUAGES else 0
    return tuple((code, headings[at]) for code, headings in sorted(_headings().items()))


def has_thema_heading(code: str) -> bool:
    """Whether `code` is one that has a heading of its own."""
    return code in _headings()


@functools.cache
def _headings() -> dict[str, tuple[str, str]]:
    listed = toml_beside(__file__, "thema_headings.toml")
    return {code: (english, german) for code, (english, german) in listed.items()}
