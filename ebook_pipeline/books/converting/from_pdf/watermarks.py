"""Watermarks and what else is printed across or beside the text of page after page.

ISO 32000-2 §14.8.2.2.2 (artifacts of the page). Text is not read over what is dark and straight;
what is slanted, faint or large and stands where text stands was put there for another purpose.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.converting.from_pdf.drop_caps import lines_beside
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from ebook_pipeline.books.converting.from_pdf.turns import Rect, overlap

_FEWEST_PAGES = 3
"""Pages on which the same stands at the same place, from which it is no part of the text."""
_SAME_PLACE = 6.0
"""Points within which two places are one."""
_COVERED_SHARE = 0.15
"""Share of a line's area, 0 to 1, that text reaches over, from which it lies below the text."""
_CROSSED_SHARE = 0.4
"""The same for dark letters that stand on one page alone: text is not set over a heading."""
_LARGER_THAN_BODY = 1.5
"""Times the body's size, from which dark letters may be a watermark."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """Text that was left out, and the pages, counted from 0, on which it stands."""

    text: str
    pages: tuple[int, ...]


Place = tuple[str, int, int]


def remove_watermarks(pages: Sequence[Page], body: float) -> list[Watermark]:
    """Take watermarks out of `pages`; `body` is the size of their text."""
    repeated = _repeated(pages)
    found: dict[str, list[int]] = {}
    for page in pages:
        marks = {id(line) for line in _marks(page, body, repeated)}
        for line in [*page.lines, *(aside.line for aside in page.asides)]:
            if id(line) in marks:
                found.setdefault(line.text.strip(), []).append(page.number)
        if marks:
            page.lines = [line for line in page.lines if id(line) not in marks]
            page.asides = [aside for aside in page.asides if id(aside.line) not in marks]
    return [Watermark(text, tuple(dict.fromkeys(numbers))) for text, numbers in found.items()]


def _marks(page: Page, body: float, repeated: set[Place]) -> Iterator[Line]:
    """The lines of a page that are watermarks."""
    plain = [line for line in page.lines if not _faint(line)]
    for aside in page.asides:
        again = _place(aside.line.text, aside.rect) in repeated
        large = aside.line.size > body * _LARGER_THAN_BODY
        over = large and any(overlap(aside.rect, _rect(line)) for line in plain)
        if again or (aside.slanted and (over or _faint(aside.line))):
            yield aside.line
    for line in page.lines:
        again = _place(line.text, _rect(line)) in repeated
        large = line.size > body * _LARGER_THAN_BODY
        faint = _faint(line)
        covered = _covered(line, plain) if large else 0.0
        least = _COVERED_SHARE if faint or again else _CROSSED_SHARE
        if ((faint and again) or covered > least) and not lines_beside(line, page, body):
            yield line


def _faint(line: Line) -> bool:
    return all(span.style.faint for span in line.spans if span.text.strip())


def _covered(line: Line, plain: Sequence[Line]) -> float:
    """The share of the line's area, 0 to 1, that other lines reach over."""
    rect = _rect(line)
    area = max((rect[2] - rect[0]) * (rect[3] - rect[1]), 1.0)
    return sum(overlap(rect, _rect(other)) for other in plain if other is not line) / area


def _rect(line: Line) -> Rect:
    return line.left, line.bottom, line.right, line.top


def _repeated(pages: Sequence[Page]) -> set[Place]:
    """What stands at one place on several pages, or on all of two."""
    seen: Counter[Place] = Counter()
    for page in pages:
        seen.update({_place(aside.line.text, aside.rect) for aside in page.asides})
        seen.update({_place(line.text, _rect(line)) for line in page.lines})
    needed = min(_FEWEST_PAGES, max(len(pages), 2))
    return {place for place, count in seen.items() if count >= needed}


def _place(text: str, rect: Rect) -> Place:
    """The text, whatever its numbers are, and where its middle stands."""
    shape = re.sub(r"\d+", "#", text.strip())
    middle = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
    return shape, round(middle[0] / _SAME_PLACE), round(middle[1] / _SAME_PLACE)


def words(marks: Sequence[Watermark]) -> int:
    """How many words were left out."""
    return sum(len(mark.text.split()) * len(mark.pages) for mark in marks)
