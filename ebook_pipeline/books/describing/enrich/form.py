"""The form that a text is printed in: prose, verse, or a play with its speakers."""

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from ebook_pipeline.books.text import paragraphs

_NAME = r"[A-ZÀ-ÖØ-ÞĀĆČŁŚŠŹŻŽА-Я][^\W\d_]?(?:[^\W\d_]|[’'.]){0,20}"
_SPEAKER = re.compile(rf"^\W{{0,2}}({_NAME}(?: {_NAME}){{0,2}}?)(?:[.:—]|$)(?=\s|$)")
_OPEN_END = re.compile(r"[\w,;:—-]$")
_PAUSE = re.compile(r"[,;:—-]$")
_FEWEST_LINES = 60
"""Paragraphs or lines of a text; fewer look like any form by chance."""
_SPEECHES = 8
"""So many times at least a speaker of a play is named."""
_PLAY, _VERSE = 0.25, 0.35
"""Shares of all lines: those that name a speaker of a play, those that verse breaks."""
_PAUSES = 0.1
"""The share of broken lines of verse that pause at their end; those of lists and recipes do not."""
_LONGEST_VERSE = 24
"""Words of a line; what is longer is a paragraph that has no full stop."""


class TextForm(StrEnum):
    """How the lines of a text follow each other."""

    PROSE = "prose"
    VERSE = "verse"
    PLAY = "play"


_NO_SPEAKERS = (
    "act acte akt atto acto scene scène szene scena escena enter exit exeunt curtain rideau all"
    " both omnes tous tutti alle todos chorus"
)
_NOBODY = frozenset(_NO_SPEAKERS.split())
"""What stands where speakers do and is none."""
MOST_SPEAKERS = 10
_LOOKED_AT = 60
"""Names, most frequent first, that are looked for among the words of the text."""


def speakers(parts: Sequence[str]) -> tuple[str, ...]:
    """Of a play, who speaks, whoever does most first: *LADY BRACKNELL* is *Lady Bracknell*.

    Where they stand in capitals, what does not is an answer (*Yes.*); else what is a word too.
    """
    lines = (line for part in parts for line in paragraphs(part))
    named = Counter(match[1].rstrip(".") for line in lines if (match := _SPEAKER.match(line)))
    is_large = sum(times if name.isupper() else -times for name, times in named.items()) > 0
    told = Counter[str]()
    for name, times in named.most_common(_LOOKED_AT):
        is_word = not is_large and any(f" {name.lower()}" in part for part in parts)
        if times < _SPEECHES or is_word or (is_large and not name.isupper()):
            continue
        if name.split()[0].lower() not in _NOBODY:
            told[name.title() if name.isupper() else name] += times
    ranked = sorted(told.items(), key=lambda counted: (-counted[1], counted[0]))
    return tuple(name for name, _ in ranked[:MOST_SPEAKERS])


def form_of(parts: Sequence[str]) -> TextForm:
    """Plays name their speakers again and again; verse breaks its lines inside sentences."""
    lines = [line for part in parts for line in paragraphs(part)]
    if len(lines) < _FEWEST_LINES:
        return TextForm.PROSE
    named = Counter(match[1] for line in lines if (match := _SPEAKER.match(line)))
    speakers = {name: times for name, times in named.items() if times >= _SPEECHES}
    if len(speakers) > 1 and sum(speakers.values()) >= _PLAY * len(lines):
        return TextForm.PLAY
    broken = [line for line in lines if _is_broken(line)]
    pausing = sum(1 for line in broken if _PAUSE.search(line))
    is_verse = len(broken) >= _VERSE * len(lines) and pausing >= _PAUSES * len(broken)
    return TextForm.VERSE if is_verse else TextForm.PROSE


def _is_broken(line: str) -> bool:
    return _OPEN_END.search(line) is not None and 2 < len(line.split()) <= _LONGEST_VERSE
