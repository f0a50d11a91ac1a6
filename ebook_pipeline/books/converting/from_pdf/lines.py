"""Lines of text as they stand on a page: words, places, font styles, marked content."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ebook_pipeline.books.converting.from_pdf.turns import PageView, Rect

HYPHEN = "\u00ad"
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
"""Unicode's classes of strong right-to-left letters."""
_ASCENT, _DESCENT = 0.8, 0.25
"""How far a line reaches above and below its base line, in sizes of its letters."""
_SAME_ROW = 0.35
"""Height difference, in sizes of the smaller line, up to which lines stand on one row."""
_ASIDE_GAP = 3.0
"""Sizes between the page's text and what is read in another direction."""
_ASIDE_LEADING = 2.0
"""Sizes between base lines, up to which these go on with each other."""
_SAMPLE = 400
"""Lines by which a book's direction is told."""


@dataclass(frozen=True, slots=True)
class FontStyle:
    """How letters look: their size in points, weight and slope; `raised` 1 above, -1 below.

    `hidden` letters are not painted, over `faint` ones other text can be read.
    """

    size: float
    bold: bool = False
    italic: bool = False
    hidden: bool = False
    raised: int = 0
    faint: bool = False


@dataclass(slots=True)
class Span:
    """Letters of one style within a line and within one piece of marked content.

    `link` and `note` are what it points to, by their numbers in the book; -1: nothing.
    """

    text: str
    style: FontStyle
    left: float
    right: float
    base: float
    mark: int = -1
    link: int = -1
    note: int = -1


@dataclass(slots=True)
class Line:
    """Spans on one base line; PDF points from the page's lower left.

    `first` is the width of the first word; `broken`: a word's hyphen ends it; `aside`: it is read
    in another direction than the page.
    """

    spans: list[Span]
    page: int
    left: float
    right: float
    base: float
    size: float
    first: float = 0.0
    broken: bool = False
    column: int = 0
    aside: bool = False

    @property
    def text(self) -> str:
        spans = self.spans
        return spans[0].text if len(spans) == 1 else "".join([span.text for span in spans])

    @property
    def top(self) -> float:
        return self.base + self.size * _ASCENT

    @property
    def bottom(self) -> float:
        return self.base - self.size * _DESCENT

    @property
    def bold(self) -> bool:
        return all(span.style.bold for span in self.spans if span.text.strip())

    @property
    def italic(self) -> bool:
        return all(span.style.italic for span in self.spans if span.text.strip())


@dataclass(slots=True)
class Aside:
    """A line that is read in another direction than its page, and the place where it stands.

    `slanted`: at no quarter turn.
    """

    line: Line
    rect: Rect
    slanted: bool = False


@dataclass(slots=True)
class Page:
    """The lines of a page in their order; width and height in the direction of reading, in points.

    `outside` counts the words that stand beyond what readers show.
    """

    number: int
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    unreadable: int = 0
    letters: int = 0
    outside: int = 0
    view: PageView | None = None


def reads_right_to_left(lines: Sequence[Line]) -> bool:
    """Whether most letters with a direction read from right to left."""
    text = "".join(line.text for line in lines[:_SAMPLE])
    strong = [unicodedata.bidirectional(letter) for letter in text if letter.isalpha()]
    return sum(direction in _RIGHT_TO_LEFT for direction in strong) * 2 > len(strong)


def mirror(page: Page) -> None:
    """Turn a page of right-to-left text over, so that lines start at its left."""
    for line in page.lines:
        line.left, line.right = page.width - line.right, page.width - line.left
        for span in line.spans:
            span.left, span.right = page.width - span.right, page.width - span.left


def settle_asides(page: Page) -> None:
    """Put what is read in another direction below the page's text, each passage a gap apart."""
    size = max((aside.line.size for aside in page.asides), default=0.0)
    low = min((line.base for line in page.lines), default=page.height) - _ASIDE_GAP * size
    left = min((line.left for line in page.lines), default=0.0)
    before: Aside | None = None
    for aside in page.asides:
        line = aside.line
        if before is not None:
            goes_on = 0 < before.line.base - line.base < _ASIDE_LEADING * line.size
            low -= (1.2 if goes_on else _ASIDE_GAP) * line.size
        before = replace(aside, line=replace(line))
        line.left, line.right, line.base = left, left + line.right - line.left, low
        line.aside = True
    page.lines += [aside.line for aside in page.asides]
    page.asides = []


def group_rows(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Neighbouring lines that stand on one base line of one column, taken together."""
    row: list[Line] = []
    for line in lines:
        if row and not _abreast(row[-1], line):
            yield row
            row = []
        row.append(line)
    if row:
        yield row


def _abreast(line: Line, other: Line) -> bool:
    near = abs(line.base - other.base) <= _SAME_ROW * min(line.size, other.size)
    return near and line.page == other.page and line.column == other.column
