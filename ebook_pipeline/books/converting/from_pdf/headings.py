"""Which lines are headings where no tag says so: by the outline, their size, weight and place.

Thresholds: see the package.
"""

import re
from collections import Counter
from collections.abc import Sequence

from ebook_pipeline.books.converting.from_pdf.columns import ColumnFrames
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from ebook_pipeline.books.converting.from_pdf.links import OutlineEntry

DEEPEST = 6
"""Levels of headings that XHTML has."""
_LONGEST_HEADING = 160
"""Characters of a heading's line."""
_LONGEST_BOLD = 100
"""Characters of a line that is a heading for being bold alone."""
_LARGER_THAN_BODY = 1.13
"""Times the body's size, from which a line is a heading."""
_BOLD_THAN_BODY = 0.94
"""Times the body's size, above which a bold line that stands apart is a heading."""
_APART_LEADINGS = 1.3
"""Leadings between base lines, from which a line stands apart from the one above."""
_MOST_LINES = 4
"""Lines that may be one heading together."""
_CENTRED_INSET = 2
"""Sizes that a centred line is set in at its left."""
_CENTRED_SHARE, _CENTRED_SLACK = 0.1, 4
"""Share of both insets together, and points, by which the insets of a centred line may differ."""
_NAMED = re.compile(
    r"(?:chapter|part|book|act|scene|canto|kapitel|teil|chapitre|capítulo|capitolo)\s+\w+\W*"
    r"|prologue|epilogue|preface|foreword|introduction|contents|appendix\b.*|[IVXLC]{1,7}\.?",
    re.IGNORECASE,
)

HeadingStyle = tuple[int, bool]


class HeadingLevels:
    """The level of every line of a book: 1 to 6, or 0 for text."""

    def __init__(
        self, pages: Sequence[Page], entries: Sequence[OutlineEntry], frames: ColumnFrames
    ) -> None:
        self._frames = frames
        self._levels: dict[int, int] = {}
        titled = _titled(pages, entries)
        candidates: dict[int, HeadingStyle] = {}
        for page in pages:
            for number, line in enumerate(page.lines):
                if self._stands_out(page.lines, number):
                    candidates[id(line)] = (round(line.size), line.bold)
        ranks = self._ranks(pages, titled, candidates)
        for key, shape in candidates.items():
            self._levels[key] = ranks[shape]
        self._levels.update(titled)

    def level(self, line: Line) -> int:
        """The line's level."""
        return self._levels.get(id(line), 0)

    def _stands_out(self, lines: Sequence[Line], number: int) -> bool:
        line = lines[number]
        text = line.text.strip()
        if (
            line.aside
            or len(text) > _LONGEST_HEADING
            or not re.search(r"\w", text)
            or text[0] in "•*"
        ):
            return False
        larger = line.size / self._frames.body
        if larger >= _LARGER_THAN_BODY:
            return True
        apart = self._apart(lines, number)
        if line.bold and larger > _BOLD_THAN_BODY and apart and not text.endswith((",", ";")):
            return len(text) < _LONGEST_BOLD
        return bool(_NAMED.fullmatch(text)) and apart and self._centred(line)

    def _apart(self, lines: Sequence[Line], number: int) -> bool:
        """Whether the line, with others that look like it, stands apart from the text."""
        line = lines[number]
        start = number
        while start and lines[start - 1].bold and line.bold and number - start < _MOST_LINES:
            start -= 1
        if start == 0:
            return True
        leading = self._frames.of(line).leading or line.size * 1.2
        return (
            not -line.size < lines[start - 1].base - lines[start].base < leading * _APART_LEADINGS
        )

    def _centred(self, line: Line) -> bool:
        frame = self._frames.of(line)
        inset, outset = line.left - frame.left, frame.right - line.right
        slack = _CENTRED_SHARE * (inset + outset) + _CENTRED_SLACK
        return inset > _CENTRED_INSET * line.size and abs(inset - outset) < slack

    def _ranks(
        self, pages: Sequence[Page], titled: dict[int, int], candidates: dict[int, HeadingStyle]
    ) -> dict[HeadingStyle, int]:
        """The level of each style of heading: the outline's, else by size and weight."""
        votes: dict[HeadingStyle, Counter[int]] = {}
        for page in pages:
            for line in page.lines:
                if id(line) in titled:
                    shape = (round(line.size), line.bold)
                    votes.setdefault(shape, Counter())[titled[id(line)]] += 1
        ordered = sorted(set(candidates.values()), reverse=True)
        ranks: dict[HeadingStyle, int] = {}
        last = 0
        for shape in ordered:
            voted = votes[shape].most_common(1)[0][0] if shape in votes else 0
            last = voted or min(last + 1, DEEPEST)
            ranks[shape] = last
        return ranks


def title_key(text: str) -> str:
    """A title's letters and digits alone, for comparing; ASCII alone where there are enough.

    Outlines are often written in another encoding than they claim, which spoils the rest.
    """
    ascii_alone = re.sub(r"[^A-Za-z0-9]+", "", text).casefold()
    return ascii_alone if len(ascii_alone) >= 4 else re.sub(r"\W+", "", text).casefold()


def _titled(pages: Sequence[Page], entries: Sequence[OutlineEntry]) -> dict[int, int]:
    """Levels of the lines, up to four together, that are a title of the outline."""
    titles = {
        (page, title_key(entry.title)): min(entry.depth + 1, DEEPEST)
        for entry in reversed(entries)
        for page in (entry.place.page + 1, entry.place.page)
        if title_key(entry.title)
    }
    numbers = {number for number, _ in titles}
    levels: dict[int, int] = {}
    for page in pages:
        if page.number not in numbers:
            continue
        for start in range(len(page.lines)):
            _match(page, start, titles, levels)
    return levels


def _match(
    page: Page, start: int, titles: dict[tuple[int, str], int], levels: dict[int, int]
) -> None:
    """Enter the lines from `start` on that together are a title."""
    if id(page.lines[start]) in levels:
        return
    for end in range(start + 1, min(start + _MOST_LINES, len(page.lines)) + 1):
        lines = page.lines[start:end]
        text = " ".join(line.text for line in lines)
        if len(text) > _LONGEST_HEADING:
            return
        title = title_key(text)
        level = titles.get((page.number, title))
        if level:
            levels.update((id(line), level) for line in lines)
            for near in (-1, 0, 1):
                titles.pop((page.number + near, title), None)
            return
