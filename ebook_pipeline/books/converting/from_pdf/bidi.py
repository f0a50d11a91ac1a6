"""From the order in which letters stand on a page to that in which they are read.

The Unicode Bidirectional Algorithm, UAX #9 (https://www.unicode.org/reports/tr9/), run backwards on
one line without explicit marks: letters are given from the left, their levels are resolved by its
rules W2 to N2, and runs that it would have turned round are turned back. Where two texts show
alike, words and the numbers to their right are one left-to-right phrase (“Windows 95”).
"""

import itertools
import unicodedata
from collections.abc import Iterator, Sequence

_STRONG = frozenset({"L", "R"})
_NUMBERS = frozenset({"EN", "AN"})
_FAMILY = {sign: pair for pair in ("()", "[]", "{}", "«»", "‹›") for sign in pair}


def strong_direction(letter: str) -> str:
    """``R`` for a letter read from the right, ``L`` for one from the left, else empty."""
    direction = unicodedata.bidirectional(letter)
    if direction in ("R", "AL"):
        return "R"
    return "L" if direction == "L" else ""


def reading_order(letters: Sequence[str], right_to_left: bool) -> list[int]:
    """The places of `letters`, given from the left, in the order in which they are read.

    `right_to_left` is the direction of the paragraph that the line belongs to.
    """
    levels = _levels(letters, right_to_left)
    if right_to_left:
        places = range(len(letters) - 1, -1, -1)
        return list(_turned(places, levels, 2))
    return list(_embedded(levels))


def settle_brackets(text: str) -> str:
    """The text, in reading order, with brackets and guillemets opening and closing as they should.

    Fonts and programs tell the sign that shows or the one that is meant: what stands beside it
    says which it is, and what is open where that is not clear.
    """
    result = list(text)
    open_: dict[str, int] = {}
    for place, sign in enumerate(text):
        pair = _FAMILY.get(sign)
        if pair is None:
            continue
        opens = _opens(text, place)
        if opens is None:
            opens = not open_.get(pair)
        open_[pair] = max(open_.get(pair, 0) + (1 if opens else -1), 0)
        result[place] = pair[0] if opens else pair[1]
    return "".join(result)


def _opens(text: str, place: int) -> bool | None:
    """Whether a bracket opens, by its neighbours; None where they do not say."""
    before, after = text[place - 1 : place].strip(), text[place + 1 : place + 2].strip()
    starts = not before or before in "([{«‹—–-/\"'“„"
    ends = not after or after in ".,;:!?)]}»›…،؛؟—–/\"'”“"
    return None if starts == ends else starts


def _levels(letters: Sequence[str], right_to_left: bool) -> list[int]:
    kinds = [unicodedata.bidirectional(letter) or "L" for letter in letters]
    reading = range(len(kinds) - 1, -1, -1) if right_to_left else range(len(kinds))
    _arabic_numbers(kinds, reading)
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    _separators(kinds)
    _terminators(kinds)
    _latin_numbers(kinds, right_to_left)
    _brackets(letters, kinds, right_to_left)
    _neutrals(kinds, "R" if right_to_left else "L")
    if right_to_left:
        return [1 if kind == "R" else 2 for kind in kinds]
    return [{"L": 0, "R": 1}.get(kind, 2) for kind in kinds]


def _arabic_numbers(kinds: list[str], reading: range) -> None:
    """W2: European digits that follow an Arabic letter count as Arabic ones."""
    last = ""
    for place in reading:
        if kinds[place] in ("L", "R", "AL"):
            last = kinds[place]
        elif kinds[place] == "EN" and last == "AL":
            kinds[place] = "AN"


def _separators(kinds: list[str]) -> None:
    """W4: one separator between numbers of a kind is part of them."""
    for place in range(1, len(kinds) - 1):
        before, kind, after = kinds[place - 1 : place + 2]
        if before == after and (
            (kind == "CS" and before in _NUMBERS) or (kind == "ES" and before == "EN")
        ):
            kinds[place] = before


def _terminators(kinds: list[str]) -> None:
    """W5, W6: signs such as percent belong to a number that they touch, else to nothing."""
    place = 0
    for kind, group in itertools.groupby(list(kinds)):
        length = len(list(group))
        if kind in ("ET", "BN"):
            beside = kinds[max(place - 1, 0) : place] + kinds[place + length : place + length + 1]
            kinds[place : place + length] = ["EN" if "EN" in beside else "ON"] * length
        elif kind in ("ES", "CS"):
            kinds[place : place + length] = ["ON"] * length
        place += length


def _latin_numbers(kinds: list[str], right_to_left: bool) -> None:
    """W7: digits after a word read from the left are read with it."""
    last = "R" if right_to_left else "L"
    for place, kind in enumerate(kinds):
        if kind in _STRONG:
            last = kind
        elif kind == "EN" and last == "L":
            kinds[place] = "L"


def _brackets(letters: Sequence[str], kinds: list[str], right_to_left: bool) -> None:
    """N0: brackets about a phrase read from the left, behind such a phrase, belong to it."""
    if not right_to_left:
        return
    opened: dict[str, int] = {}
    for place, letter in enumerate(letters):
        pair = _FAMILY.get(letter)
        if pair is None:
            continue
        start = opened.pop(pair, None)
        if start is None:
            opened[pair] = place
            continue
        within = {_as_strong(kind) for kind in kinds[start + 1 : place]} - {""}
        before = next((kind for kind in map(_as_strong, kinds[start - 1 :: -1]) if kind), "R")
        if within == {"L"} and start and before == "L":
            kinds[start] = kinds[place] = "L"


def _as_strong(kind: str) -> str:
    return "R" if kind in _NUMBERS else kind if kind in _STRONG else ""


def _neutrals(kinds: list[str], base: str) -> None:
    """N1, N2: what has no direction takes that of its neighbours, else the paragraph's."""
    place = 0
    for neutral, group in itertools.groupby(list(kinds), key=lambda kind: not _as_strong(kind)):
        length = len(list(group))
        if neutral:
            before = _as_strong(kinds[place - 1]) if place else base
            end = place + length
            after = _as_strong(kinds[end]) if end < len(kinds) else base
            kinds[place:end] = [before if before == after else base] * length
        place += length


def _turned(places: Sequence[int], levels: Sequence[int], least: int) -> Iterator[int]:
    """The places with each run of at least this level turned round."""
    for turned, group in itertools.groupby(places, key=lambda place: levels[place] >= least):
        run = list(group)
        yield from reversed(run) if turned else run


def _embedded(levels: Sequence[int]) -> Iterator[int]:
    """Places of a left-to-right line, the runs read from the right in their own order."""
    for turned, group in itertools.groupby(range(len(levels)), key=lambda place: levels[place] > 0):
        run = list(group)
        yield from _turned(run[::-1], levels, 2) if turned else run
