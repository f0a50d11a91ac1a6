"""Articles and prepositions that lose their vowel before a noun: *l’île*, *dell’arte*."""

import functools
import re

_ELIDED = {
    "fr": "l d j m t s n c qu jusqu lorsqu puisqu quoiqu",
    "it": "l un dell all dall nell sull coll quell quest d c m t s v n sant bell",
    "ca": "l d m t s n",
}
"""By language what stands before the apostrophe; Grevisse §§44–45 for French."""
_LARGE_TOO = frozenset({"places", "organisations"})
"""Kinds of names before which an elided word may begin with a capital and be no part of them."""
_ARTICLE = re.compile(
    r"^(?:(?P<article>[lL]|[dD]ell|[aA]ll|[dD]all|[nN]ell|[sS]ull|[qQ]u)|(?P<of>[dD]))['’](?=[^\W\d_])"
)


def without_elision(word: str, language: str) -> str:
    """*l’île* is *île* in French; in languages that elide nothing a word stays as it is."""
    pattern = _pattern(language)
    return pattern.sub("", word) if pattern and ("’" in word or "'" in word) else word


def elides(language: str) -> bool:
    """Whether the language writes such words together."""
    return language in _ELIDED


def bare_name(name: str, kind: str) -> str:
    """*l’Angleterre* is *Angleterre*, *d’Artagnan* himself: *d’* belongs to people's names."""
    match = _ARTICLE.match(name)
    if match is None or (kind == "people" and (match["of"] or match[0][0].isupper())):
        return name
    rest = name[match.end() :]
    is_small = match[0][0].islower()
    return rest if rest[:1].isupper() and (is_small or kind in _LARGE_TOO) else name


@functools.cache
def _pattern(language: str) -> re.Pattern[str] | None:
    words = _ELIDED.get(language, "").split()
    return re.compile(rf"^(?:{'|'.join(words)})['’]", re.IGNORECASE) if words else None
