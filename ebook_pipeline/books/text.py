"""Plain text counted: paragraphs, sentences, words, reading time, reading ease. Pure and fast."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ebook_pipeline.books import reading_ease

T = TypeVar("T")

_INDIC = "".join(
    f"{chr(block)}-{chr(block + 3)}{chr(block + 0x3A)}-{chr(block + 0x3C)}"
    f"{chr(block + 0x3E)}-{chr(block + 0x4F)}{chr(block + 0x51)}-{chr(block + 0x57)}"
    for block in range(0x900, 0xD80, 0x80)
)
COMBINING_MARKS = (
    f"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670{_INDIC}"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u17b4-\u17d3\u200c\u200d"
)
"""Accents, Hebrew points, Arabic vowels, Indic and Thai vowel signs written apart from their
letter, and joiners: parts of a word."""

LETTERS = rf"(?:[^\W_]++|[{COMBINING_MARKS}]++)++"
WORD = re.compile(rf"{LETTERS}(?:[-'’\u2010\u2011\u2060\u00ad]++{LETTERS})*+")
"""A word; hyphens and apostrophes inside it join."""

IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
WORDS_PER_MINUTE = 238
"""Silent reading of English fiction, Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047"""
IDEOGRAPHS_PER_MINUTE = 480
"""Characters of Chinese and Japanese that are read silently in a minute: our own choice."""
LONGEST_WRAPPED_LINE = 90
"""Characters of a line, up to which all lines of a text may have been broken to fit a screen."""

_ABBREVIATION = re.compile(
    r"\b(?:[A-HJ-Z]|Mr|Mrs|Ms|Dr|St|Prof|Rev|Hon|Esq|Capt|Col|Gen|Lieut|Lt|Sergt|Sgt|Jr|Sr|"
    r"Messrs|Mme|Mlle|Nos|Vol|vol|Ch|Fig|cf|viz|vs|pp?|ed)$"
)
_STOPS = ".!?…。！？؟۔।॥"
"""Of Latin, Chinese and Japanese, Arabic, Urdu and Devanagari writing."""
_END = re.compile(
    rf"((?<![{_STOPS}])[{_STOPS}]+[\"'”’»)\]」』]*)(\s+|(?<=[。！？])(?![」』”’])|(?<=[。！？][」』”’])|$)"
)
_UNSPACED_LETTERS = re.compile("[\u0e01-\u0e2e\u0e81-\u0eae\u1000-\u102a\u1780-\u17b3]")
LETTERS_PER_WORD = 2.5
"""Consonants of a word of theirs: our own choice, of one to three syllables each."""
_LONG_NUMBER = re.compile(r"\d{400,}")
_BLANK_LINES = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_SPACED_WORD = re.compile(r"\w[^\s\u2014\u2e3a\u2e3b]*")
"""From its first letter or digit to white space or an em dash."""


@dataclass(frozen=True)
class TextCounts:
    """Figures of one text; `minutes` of silent reading, `ease` where its language has a formula."""

    words: int
    sentences: int
    paragraphs: int
    characters: int
    minutes: int
    ease: float | None


def paragraphs(text: str) -> list[str]:
    """The lines, as our conversion writes them; the parts between blank lines of wrapped text."""
    lines = text.splitlines()
    wrapped = "" in map(str.strip, lines) and max(map(len, lines)) <= LONGEST_WRAPPED_LINE
    parts = _BLANK_LINES.split(text) if wrapped else lines
    return [part.strip() for part in parts if part.strip()]


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most `most` of the items, passages of a book for instance, evenly over all of them."""
    return list(items[:: max(1, -(-len(items) // most))])


def words(text: str) -> list[str]:
    """The words in order: ``well-known`` and ``don’t`` are one word each, numbers are words."""
    return WORD.findall(text)


def sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph, by punctuation; titles and initials end none."""
    ended, start = [], 0
    for end in _END.finditer(paragraph):
        if _ends_sentence(paragraph, end):
            ended.append(paragraph[start : end.end(1)].strip())
            start = end.end()
    ended.append(paragraph[start:].strip())
    return [sentence for sentence in ended if sentence]


def word_count(text: str) -> int:
    """Words as shops count them: between white space and em dashes, with a letter or digit.

    Where no spaces part them each Chinese or Japanese sign is one, as word processors have it, and
    of Thai, Lao, Burmese and Khmer every `LETTERS_PER_WORD` letters.
    """
    signs, letters = len(IDEOGRAPHS.findall(text)), len(_UNSPACED_LETTERS.findall(text))
    if signs or letters:
        text = _UNSPACED_LETTERS.sub(" ", IDEOGRAPHS.sub(" ", text))
    return len(_SPACED_WORD.findall(text)) + signs + round(letters / LETTERS_PER_WORD)


def is_mostly_ascii(text: str) -> bool:
    """Whether half of its characters or more are; a text in another script than Latin is not."""
    return bool(text) and 2 * len(text.encode("ascii", "ignore")) >= len(text)


def is_unspaced(text: str) -> bool:
    """Whether some of it is in a script that parts no words."""
    return bool(IDEOGRAPHS.search(text) or _UNSPACED_LETTERS.search(text))


def count(text: str, language: str = "") -> TextCounts:
    """Every figure of `text`, in `language` (a primary tag), in one pass over its paragraphs."""
    parts = paragraphs(text)
    spoken = [sentence for part in parts for sentence in sentences(part)]
    types = Counter(words(text))
    return TextCounts(
        words=types.total(),
        sentences=len(spoken),
        paragraphs=len(parts),
        characters=len(text),
        minutes=reading_minutes(text, types.total()),
        ease=reading_ease.reading_ease(map(WORD.findall, spoken), language),
    )


def reading_minutes(text: str, number_of_words: int) -> int:
    """Minutes of silent reading, at least 1; Chinese and Japanese are read by the character."""
    ideographs = len(IDEOGRAPHS.findall(text))
    if ideographs > number_of_words:
        return max(1, round(ideographs / IDEOGRAPHS_PER_MINUTE))
    return max(1, round(number_of_words / WORDS_PER_MINUTE))


def _ends_sentence(paragraph: str, end: re.Match[str]) -> bool:
    following = paragraph[end.end() : end.end() + 2].lstrip("\"'“‘«([")
    if following and following[0].islower():
        return False
    if not end.group(1).startswith(".") or end.group(1).startswith(".."):
        return True
    before = paragraph[max(0, end.start() - 24) : end.start()]
    return _ABBREVIATION.search(before) is None


def line_around(text: str, start: int, end: int, most: int) -> tuple[str, str]:
    """Up to `most` characters on each side of ``text[start:end]``, of its own line alone."""
    before = text[max(0, start - most) : start].rpartition("\n")[2]
    return before, text[end : end + most].partition("\n")[0]


def bounded_numbers(text: str) -> str:
    """`text` with nought for numbers of 400 digits and more, which no parser should take in.

    Python's own limit is 4,300 digits, beyond which it raises:
    https://docs.python.org/3/library/stdtypes.html#integer-string-conversion-length-limitation
    """
    return _LONG_NUMBER.sub("0", text)
