"""Lines taken together as paragraphs and stanzas, by where they start and whether they are full.

A line that ends although the next line's first word had room was ended on purpose. Thresholds: see
the package; lengths are in sizes of the line's letters unless it says otherwise.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, of_lines
from ebook_pipeline.books.converting.from_pdf.columns import ColumnFrame, ColumnFrames
from ebook_pipeline.books.converting.from_pdf.line_relations import BULLET, LineRelation, loosen
from ebook_pipeline.books.converting.from_pdf.lines import Line, group_rows
from ebook_pipeline.books.converting.from_pdf.verse import (
    CAPITALS_SHARE,
    SENTENCE_END,
    SPACE_WIDTH,
    begins_with_capital,
    first_word_width,
    held_together,
    in_verse,
    is_narrow,
    mostly_verse,
    sentence_ends,
    verse_like,
    wrapping_width,
)

_BLOCK_GAP = 1.32
"""Leadings between base lines, above which a new block begins."""
_OTHER_SIZE = 0.12
"""Share by which sizes of neighbours may differ within a block."""
_OTHER_HEADING_SIZE = 0.15
"""Share by which sizes of neighbours may differ within a heading."""
_HEADING_GAP = 2
"""Distance of base lines up to which lines are one heading."""
_INDENT = 0.55
"""How far a line starts to the right of the one above, from which it is indented."""
_TOLERANCE = 0.3
"""How exact an indent is, and how much room more than the next word needs a line must have."""
_INDENT_RANGE = (0.5, 5)
"""Shortest and longest indent of a book's paragraphs."""
_FLUSH = 0.3
"""How far a line that is not indented may start from its column's left edge."""
_FEWEST_INDENTS, _LINES_PER_INDENT = 2, 100
"""Paragraphs with one indent, and lines of the book for each, that make it the book's indent."""
_VERSE_SHARE = 0.5
"""Share of a block's lines, 0 to 1, that end on purpose, from which it is verse."""
_SET_IN = 1.6
"""Distance from the column's left edge, beyond which a line is set in, as quotations are."""
_FEWEST_SET_IN = 4
"""Lines of a set-in passage."""
_SET_IN_SLACK = 1.5
"""Points by which lines at a set-in passage's left edge may differ."""
_AT_MARGIN_SHARE = 0.2
"""Share of a passage's lines, 0 to 1, that start at its left edge; centred lines do not."""
_FULL_WIDTH = 0.85
"""Share of a passage's width, 0 to 1, beyond which a line is full."""
_FULL_LINES_SHARE = 0.4
"""Share of a passage's lines, 0 to 1, that are full, above which its right edge is its own."""
_CENTRED_INSET = 2
"""How far a centred line is set in at its left."""
_CENTRED_SHARE, _CENTRED_SLACK = 0.1, 4.0
"""Share of both insets together, or points, by which the insets of a centred line may differ."""
_FEWEST_FULL, _FULL_RUN_SHARE = 3, 0.6
"""Full lines, and their share, 0 to 1, from which a run of indented lines is one paragraph."""


class ParagraphSplitter:
    """Lines → blocks, for a whole book: its indent, and whether it is verse, are found first."""

    def __init__(self, frames: ColumnFrames, lines: Sequence[Line]) -> None:
        self._frames = frames
        self._own = dict(_set_in(lines, frames))
        self._wrapped_at = 0
        self._wrapped_at = self._characters_a_line(lines)
        self._indent = self._usual_indent(lines)
        self._all_verse = mostly_verse(lines, self._joints(lines))

    def blocks(self, lines: Sequence[Line], level: Callable[[Line], int]) -> Iterator[Block]:
        """Headings (where `level` gives one), paragraphs and stanzas in the lines' order."""
        for rank, group in itertools.groupby(lines, key=level):
            if rank:
                yield from self._headings(list(group), rank)
            else:
                yield from self._text(list(group))

    def stanzas(self, lines: list[Line]) -> Iterator[Block]:
        """Stanzas, where it is known that the lines are no paragraphs."""
        joints = [
            LineRelation.NEW_LINE if joint is LineRelation.INDENT else joint
            for joint in self._joints(lines)
        ]
        yield from self._divided(lines, joints, [True] * len(lines))

    def verse_breaks(self, lines: Sequence[Line]) -> list[bool]:
        """For the lines of one known paragraph: which of them end on purpose.

        All are False where the paragraph is prose. Pieces of a justified line that stand far apart
        are one line.
        """
        rows = [_whole(row) for row in group_rows(lines)]
        ends = [self._ends(line, after) for line, after in itertools.pairwise(rows)]
        if ends and sum(ends) >= _VERSE_SHARE * len(ends) and not is_narrow(rows):
            within = ([False] * (len(row) - 1) for row in group_rows(lines))
            joints = zip(within, [*ends, False], strict=True)
            return [end for inner, last in joints for end in (*inner, last)][:-1]
        return [False] * (len(lines) - 1)

    def _headings(self, lines: Sequence[Line], level: int) -> Iterator[Block]:
        """One block per heading: its lines stand close and look alike."""
        part = [lines[0]]
        for before, line in itertools.pairwise(lines):
            step = before.base - line.base
            apart = (
                before.page != line.page
                or not -before.size < step < max(before.size, line.size) * 2
            )
            if apart or abs(before.size - line.size) > _OTHER_HEADING_SIZE * before.size:
                yield of_lines(BlockKind.HEADING, part, level)
                part = []
            part.append(line)
        yield of_lines(BlockKind.HEADING, part, level)

    def _text(self, lines: list[Line]) -> Iterator[Block]:
        joints = self._joints(lines)
        verse = [True] * len(lines) if self._all_verse else in_verse(lines, joints)
        for place, joint in enumerate(joints):
            if joint is LineRelation.INDENT:
                goes_on = verse[place] and not SENTENCE_END.search(lines[place].text)
                joints[place] = LineRelation.NEW_LINE if goes_on else LineRelation.NEW_BLOCK
        self._settle_runs(lines, joints)
        yield from self._divided(lines, joints, verse)

    def _divided(
        self, lines: list[Line], joints: Sequence[LineRelation], verse: Sequence[bool]
    ) -> Iterator[Block]:
        starts = [0, *(n for n, joint in enumerate(joints, 1) if joint is LineRelation.NEW_BLOCK)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            among = start < len(verse) and verse[start]
            yield from self._group(lines[start:end], joints[start : end - 1], among)

    def _group(
        self, lines: list[Line], joints: Sequence[LineRelation], among_verse: bool
    ) -> Iterator[Block]:
        """A stanza whole; prose also divided where a line ends on purpose."""
        ends = sum(joint is LineRelation.NEW_LINE for joint in joints)
        stanza = ends and ends >= _VERSE_SHARE * len(joints)
        if stanza and (among_verse or not self._prose(lines, joints)):
            yield of_lines(BlockKind.PARAGRAPH if is_narrow(lines) else BlockKind.VERSE, lines)
            return
        part = [lines[0]]
        for line, joint in zip(lines[1:], joints, strict=True):
            if joint is LineRelation.NEW_LINE and sentence_ends(part[-1], line):
                yield of_lines(BlockKind.PARAGRAPH, part)
                part = []
            part.append(line)
        yield of_lines(BlockKind.PARAGRAPH, part)

    def _prose(self, lines: Sequence[Line], joints: Sequence[LineRelation]) -> bool:
        """Whether lines that end on purpose are short paragraphs: all of them end sentences."""
        ended = [
            sentence_ends(line, after)
            for line, after, joint in zip(lines, lines[1:], joints, strict=False)
            if joint is LineRelation.NEW_LINE
        ]
        return all(ended) and bool(SENTENCE_END.search(lines[-1].text))

    def _joints(self, lines: Sequence[Line]) -> list[LineRelation]:
        joints = []
        for place in range(1, len(lines)):
            after = lines[place + 1] if place + 1 < len(lines) else None
            joints.append(self._joint(lines[place - 1], lines[place], after))
        loosen(lines, joints, self._ends, self._both_centred)
        return joints

    def _joint(self, before: Line, line: Line, after: Line | None) -> LineRelation:
        if self._apart(before, line) or BULLET.match(line.text):
            return LineRelation.NEW_BLOCK
        ends = self._ends(before, line)
        shift = self._start(line) - self._start(before)
        if ends and self._both_centred(before, line):
            return LineRelation.NEW_LINE
        if shift > _INDENT * line.size:
            if self._turned_over(before, line, after):
                return LineRelation.GOES_ON
            opens = ends or self._is_indent(line)
            return (
                LineRelation.INDENT
                if opens and not verse_like(before, line)
                else LineRelation.NEW_LINE
            )
        return LineRelation.NEW_LINE if ends else LineRelation.GOES_ON

    def _settle_runs(self, lines: Sequence[Line], joints: list[LineRelation]) -> None:
        """Neighbours with the book's indent are paragraphs each, unless most of them are full."""
        place = 0
        while place < len(lines):
            end = place + 1
            while (
                end < len(lines)
                and self._is_indent(lines[place])
                and self._is_indent(lines[end])
                and joints[end - 1] is not LineRelation.NEW_BLOCK
            ):
                end += 1
            inner = range(place, end - 1)
            full = sum(joints[index] is LineRelation.GOES_ON for index in inner)
            if inner and full < max(_FEWEST_FULL, _FULL_RUN_SHARE * len(inner)):
                for index in inner:
                    joints[index] = LineRelation.NEW_BLOCK
            place = end

    def _apart(self, before: Line, line: Line) -> bool:
        """Whether more than a line's distance is between them, or another size begins."""
        if abs(before.size - line.size) > _OTHER_SIZE * max(before.size, line.size):
            return True
        if before.page != line.page or before.column != line.column:
            return False
        step = before.base - line.base
        leading = self._frame(line).leading * max(1.0, line.size / self._frames.body)
        return step > leading * _BLOCK_GAP or step < -line.size

    def _ends(self, line: Line, after: Line) -> bool:
        """Whether `two`'s first word had room at the end of `one`."""
        wrapped_at = self._wrapped_at
        if line.broken or (wrapped_at > 0 and held_together(line, after) > wrapped_at):
            return False
        room = self._frame(line).right - line.right
        return room > first_word_width(after) + (SPACE_WIDTH + _TOLERANCE) * line.size

    def _characters_a_line(self, lines: Sequence[Line]) -> int:
        """The characters at which a program wrapped the text, whatever room was left; 0 if none."""
        early = [
            (line, after)
            for line, after in itertools.pairwise(lines)
            if line.page == after.page and not self._apart(line, after) and self._ends(line, after)
        ]
        return wrapping_width(lines, early)

    def _frame(self, line: Line) -> ColumnFrame:
        return self._own.get(id(line)) or self._frames.of(line)

    def _start(self, line: Line) -> float:
        return line.left - self._frame(line).left

    def _is_indent(self, line: Line) -> bool:
        """Whether the line starts where this book's paragraphs do."""
        return self._indent > 0 and abs(self._start(line) - self._indent) < _TOLERANCE * line.size

    def _turned_over(self, before: Line, line: Line, after: Line | None) -> bool:
        """Whether `two` is the rest of a long line of verse: short, what follows left of it."""
        if self._ends(before, line) or self._is_indent(before):
            return False
        if after is None or self._apart(line, after):
            return line.text[:1].islower()
        short = self._ends(line, after)
        back = self._start(line) - self._start(after) > _INDENT * line.size
        return short and back

    def _centred(self, line: Line) -> bool:
        frame = self._frame(line)
        inset, outset = line.left - frame.left, frame.right - line.right
        slack = max(_CENTRED_SLACK, _CENTRED_SHARE * (inset + outset))
        return inset > _CENTRED_INSET * line.size and abs(inset - outset) < slack

    def _both_centred(self, before: Line, line: Line) -> bool:
        return self._centred(before) and self._centred(line)

    def _usual_indent(self, lines: Sequence[Line]) -> float:
        """How far the first lines of this book's paragraphs are set in; 0 where they are not."""
        shortest, longest = _INDENT_RANGE
        seen: Counter[float] = Counter()
        for before, line in itertools.pairwise(lines):
            start = self._start(line)
            set_in = shortest * line.size < start < longest * line.size
            if (
                set_in
                and not self._apart(before, line)
                and self._start(before) < _FLUSH * before.size
            ):
                seen[round(start * 2) / 2] += 1
        if not seen:
            return 0.0
        indent, count = seen.most_common(1)[0]
        needed = max(_FEWEST_INDENTS, len(lines) // _LINES_PER_INDENT)
        return indent if count >= needed else 0.0


def _set_in(lines: Sequence[Line], frames: ColumnFrames) -> Iterator[tuple[int, ColumnFrame]]:
    """The frames of passages that are set in, as letters and quotations are, by their lines."""

    def inset(line: Line) -> bool:
        return line.left - frames.of(line).left > _SET_IN * line.size

    for within, group in itertools.groupby(lines, key=inset):
        passage = list(group) if within else []
        if len(passage) < _FEWEST_SET_IN:
            continue
        left, right = min(line.left for line in passage), max(line.right for line in passage)
        margin = sum(line.left < left + _SET_IN_SLACK for line in passage)
        full = sum(line.right > left + _FULL_WIDTH * (right - left) for line in passage)
        if margin < _AT_MARGIN_SHARE * len(passage):
            continue
        verse = sum(map(begins_with_capital, passage)) >= CAPITALS_SHARE * len(passage)
        narrower = full > _FULL_LINES_SHARE * len(passage) and not verse
        for line in passage:
            frame = frames.of(line)
            yield id(line), replace(frame, left=left, right=right if narrower else frame.right)


def _whole(row: Sequence[Line]) -> Line:
    """The pieces of one line as the line."""
    first, last = row[0], row[-1]
    if first is last:
        return first
    spans = [span for line in row for span in line.spans]
    return replace(first, spans=spans, right=max(line.right for line in row), broken=last.broken)
