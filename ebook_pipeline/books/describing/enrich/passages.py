"""Passages spread over a book: what models read of it, since they can't read it all."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.text import paragraphs

NUMBER = 20
"""Passages of a book: `benchmarks/metadata.py --only cost` prints what their vectors cost. By 32,
20 or 16 the same 12 of 15 labelled novels are told right first (`--only genre`)."""
WORDS = 150
"""Words of a passage: about as many as a sentence encoder takes in at once."""
LONGEST_TEXT = 8_000_000
"""Characters of a text that are looked at; an encyclopedia's first volumes tell what it is."""
_WORD_CHARACTERS = 40
"""Of a passage, for each of its words: what has no spaces is cut, for models read it all."""
_SHORT_PART = 120
"""Words below which a part at an end of the book is a title, a motto or an imprint."""
_EDGE_PARTS = 5
"""Parts at either end that may be left out as the publisher's."""
_FRONT_WORDS = re.compile(
    r"\b(?:copyright|public domain|all rights reserved|ISBN|e-?books?|project gutenberg|"
    r"licen[cs]e|imprint|table of contents|proofread\w*|transcrib\w*|transcription)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_PER_WORDS = 80
"""One word about the edition in so many words makes a part the publisher's, not the author's."""


@dataclass(frozen=True)
class SampledPassage:
    """Some `WORDS` words, a paragraph a line; `at` is where it begins, from 0 to 1."""

    text: str
    at: float


def author_parts(text: str) -> list[str]:
    """The documents of a plain text (between form feeds) without title, imprint and licence.

    Only parts near both ends are left out, and never all of them.
    """
    parts = [part for part in text[:LONGEST_TEXT].split("\f") if part.strip()]
    start, end = 0, len(parts)
    while start < min(_EDGE_PARTS, len(parts)) and _is_frame(parts[start]):
        start += 1
    while end > max(start, len(parts) - _EDGE_PARTS) and _is_frame(parts[end - 1]):
        end -= 1
    return parts[start:end] or parts


def passages(
    parts: Sequence[str], number: int = NUMBER, words: int = WORDS
) -> list[SampledPassage]:
    """At most `number` passages of `words` words, evenly spread, each from a paragraph's start.

    Passages never overlap: a short text has fewer.
    """
    lines = [line.split() for part in parts for line in paragraphs(part)]
    starts = _starts(lines)
    total = starts[-1] if starts else 0
    step = max(words, total / number)
    sampled: list[SampledPassage] = []
    wanted, free = 0.0, 0
    for index, start in enumerate(starts[:-1]):
        if start < max(wanted, free):
            continue
        taken = _take(lines, index, words)
        text = "\n".join(map(" ".join, taken))[: words * _WORD_CHARACTERS]
        sampled.append(SampledPassage(text, start / total))
        wanted, free = wanted + step, start + sum(map(len, taken))
        if len(sampled) == number:
            break
    return [passage for passage in sampled if len(passage.text.split()) >= words // 3] or sampled[
        :1
    ]


def without_repeats(sampled: Iterable[SampledPassage]) -> list[SampledPassage]:
    """The passages but those that say the very words of one before them, numbers aside.

    They tell a model nothing new. Of a novel no two are so; of a book of 5,000 pages that
    all say the same, one is left, whose names and meaning cost next to nothing.
    """
    different: dict[frozenset[str], SampledPassage] = {}
    for passage in sampled:
        different.setdefault(frozenset(_LETTERS.findall(passage.text.casefold())), passage)
    return list(different.values())


def _is_frame(part: str) -> bool:
    words = len(part.split())
    imprint_words = len(_FRONT_WORDS.findall(part))
    return words < _SHORT_PART or imprint_words * _PER_WORDS >= words


def _starts(lines: Sequence[Sequence[str]]) -> list[int]:
    """The number of words before each line, and the number of all words at the end."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts


def _take(lines: Sequence[Sequence[str]], start: int, words: int) -> list[Sequence[str]]:
    """The lines from `start` on, until there are so many `words`."""
    taken: list[Sequence[str]] = []
    left = words
    for line in lines[start:]:
        taken.append(line[:left])
        left -= len(taken[-1])
        if left <= 0:
            break
    return taken
