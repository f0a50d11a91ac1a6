"""Passages of a text that comments hang on, and where they are in a later version of it.

Selectors of the W3C Web Annotation Data Model, https://www.w3.org/TR/annotation-model/#selectors:
a quote with what stands around it, and a position; a passage is found again by its words, and by
its surroundings and position where they stand in several places.
"""

import re
from bisect import bisect_right

from ebook_pipeline.foundation.record import Record

LONGEST_QUOTE = 2000
_AROUND = 64
"""Characters before and behind a quote that are kept to tell it from others of the same words."""
_MOST_PLACES = 200
_WORDS = re.compile(r"\S+")


class Passage(Record):
    """`exact` is its words with single blanks between them, as `prefix` and `suffix` are; `start`
    and `end` its place in characters in the text that it was taken from."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int

    def selectors(self) -> tuple[dict[str, str | int], ...]:
        """As a Web Annotation tells it."""
        quote: dict[str, str | int] = {
            "type": "TextQuoteSelector",
            "exact": self.exact,
            "prefix": self.prefix,
            "suffix": self.suffix,
        }
        return quote, {"type": "TextPositionSelector", "start": self.start, "end": self.end}


class SearchedText:
    """A text in which passages are looked for, however its words are parted: a form sends other
    line ends than it was given. Linear in its length."""

    def __init__(self, text: str) -> None:
        self._starts: list[int] = []
        self._flat_starts: list[int] = []
        words: list[str] = []
        length = 0
        for match in _WORDS.finditer(text):
            self._starts.append(match.start())
            self._flat_starts.append(length)
            words.append(match[0])
            length += len(match[0]) + 1
        self._flat = " ".join(words)

    def passage(self, quote: str, near: int = 0) -> Passage | None:
        """The place of `quote` nearest to the character `near`; None where it stands nowhere."""
        exact = _plain(quote)
        places = self._places(exact)
        if not places:
            return None
        place = min(places, key=lambda one: abs(self._outside(one) - near))
        before, behind = self._around(place, exact)
        start, end = self._span(place, exact)
        return Passage(exact=exact, prefix=before, suffix=behind, start=start, end=end)

    def found_again(self, passage: Passage) -> tuple[int, int] | None:
        """Where a passage of another version stands here; None where its words are no more."""
        places = self._places(passage.exact)
        if not places:
            return None

        def fits(place: int) -> tuple[int, int]:
            before, behind = self._around(place, passage.exact)
            alike = _shared(before[::-1], passage.prefix[::-1]) + _shared(behind, passage.suffix)
            return alike, -abs(self._outside(place) - passage.start)

        return self._span(max(places, key=fits), passage.exact)

    def _places(self, exact: str) -> list[int]:
        """The first `_MOST_PLACES` of them."""
        found: list[int] = []
        place = self._flat.find(exact) if exact else -1
        while place >= 0 and len(found) < _MOST_PLACES:
            found.append(place)
            place = self._flat.find(exact, place + 1)
        return found

    def _around(self, place: int, exact: str) -> tuple[str, str]:
        end = place + len(exact)
        before = self._flat[max(0, place - _AROUND) : place]
        return before, self._flat[end : end + _AROUND]

    def _span(self, place: int, exact: str) -> tuple[int, int]:
        return self._outside(place), self._outside(place + len(exact) - 1) + 1

    def _outside(self, place: int) -> int:
        """The place of a character in the text as it was given."""
        word = bisect_right(self._flat_starts, place) - 1
        return self._starts[word] + place - self._flat_starts[word]


def _plain(text: str) -> str:
    return " ".join(text[:LONGEST_QUOTE].split())


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
