"""Titles in the order in which readers of their language look for them.

An article at the beginning counts for nothing, letters stand where the alphabet has them, marks
that make no letter of their own decide nothing. Numbers come by their size. Japanese titles are
filed by the reading that a book states, Chinese ones by their sounds (pinyin), Thai vowels behind
the consonant that they are written before. What is no rule of a language is Unicode's order of
letters, each script by itself.
"""

import functools
import re
import unicodedata
from typing import NamedTuple

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.selling.scripts import folded
from ebook_pipeline.foundation.toml_files import toml_beside

_APOSTROPHES = str.maketrans("'ʼ‘", "’’’")
_SPELT_OUT = str.maketrans(
    {"æ": "ae", "œ": "oe", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
"""Letters that Unicode takes for letters of their own, where the language does not."""
_PREFIXED = frozenset({"ar", "he"})
"""Languages whose article is written as a part of the word."""
_FEWEST_LETTERS = 3
"""Of a word behind such an article: what is shorter is no article and its noun."""
_ASKS_FOR_POINTS = frozenset({"he"})
"""A first ה is a letter of the root as often as an article: only points would tell."""
_NUMBER = re.compile(r"\d+")
_LONGEST_NUMBER = 12
_THAI_VOWEL = re.compile("([เ-ไ])([ก-ฮ])")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_NO_LETTERS = re.compile(r"[^\w\ue000-\uf8ff]+|_")
_BEHIND = 0xE000
"""Private characters: what is filed behind a letter is the letter and one of them."""
_LONGEST = 300
"""Characters of a title that are looked at."""


class FiledTitle(NamedTuple):
    """A title parted as it is filed: its article, which may be empty, and all that follows."""

    article: str
    rest: str

    def __str__(self) -> str:
        """``River Bank, The``"""
        return f"{self.rest}, {self.article}" if self.article else self.rest


def filed_title(title: str, language: str) -> FiledTitle:
    """`title` without its article in `language` (BCP 47); whole where nothing would be left."""
    primary = primary_tag(language)
    if primary in _PREFIXED:
        return FiledTitle("", title)
    plain = "".join(folded(letter) or letter for letter in title.translate(_APOSTROPHES))
    plain = plain if len(plain) == len(title) else title.lower()
    for article in _articles(primary):
        ends = len(article)
        elided = article.endswith("’")
        if plain.startswith(article) and (elided or plain[ends : ends + 1] == " "):
            rest = title[ends:].strip()
            return FiledTitle(title[:ends], rest) if rest else FiledTitle("", title)
    return FiledTitle("", title)


def title_key(title: str, language: str, reading: str = "") -> str:
    """A text by which titles are in order, compared sign by sign; `reading` is how it is said."""
    primary = primary_tag(language)
    filed = filed_title((reading or title)[:_LONGEST], language).rest
    filed = _without_prefix(unicodedata.normalize("NFC", filed).lower(), primary)
    if primary == "zh":
        filed = _HAN.sub(_pinyin, filed)
    filed = _THAI_VOWEL.sub(r"\2\1", filed)
    plain = folded(_placed(filed, primary).translate(_SPELT_OUT))
    counted = _NUMBER.sub(lambda number: number[0].lstrip("0").zfill(_LONGEST_NUMBER), plain)
    return " ".join(_NO_LETTERS.sub(" ", counted).split())


def _without_prefix(title: str, language: str) -> str:
    """*الأيام* is filed among the words with *أ*."""
    if language not in _PREFIXED - _ASKS_FOR_POINTS:
        return title
    for article in _articles(language):
        first = title.partition(" ")[0]
        if first.startswith(article) and len(first) >= len(article) + _FEWEST_LETTERS:
            return title[len(article) :]
    return title


def _pinyin(signs: re.Match[str]) -> str:
    from anyascii import anyascii

    return " ".join(anyascii(sign).strip().lower() for sign in signs[0])


def _placed(title: str, language: str) -> str:
    """Letters of the language's own, each behind the one that it follows in the alphabet."""
    places = _letters(language)
    if not places:
        return title
    pattern = "|".join(sorted(map(re.escape, places), key=len, reverse=True))
    return re.sub(pattern, lambda letter: places[letter[0]], title)


@functools.cache
def _letters(language: str) -> dict[str, str]:
    placed: dict[str, str] = {}
    for number, (letter, before) in enumerate(_rules()["letters"].get(language, {}).items()):
        placed[letter] = f"{before}{chr(_BEHIND + number)}"
    return placed


@functools.cache
def _articles(language: str) -> tuple[str, ...]:
    """Without marks, the longest first."""
    articles = {folded(article) for article in _rules()["articles"].get(language, ())}
    return tuple(sorted(articles, key=lambda article: (-len(article), article)))


@functools.cache
def _rules() -> dict[str, dict[str, dict[str, str]]]:
    return toml_beside(__file__, "title_order.toml")
