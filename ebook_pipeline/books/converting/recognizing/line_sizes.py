"""The sizes of a scan's lines, of which each is measured alone, brought to those of its fonts.

Two lines of one font are measured some per cent apart, by which letters they have; `from_pdf` tells
headings and paragraphs by their sizes.
"""

import statistics
from collections.abc import Iterable

from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedLine

_OF_BODY = (0.8, 1.22)
"""Times the body's size, between which a line is of the body's font."""
_STEP = 1.12
"""Factor between the sizes that other lines are brought to."""
_FEWEST_LETTERS = 8
"""Of a line whose size counts for the body's."""


class LineSizes:
    """The sizes of one book's lines."""

    def __init__(self, lines: Iterable[RecognizedLine]) -> None:
        measured = [line.size for line in lines if len(line.text) >= _FEWEST_LETTERS]
        self._body = round(statistics.median(measured), 1) if measured else 10.0

    def of(self, line: RecognizedLine) -> float:
        """The size, in points, in which the line is to be written; never 0."""
        smallest, largest = (factor * self._body for factor in _OF_BODY)
        if smallest <= line.size <= largest:
            return self._body
        size = self._body
        while size < line.size / _STEP**0.5 and size < 200:
            size *= _STEP
        while size > line.size * _STEP**0.5 and size > 2:
            size /= _STEP
        return max(size, 1.0)
