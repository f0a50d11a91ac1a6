"""Numbers of chapters as headings print them, and where their order breaks."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ebook_pipeline.books.judging.chapters import ParsedChapter

LARGEST = 300
"""Greater numbers in headings are years and the like."""
MOST_BREAKS = 0.25
"""The share of breaks from which numbers are no numbering (selections, dates, verses)."""
LATEST_START = 3
"""A book whose first number is greater is an excerpt."""
_LABELS = (
    "chapter|book|part|act|scene|canto|letter|volume|section|stave|episode|adventure|"
    "kapitel|buch|teil|chapitre|livre|partie|cap[ií]tulo|libro|parte|capitolo|hoofdstuk|deel|"
    "rozdział|część|kapitola|část|kapittel|luku|fejezet|capitolul|bölüm|kısım|chương|phần|"
    "глава|часть|розділ|частина|κεφάλαιο|μέρος|פרק|الفصل|الجزء|فصل|بخش|अध्याय|অধ্যায়|บทที่|ภาคที่"
)
_LABELLED = re.compile(rf"({_LABELS})\.?\s+(?:the\s+)?([\w-]+)", re.IGNORECASE)
_ORDINAL = re.compile(rf"(?:the\s+)?([a-z-]+)\s+({_LABELS})\b", re.IGNORECASE)
_BARE = re.compile(r"(\d{1,3}|[IVXLC]+)(?:[.:)](?:\s|$)|\s*$|\s+[—–-]\s)")
_EASTERN = re.compile(
    r"[第제]\s*(\d{1,3}|[〇一二三四五六七八九十百]+)\s*([章回話话節节篇部장화편부])"
)
"""Chinese, Japanese, Korean: *第三章*, *제3장*."""
_HAN = {"〇": 0, **{sign: number for number, sign in enumerate("一二三四五六七八九", 1)}}
_HAN_STEPS = {"十": 10, "百": 100}
_INITIAL = re.compile(r"[CL]\.\s*\w")
_ROMAN = re.compile(r"(c{0,3})(x[cl]|l?x{0,3})(i[xv]|v?i{0,3})")
_LETTERS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_UNITS = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
    "last": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Heading:
    """A heading or line of the contents: where it stands, how deep, what it says."""

    place: str
    level: int
    text: str


@dataclass(frozen=True)
class NumberedHeading:
    """A heading with its number; `form` is ``arabic``, ``roman`` or ``words``."""

    heading: Heading
    label: str
    number: int
    form: str


@dataclass(frozen=True)
class NumberingBreak:
    """Where `after` does not follow `before`: `missing` numbers, a double, or a wrong order.

    `before` is None where the first chapters are missing.
    """

    before: NumberedHeading | None
    after: NumberedHeading
    missing: tuple[int, ...] = ()

    @property
    def is_double(self) -> bool:
        return self.before is not None and self.before.number == self.after.number


def headings(chapters: Iterable[ParsedChapter]) -> list[Heading]:
    """Every heading of these documents in order."""
    return [
        Heading(chapter.place, block.level, block.text)
        for chapter in chapters
        for block in chapter.blocks
        if block.level
    ]


def sequences(headings: Iterable[Heading]) -> list[list[NumberedHeading]]:
    """Numbered headings of one kind and depth, in order; each restart at 1 begins another."""
    runs: dict[tuple[str, int], list[list[NumberedHeading]]] = defaultdict(list)
    for heading in headings:
        chapter = numbered(heading)
        if chapter is not None:
            kind = runs[chapter.label, heading.level]
            if not kind or chapter.number == 1:
                kind.append([])
            kind[-1].append(chapter)
    return [run for kind in runs.values() for run in kind]


def breaks(run: Sequence[NumberedHeading]) -> list[NumberingBreak]:
    """Where the numbers of `run` do not go up by one; none where they are no numbering at all."""
    gaps = list(_breaks(run))
    return gaps if len(gaps) <= max(1, MOST_BREAKS * len(run)) else []


def _breaks(run: Sequence[NumberedHeading]) -> Iterator[NumberingBreak]:
    first = run[0].number
    if 1 < first <= LATEST_START <= len(run):
        yield NumberingBreak(None, run[0], tuple(range(1, first)))
    for before, after in pairwise(run):
        if after.number != before.number + 1:
            yield NumberingBreak(before, after, tuple(range(before.number + 1, after.number)))


def numbered(heading: Heading) -> NumberedHeading | None:
    """*Chapter IV*, *IV. The Storm*, *4*, *Book the First*, *The Third Part*; else None."""
    text = heading.text.strip()
    label, word = "", ""
    if match := _EASTERN.match(text):
        label, word = match[2], match[1]
    elif match := _LABELLED.match(text):
        label, word = match[1].lower(), match[2]
    elif (match := _BARE.match(text)) and not _INITIAL.match(text):
        word = match[1]
    elif match := _ORDINAL.match(text):
        label, word = match[2].lower(), match[1]
    number, form = _value(word.lower())
    return NumberedHeading(heading, label, number, form) if 0 < number <= LARGEST else None


def _value(word: str) -> tuple[int, str]:
    """(number, how it is written); 0 for what is no number."""
    if word.isdecimal():
        return int(word[:4]), "arabic"
    if word and word[0] in _HAN | _HAN_STEPS:
        return _han(word), "characters"
    if word and _ROMAN.fullmatch(word):
        return _roman(word), "roman"
    return _spoken(word), "words"


def _roman(word: str) -> int:
    values = [_LETTERS[letter] for letter in word]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def _spoken(word: str) -> int:
    if word in _ORDINALS:
        return _ORDINALS[word]
    tens, _, units = word.partition("-")
    if tens in _TENS and units:
        return 10 * (_TENS.index(tens) + 2) + _spoken(units)
    stem = re.sub("ie$", "y", tens.removesuffix("th")) if tens.endswith("th") else tens
    if stem in _TENS:
        return 10 * (_TENS.index(stem) + 2)
    return _UNITS.index(stem) + 1 if stem in _UNITS else 0


def _han(word: str) -> int:
    """*十二* is 12, *二百〇三* 203."""
    total, digit = 0, 0
    for sign in word:
        if sign in _HAN_STEPS:
            total, digit = total + max(1, digit) * _HAN_STEPS[sign], 0
        else:
            digit = _HAN[sign]
    return total + digit
