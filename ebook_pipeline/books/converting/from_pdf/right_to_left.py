"""Lines of Hebrew and Arabic, by the places of their letters: programs write them in any order.

Lengths are in sizes of the line's letters; thresholds: see the package.
"""

import itertools
import statistics
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class _Fragments:
    """Lines that touch on one base line, and the characters that they are made of."""

    lines: list[Line]
    indices: list[int]

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)


def in_logical_order(reader: CharacterReader) -> list[Line]:
    """The reader's lines; those with letters read from the right are read anew.

    A page is as most of its letters are; a line of another page as most of its own.
    """
    from_right, from_left = _strong("".join(line.text for line in reader.lines))
    if not from_right:
        return reader.lines
    page_turned = from_right > from_left
    foreign = set(itertools.chain.from_iterable(reader.others.values()))
    result = []
    for fragments in _touching(reader):
        right, left = _strong(fragments.text)
        if right or (page_turned and not left):
            indices = [index for index in fragments.indices if index not in foreign]
            glyphs = [
                _cluster(list(same))
                for _, same in itertools.groupby(
                    (glyph for glyph in reader.reread(indices) if glyph.text), key=_box
                )
            ]
            result.append(_line(glyphs, page_turned or right > left, fragments.lines[0]))
        else:
            result += fragments.lines
    return result


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
    """One line of these characters, in the order in which they are read."""
    units = list(_spaced(_with_marks(glyphs)))
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


def _box(glyph: Glyph) -> tuple[float, float, int]:
    return glyph.left, glyph.right, glyph.mark


def _cluster(same: Sequence[Glyph]) -> Glyph:
    """Letters that one shape stands for, which pdfium turns round where it sees them so."""
    text = "".join(glyph.text for glyph in same)
    if len(same) > 1 and _strong(text)[0] and not _is_mark(text[-1]):
        text = text[::-1]
    return replace(same[0], text=text) if len(same) > 1 else same[0]


def _with_marks(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Letters from the left, each with the vowels and other marks that stand on it."""
    letters = sorted((g for g in glyphs if not _is_mark(g.text)), key=lambda g: g.middle)
    middles = [letter.middle for letter in letters]
    for mark in glyphs:
        if letters and _is_mark(mark.text):
            place = _nearest(middles, mark.middle)
            letters[place] = replace(letters[place], text=letters[place].text + mark.text)
    return letters


def _is_mark(text: str) -> bool:
    return all(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)


def _nearest(middles: Sequence[float], middle: float) -> int:
    place = bisect_left(middles, middle)
    near = range(max(place - 1, 0), min(place + 1, len(middles)))
    return min(near, key=lambda other: abs(middles[other] - middle))


def _spaced(letters: Sequence[Glyph]) -> Iterator[Glyph]:
    """The letters with one space where there are several, and where there is a gap."""
    sizes = [letter.style.size for letter in letters]
    least = _SPACE_GAP * (statistics.median(sizes) if sizes else 1.0)
    before: Glyph | None = None
    for letter in letters:
        if before is not None and " " not in (before.text, letter.text):
            if letter.left - before.right > least:
                yield replace(before, text=" ", left=before.right, right=letter.left)
        elif before is not None and before.text == letter.text == " ":
            continue
        yield letter
        before = letter


def _first_width(units: Sequence[Glyph]) -> float:
    word = list(itertools.takewhile(lambda unit: unit.text != " ", units))
    if not word:
        return 0.0
    return max(unit.right for unit in word) - min(unit.left for unit in word)
