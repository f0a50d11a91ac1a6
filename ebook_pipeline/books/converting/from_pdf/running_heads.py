"""Running heads and page numbers (folios), which only pages need, taken out of the text.

Thresholds: see the package.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, group_rows
from ebook_pipeline.books.converting.from_pdf.misread_heads import (
    AROUND_NUMBERS,
    is_misread,
    may_be_number,
)

_MARGIN_SHARE = 0.14
"""Share of a page's height, 0 to 1, that its upper and its lower margin have."""
_FEWEST_PAGES = 3
"""Pages on which a head is repeated, or numbers count on."""
_NEIGHBOURING = 4
"""Pages for each repetition, up to which a head is a chapter's."""
_PAGES_PER_REPEAT = 12
"""Pages for each repetition of a head that recurs all over the book."""
_FEWEST_ON_A_SIDE = 2
"""Left pages, and right ones, that share a head each, from which the two take turns."""
_LONGEST_ON_A_SIDE = 10
"""Words of such a head: text may come again by chance."""
_OUTER_ROWS = 2
"""Rows from the upper and the lower edge that may be no text."""
_LARGER_THAN_BODY = 1.15
"""Times the body's size, above which a line is no running head."""
_LARGEST_MISREAD = 1.5
"""Times the body's size up to which a line is one all the same where it is a number, or says what
a running head at its height says: of a scan's lines each is measured alone, and those of one or two
digits come out up to 1.3 times too large."""
_SAME_HEIGHT, _SAME_BAND = 3, 6
"""Points of height within which heads, and page numbers, stand at one height."""
_ROMAN = re.compile(r"[ivxlcdm]+", re.IGNORECASE)
_FOLIO = re.compile(
    r"[\W_]*(?:page\s+|p\.\s*|seite\s+)?(\d{1,5}|[ivxlc]{1,8})[\W_]*", re.IGNORECASE
)
_OF = re.compile(r"\W*(?:page\s+)?\d{1,5}\s*(?:of|/|de|von)\s*\d{1,5}\W*", re.IGNORECASE)
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


def remove_running_heads(pages: Sequence[Page], body: float) -> dict[int, str]:
    """Remove running heads and page numbers from `pages`; the numbers by page as printed.

    `body` is the size of the text: larger letters are no running head.
    """
    heads = _RunningHeads(pages, body)
    folios: dict[int, str] = {}
    for page in pages:
        gone = {id(line) for row in heads.of(page, folios) for line in row}
        if len(gone) < len(page.lines) or _only_numbers(page, folios):
            page.lines = [line for line in page.lines if id(line) not in gone]
    return folios


class _EdgeRow(list[Line]):
    """A row at the edge of a page; what it says is put together once."""

    @cached_property
    def text(self) -> str:
        return " ".join(line.text for line in self)

    @cached_property
    def shape(self) -> tuple[str, int]:
        """The row's text without what counts on, and its height on the page."""
        words = re.sub(r"\d+", " # ", self.text).split()
        outer = {0, len(words) - 1}
        words = [
            "#" if place in outer and _ROMAN.fullmatch(word) and word.islower() else word
            for place, word in enumerate(words)
        ]
        text = " ".join(word for word in words if word != "#").casefold()
        return text, round(self[0].base / _SAME_HEIGHT)

    @cached_property
    def number(self) -> int | None:
        """The number of a row that is only a page's number."""
        return _number(self.text)


class _RunningHeads:
    """What repeats and what counts on at the edges of a book's pages."""

    def __init__(self, pages: Sequence[Page], body: float) -> None:
        self._rows = {page.number: list(_at_edges(page, body)) for page in pages}
        largest = body * _LARGER_THAN_BODY
        small = {
            number: [row for row in rows if max(line.size for line in row) <= largest]
            for number, rows in self._rows.items()
        }
        self._repeated = _repeated(small)
        self._offsets = _offsets(self._rows)
        self._beside = _offsets_beside(self._rows, self._repeated)

    def of(self, page: Page, folios: dict[int, str]) -> Iterator[_EdgeRow]:
        """The rows of `page` that are heads or numbers; its number goes into `folios`."""
        rows = self._rows[page.number]
        for row in rows:
            text, counts, head = row.text, self._counts(page, row), self._is_head(row)
            if counts:
                folios.setdefault(page.number, text.strip(AROUND_NUMBERS))
            elif head and (beside := self._number_beside(page, row)):
                folios.setdefault(page.number, beside)
            if head or counts or _OF.fullmatch(text):
                yield row
        if page.number not in folios:
            yield from (row for row in rows if self._is_misread_number(page, row))

    def _is_head(self, row: _EdgeRow) -> bool:
        text, height = row.shape
        near = [other for other, high in self._repeated if abs(high - height) <= 1]
        return bool(text) and (text in near or any(is_misread(text, other) for other in near))

    def _counts(self, page: Page, row: _EdgeRow) -> bool:
        number = row.number
        return number is not None and (number - page.number, _band(row)) in self._offsets

    def _number_beside(self, page: Page, row: _EdgeRow) -> str:
        """The page's number in a row that has a head too; empty where it is none."""
        for word in _outer_words(row):
            number = _number(word)
            if number is not None and number - page.number in self._beside:
                return word.strip(AROUND_NUMBERS)
        return ""

    def _is_misread_number(self, page: Page, row: _EdgeRow) -> bool:
        """Whether it stands where page numbers do, and a machine may have read it for this one."""
        expected = [page.number + offset for offset, band in self._offsets if band == _band(row)]
        return any(may_be_number(row.text, number) for number in dict.fromkeys(expected))


def _only_numbers(page: Page, folios: dict[int, str]) -> bool:
    return page.number in folios and all(_number(line.text) is not None for line in page.lines)


def _at_edges(page: Page, body: float) -> Iterator[_EdgeRow]:
    """The rows that may be no text: the outermost two in the margins above and below."""
    every = group_rows(sorted(page.lines, key=lambda line: -line.base))
    largest = body * _LARGEST_MISREAD
    ordered = [
        _EdgeRow(sorted(row, key=lambda line: line.left))
        for row in every
        if max(line.size for line in row) <= largest
    ]
    high, low = page.height * (1 - _MARGIN_SHARE), page.height * _MARGIN_SHARE
    yield from (row for row in ordered[:_OUTER_ROWS] if row[0].base > high)
    below = (
        row for row in ordered[max(_OUTER_ROWS, len(ordered) - _OUTER_ROWS) :] if row[0].base < low
    )
    yield from below
    if len(ordered) <= _OUTER_ROWS:
        yield from (row for row in ordered if row[0].base < low)


def _repeated(candidates: dict[int, list[_EdgeRow]]) -> set[tuple[str, int]]:
    """Shapes that come again at the same height on several pages."""
    exactly: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for number, page_rows in candidates.items():
        for row in page_rows:
            exactly[row.shape].add(number)
    seen = {
        (text, height): set().union(*(exactly.get((text, height + by), ()) for by in (-1, 0, 1)))
        for text, height in exactly
    }
    often = {
        shape for shape, numbers in seen.items() if shape[0] and len(numbers) >= _needed(numbers)
    }
    return often | _taking_turns(seen)


def _taking_turns(seen: Mapping[tuple[str, int], set[int]]) -> set[tuple[str, int]]:
    """Heads of left and of right pages at one height, as a title and its author take turns."""
    sides: defaultdict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for (text, height), numbers in seen.items():
        every_other = sorted(numbers) == list(range(min(numbers), max(numbers) + 1, 2))
        if every_other and text and len(numbers) >= _FEWEST_ON_A_SIDE:
            sides[height][min(numbers) % 2].append(text)
    return {
        (text, height)
        for height, (even, odd) in sides.items()
        if even and odd
        for text in (*even, *odd)
        if len(text.split()) <= _LONGEST_ON_A_SIDE
    }


def _needed(numbers: set[int]) -> int:
    """A chapter's heads stand on neighbouring pages; those that recur far apart must be many."""
    span = max(numbers) - min(numbers) + 1
    near = span <= _NEIGHBOURING * len(numbers)
    return _FEWEST_PAGES if near else max(_FEWEST_PAGES, span // _PAGES_PER_REPEAT)


def _offsets(candidates: dict[int, list[_EdgeRow]]) -> set[tuple[int, int]]:
    """Differences between printed and counted page numbers that several pages share, by height."""
    seen: Counter[tuple[int, int]] = Counter()
    for number, page_rows in candidates.items():
        for row in page_rows:
            printed = row.number
            if printed is not None:
                seen[printed - number, _band(row)] += 1
    total = sum(seen.values())
    return {
        key
        for (offset, band), count in seen.items()
        if count >= _FEWEST_PAGES or (count == total and (count > 1 or offset in (0, 1)))
        for key in ((offset, band - 1), (offset, band), (offset, band + 1))
    }


def _offsets_beside(
    candidates: dict[int, list[_EdgeRow]], repeated: set[tuple[str, int]]
) -> set[int]:
    """Such differences of numbers that stand in one row with a head."""
    seen: Counter[int] = Counter()
    for number, page_rows in candidates.items():
        for row in page_rows:
            if row.shape in repeated:
                printed = {_number(word) for word in _outer_words(row)}
                seen.update(value - number for value in printed if value is not None)
    return {offset for offset, count in seen.items() if count >= _FEWEST_PAGES}


def _outer_words(row: _EdgeRow) -> list[str]:
    words = row.text.split()
    return [words[0], words[-1]] if len(words) > 1 else []


def _band(row: _EdgeRow) -> int:
    return round(row[0].base / _SAME_BAND)


def _number(text: str) -> int | None:
    """The number of a row that is only a page's number."""
    match = _FOLIO.fullmatch(text.strip())
    if match is None:
        return None
    digits = match[1]
    return int(digits) if digits.isdigit() else roman_value(digits)


def roman_value(text: str) -> int | None:
    """The value of a Roman number; None where the letters are none."""
    total = 0
    values = [_VALUES.get(letter) for letter in text.lower()]
    if not values or None in values:
        return None
    numbers = [value for value in values if value is not None]
    for value, after in zip(numbers, [*numbers[1:], 0], strict=True):
        total += -value if value < after else value
    return total
