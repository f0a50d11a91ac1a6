"""Whether lines that end on purpose are verse, or short paragraphs, or prose set narrow.

Thresholds: see the package; lengths are in sizes of the line's letters unless it says otherwise.
"""

import itertools
import re
from collections.abc import Sequence

from ebook_pipeline.books.converting.from_pdf.line_relations import LineRelation
from ebook_pipeline.books.converting.from_pdf.lines import Line

SENTENCE_END = re.compile(r"[.!?:…。！？؟۔׃][\"'”’»)\]\d*†‡]*[—–]?$")
_LETTER = re.compile(r"\w")
SPACE_WIDTH = 0.25
"""Width of a space between words."""
_NEIGHBOURS = 30
"""Lines before and after a line, by which it is told whether it is among verse."""
_FEWEST_VERSE_LINES = 300
"""Lines that end on purpose in a book that is verse throughout."""
_WITHIN_SENTENCE_SHARE = 0.35
"""Share of the lines that end on purpose, 0 to 1, that do so within a sentence if it is verse."""
CAPITALS_SHARE = 0.8
"""Share of the lines, 0 to 1, that begin with a capital, from which they are verse."""
_SHORT_LINES_SHARE = 0.3
"""Share of the lines, 0 to 1, that end on purpose, below which they are prose set narrow."""
_INDENT_SPACES = 4
"""Spaces, at most, with which a wrapped paragraph begins."""
_NARROWEST_WRAP = 40
"""Characters of the longest line, from which a program may have wrapped prose at them."""
_NEARLY_FULL = 0.7
"""Share of the longest line's characters, 0 to 1, that wrapped lines have: verse may stand among
them."""
_FEWEST_WRAPPED, _WRAPPED_SHARE = 3, 0.9
"""Such lines that end early within a sentence, and the share of them, 0 to 1, that a wrapping at so
many characters explains, from which the text was wrapped so: verse ends anywhere."""
_TITLE = re.compile(
    r"([\"'“‘(—]*(?:M|Mr|Mrs|Ms|Mme|Mlle|Messrs|Dr|St|Prof|Capt|Col|Gen|Lieut|Rev|Hon|Sr|Jr|No)\.)\s\w+"
)


def in_verse(lines: Sequence[Line], joints: Sequence[LineRelation]) -> list[bool]:
    """For every joint, whether lines around it end on purpose within their sentences."""
    ends, inner = _ended(lines, joints)
    among_verse = []
    for place in range(len(joints)):
        start, end = max(0, place - _NEIGHBOURS), min(len(joints), place + _NEIGHBOURS + 1)
        count = ends[end] - ends[start]
        among_verse.append(count > 2 and inner[end] - inner[start] > _WITHIN_SENTENCE_SHARE * count)
    return among_verse


def mostly_verse(lines: Sequence[Line], joints: Sequence[LineRelation]) -> bool:
    """Whether the whole book is verse."""
    ends, inner = _ended(lines, joints)
    return (
        ends[-1] > _FEWEST_VERSE_LINES
        and inner[-1] > _WITHIN_SENTENCE_SHARE * ends[-1]
        and ends[-1] * 2 > len(lines)
    )


def _ended(lines: Sequence[Line], joints: Sequence[LineRelation]) -> tuple[list[int], list[int]]:
    """How many lines up to each end on purpose, and how many of these within a sentence."""
    early = [joint in (LineRelation.NEW_LINE, LineRelation.INDENT) for joint in joints]
    within = [
        ended and not SENTENCE_END.search(line.text)
        for ended, line in zip(early, lines, strict=False)
    ]
    return [0, *itertools.accumulate(early)], [0, *itertools.accumulate(within)]


def wrapping_width(lines: Sequence[Line], early: Sequence[tuple[Line, Line]]) -> int:
    """The characters at which a program wrapped `lines` of letters of unequal width; 0 if none.

    `early` are lines, each with the next, that end although there was room.
    """
    longest = max((len(line.text.strip()) for line in lines), default=0)
    within = [
        (line, after)
        for line, after in early
        if len(line.text) >= _NEARLY_FULL * longest and not SENTENCE_END.search(line.text)
    ]
    explained = sum(held_together(line, after) > longest for line, after in within)
    wrapped = len(within) >= _FEWEST_WRAPPED and explained >= _WRAPPED_SHARE * len(within)
    return longest if wrapped and longest >= _NARROWEST_WRAP else 0


def held_together(line: Line, after: Line) -> int:
    """The characters of a line that would have held the next line's first word too.

    The spaces of a paragraph's indent were among them.
    """
    word = after.text.split(maxsplit=1)
    indent = _INDENT_SPACES if line.left - after.left > SPACE_WIDTH * line.size else 0
    return indent + len(line.text.strip()) + 1 + len(word[0] if word else "")


def verse_like(before: Line, line: Line) -> bool:
    """Whether an indented line goes on with the sentence before it, as only verse does."""
    return line.text[:1].islower() and not SENTENCE_END.search(before.text)


def is_narrow(lines: Sequence[Line]) -> bool:
    """Whether the lines fill a measure of their own, narrower than the page's: set-in prose."""
    right = max(line.right for line in lines)
    pairs = list(itertools.pairwise(lines))
    if len(pairs) == 1:
        return not begins_with_capital(lines[1]) or bool(SENTENCE_END.search(lines[0].text))
    if sum(map(begins_with_capital, lines)) >= CAPITALS_SHARE * len(lines):
        return False
    short = sum(
        right - line.right > first_word_width(after) + SPACE_WIDTH * line.size
        for line, after in pairs
    )
    return short < _SHORT_LINES_SHARE * len(pairs)


def begins_with_capital(line: Line) -> bool:
    """Whether its first letter or digit is a capital; scripts without capitals have none."""
    letter = _LETTER.search(line.text)
    return letter is not None and letter[0].isupper()


def first_word_width(line: Line) -> float:
    """The width of the line's first word; of a title such as “Mr.” with the name behind it."""
    text = line.text
    title = _TITLE.match(text)
    if title is None:
        return line.first
    return line.first * len(title[0]) / max(len(title[1]), 1)


def sentence_ends(line: Line, after: Line) -> bool:
    """Whether a sentence ends with `line`, as far as the two lines tell."""
    first = _LETTER.search(after.text)
    return bool(SENTENCE_END.search(line.text)) and not (first is not None and first[0].islower())
