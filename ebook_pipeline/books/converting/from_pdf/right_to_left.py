"""Lines of Hebrew and Arabic, by the places of their letters: programs write them in any order.

Lengths are in sizes of the line's letters; thresholds: see the package.
"""

import itertools
import statistics
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ebook_pipeline.books.converting.from_pdf.bidi import (
    reading_order,
    settle_brackets,
    strong_direction,
)
from ebook_pipeline.books.converting.from_pdf.characters import CharacterReader
from ebook_pipeline.books.converting.from_pdf.glyphs import Glyph
from ebook_pipeline.books.converting.from_pdf.lines import HYPHEN, Line, Span

_SAME_BASE = 0.4
"""Difference of base lines up to which fragments are of one line."""
_TOUCHING = 1.2
"""Gap up to which fragments are of one line: gutters are wider."""
_SPACE_GAP = 0.22
"""Gap from which there is a space: letters that do not join stand apart by up to a fifth."""

_JOINED_GAP = 0.6
"""The same beside an Arabic letter with marks, in a line with spaces of its own: how wide such a
letter is depends on those beside it."""
_OWN_WIDTH, _AT_ORIGIN = 0.05, 0.01
"""Width from which, and distance from its origin up to which, a marked letter's box is its own."""


@dataclass(frozen=True, slots=True)
class _Fragments:
    """Lines that touch on one base line, and the characters that they are made of."""

    lines: list[Line]
    indices: list[int]

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)


def in_logical_order(reader: CharacterReader, *, upside_down: bool = False) -> list[Line]:
    """The reader's lines; those with letters read from the right are read anew.

    A page is as most of its letters are; a line of another page as most of its own. Of letters that
    stand `upside_down` as the page is shown, pdfium puts what it takes for one piece in the wrong
    order: all their lines are read anew.
    """
    text = "".join([line.text for line in reader.lines])
    if text.isascii() and not upside_down:
        return reader.lines
    from_right, from_left = _strong(text)
    if not from_right and not upside_down:
        return reader.lines
    page_turned = from_right > from_left
    foreign = set(itertools.chain.from_iterable(reader.others.values()))
    touching = list(_touching(reader))
    read: dict[int, list[Glyph]] = {}
    for place, fragments in enumerate(touching):
        right, left = _strong(fragments.text)
        if upside_down or right or (page_turned and not left):
            indices = [index for index in fragments.indices if index not in foreign]
            read[place] = _with_marks([glyph for glyph in reader.reread(indices) if glyph.text])
    widths = _advances(read.values())
    result = []
    for place, fragments in enumerate(touching):
        right, left = _strong(fragments.text)
        if place in read:
            letters = [_as_wide(letter, widths) for letter in read[place]]
            result.append(_line(letters, page_turned or right > left, fragments.lines[0]))
        else:
            result += fragments.lines
    return result


def _advances(lines: Iterable[Sequence[Glyph]]) -> dict[tuple[str, float], float]:
    """How far the pen goes for each letter, by its size: its width, or to the next one at least."""
    widths: dict[tuple[str, float], float] = {}
    for letters in lines:
        for letter, after in itertools.pairwise(letters):
            step = (after.origin if _is_marked(after) else after.left) - letter.origin
            if not _is_marked(letter):
                step = letter.right - letter.left
            key = letter.text[0], letter.style.size
            widths[key] = min(widths.get(key, step), max(step, 0.0))
    return widths


def _as_wide(letter: Glyph, widths: Mapping[tuple[str, float], float]) -> Glyph:
    """A letter with marks in its own width: pdfium tells the box of a mark for both."""
    if not _is_marked(letter):
        return letter
    stated = letter.right - letter.left > _OWN_WIDTH * letter.style.size
    if stated and abs(letter.left - letter.origin) < _AT_ORIGIN * letter.style.size:
        return letter
    right = letter.origin + widths.get((letter.text[0], letter.style.size), 0.0)
    return replace(letter, left=letter.origin, right=max(right, letter.origin))


def _is_marked(glyph: Glyph) -> bool:
    return len(glyph.text) > 1 and _is_mark(glyph.text[-1])


def _strong(text: str) -> tuple[int, int]:
    """How many letters are read from the right, and how many from the left."""
    directions = [strong_direction(letter) for letter in text]
    return directions.count("R"), directions.count("L")


def _touching(reader: CharacterReader) -> list[_Fragments]:
    """The lines of the page, those that touch taken together, in the order of their first."""
    lines = reader.lines
    ordered = sorted(range(len(lines)), key=lambda place: -_base(lines[place]))
    groups = [group for row in _rows(ordered, lines) for group in _joined(row, lines)]
    result = []
    for group in sorted(groups, key=min):
        together = sorted(group)
        indices = [n for place in together for n in range(*reader.extents[place])]
        result.append(_Fragments([lines[place] for place in together], indices))
    return result


def _rows(ordered: Sequence[int], lines: Sequence[Line]) -> Iterator[list[int]]:
    row: list[int] = []
    for place in ordered:
        if row and _base(lines[row[0]]) - _base(lines[place]) > _SAME_BASE * lines[place].size:
            yield row
            row = []
        row.append(place)
    if row:
        yield row


def _joined(row: Sequence[int], lines: Sequence[Line]) -> Iterator[list[int]]:
    group: list[int] = []
    right = 0.0
    for place in sorted(row, key=lambda place: lines[place].left):
        line = lines[place]
        if group and line.left - right > _TOUCHING * line.size:
            yield group
            group = []
        right = max(right, line.right) if group else line.right
        group.append(place)
    if group:
        yield group


def _base(line: Line) -> float:
    return line.spans[0].base


def _line(glyphs: Sequence[Glyph], right_to_left: bool, like: Line) -> Line:
    """One line of these letters, from the left, in the order in which they are read."""
    units = list(_spaced(glyphs))
    order = reading_order([unit.text[0] for unit in units], right_to_left)
    units = [units[place] for place in order]
    text = settle_brackets("".join(unit.text for unit in units))
    line = Line([], like.page, like.left, like.right, 0.0, like.size)
    start = 0
    for unit in units:
        end = start + len(unit.text)
        _put(line, replace(unit, text=text[start:end]))
        start = end
    line.left = min(span.left for span in line.spans)
    line.right = max(span.right for span in line.spans)
    line.first = _first_width(units)
    line.broken = text.endswith(HYPHEN)
    return line


def _put(line: Line, unit: Glyph) -> None:
    span = line.spans[-1] if line.spans else None
    same = span is not None and span.style is unit.style and span.mark == unit.mark
    if span is None or not same or span.link != unit.link:
        new = Span(unit.text, unit.style, unit.left, unit.right, unit.base, unit.mark, unit.link)
        line.spans.append(new)
        return
    span.text += unit.text
    span.left, span.right = min(span.left, unit.left), max(span.right, unit.right)


def _with_marks(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Letters from the left, each with the vowels and other marks that stand on it."""
    shapes = [_shape(list(same)) for _, same in itertools.groupby(glyphs, key=_origin)]
    letters = sorted((g for g in shapes if not _is_mark(g.text)), key=lambda g: g.middle)
    bases = [place for place, letter in enumerate(letters) if letter.text[0].isalpha()]
    middles = [letters[place].middle for place in bases]
    for mark in shapes:
        if bases and _is_mark(mark.text):
            place = bases[_nearest(middles, mark.middle)]
            text = unicodedata.normalize("NFC", letters[place].text + mark.text)
            letters[place] = replace(letters[place], text=text)
    return letters


def _origin(glyph: Glyph) -> tuple[float, float, int]:
    return glyph.origin, glyph.base, glyph.mark


def _shape(same: Sequence[Glyph]) -> Glyph:
    """One shape: its letters as they are read, then its marks, whatever order tells them."""
    if len(same) == 1:
        return same[0]
    if len({(glyph.left, glyph.right) for glyph in same}) == 1 and _has_letters(same):
        text = unicodedata.normalize("NFC", "".join(glyph.text for glyph in same))
        return replace(same[0], text=text)
    letters = [glyph for glyph in same if not _is_mark(glyph.text)]
    from_right = any(_strong(glyph.text)[0] for glyph in letters)
    if from_right:
        letters.sort(key=lambda glyph: -glyph.middle)
    marks = [glyph for glyph in same if _is_mark(glyph.text)]
    text = "".join(glyph.text for glyph in (*letters, *marks))
    left, right = min(glyph.left for glyph in same), max(glyph.right for glyph in same)
    text = unicodedata.normalize("NFC", text)
    return replace(same[0], text=text, left=left, right=right)


def _has_letters(same: Sequence[Glyph]) -> bool:
    """Whether the first is a letter and another one is too: a cluster that is stated whole."""
    return len(same) > 1 and not _is_mark(same[0].text)


def _is_mark(text: str) -> bool:
    return all(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)


def _nearest(middles: Sequence[float], middle: float) -> int:
    place = bisect_left(middles, middle)
    near = range(max(place - 1, 0), min(place + 1, len(middles)))
    return min(near, key=lambda other: abs(middles[other] - middle))


def _spaced(letters: Sequence[Glyph]) -> Iterator[Glyph]:
    """The letters with one space where there are several, and where there is a gap."""
    size = statistics.median(letter.style.size for letter in letters) if letters else 1.0
    own = any(letter.text == " " for letter in letters)
    before: Glyph | None = None
    for letter in letters:
        if before is not None and " " not in (before.text, letter.text):
            joined = own and any(map(_keeps_close, (before, letter)))
            if letter.left - before.right > (_JOINED_GAP if joined else _SPACE_GAP) * size:
                yield replace(before, text=" ", left=before.right, right=letter.left)
        elif before is not None and before.text == letter.text == " ":
            continue
        yield letter
        before = letter


def _keeps_close(glyph: Glyph) -> bool:
    """Whether only a real space stands beside it: Arabic with marks, and what is read from left."""
    direction = unicodedata.bidirectional(glyph.text[0])
    return direction == "L" or (direction == "AL" and _is_marked(glyph))


def _first_width(units: Sequence[Glyph]) -> float:
    word = list(itertools.takewhile(lambda unit: unit.text != " ", units))
    if not word:
        return 0.0
    return max(unit.right for unit in word) - min(unit.left for unit in word)
