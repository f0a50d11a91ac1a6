"""What services say when they refuse, in the language of a page: `words/refusals/<language>.toml`.

Services and routes speak English, to programs and to logs. A catalogue has the sentences that
people meet, as the source has them, with ``{0}`` for a word that is put in.
"""

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

from ebook_pipeline.foundation.toml_files import read_toml

_FOLDER = Path(__file__).with_name("words") / "refusals"
_PLACE = re.compile(r"\{(\d)\}")
_LONGEST = 1000


def told(text: str, language: str) -> Markup:
    """The sentence in `language`; where nobody wrote it, the English one, marked as such."""
    if language == "en" or not text:
        return Markup.escape(text)
    translated = in_language(text, language)
    if translated:
        return Markup.escape(translated)
    return Markup('<span lang="en">{}</span>').format(text)


def in_language(text: str, language: str) -> str:
    """The sentence in `language`; empty where nobody wrote it."""
    if len(text) > _LONGEST:
        return ""
    for pattern, translation in _catalogue(language):
        match = pattern.fullmatch(text)
        if match:
            return translation.format(*match.groups())
    return ""


@cache
def _catalogue(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each sentence as a pattern; what says most by itself is tried first."""
    path = _FOLDER / f"{language}.toml"
    listed = read_toml(path) if path.is_file() else {}
    ordered = sorted(listed.items(), key=lambda item: -len(_PLACE.sub("", item[0])))
    return tuple((_pattern(english), translation) for english, translation in ordered)


def _pattern(english: str) -> re.Pattern[str]:
    """Places are numbered in the order of the English sentence."""
    parts = _PLACE.split(english)[::2]
    return re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL)
