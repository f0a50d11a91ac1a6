"""Lines taken together as paragraphs and stanzas, by where they start and whether they are full.

A line that ends although the next line's first word had room was ended on purpose.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import Enum

from ebook_pipeline.books.converting.from_pdf.blocks import Block, Kind, of_lines
from ebook_pipeline.books.converting.from_pdf.columns import Frame, Frames
from ebook_pipeline.books.converting.from_pdf.lines import Line

_CLOSED = re.compile(r"[.!?:…。！？][\"'”’»)\]\d*†‡]*[—–]?$")
_BULLET = re.compile(r"[•●◦▪‣∙·–—*-]\s|[•●◦▪‣∙]$|\(?\d{1,3}[.)]\s")
_LETTER = re.compile(r"\w")
_NEW_PART = 1.32
_INDENT = 0.55
_NEAR = 0.3
_SPACE = 0.25
_VERSE = 0.5
_SET_IN = 1.6
_FEWEST_SET_IN = 4
_AT_MARGIN = 0.2
_FULL = 0.85
_MOSTLY_FULL = 0.4
_AROUND = 30
_MANY = 300
_WITHIN = 0.35
_ALIKE = 3
_LOOSEST = 2.4
_CAPITALS = 0.8
_OWN_MEASURE = 0.3
_TITLE = re.compile(
    r"([\"'“‘(—]*(?:M|Mr|Mrs|Ms|Mme|Mlle|Messrs|Dr|St|Prof|Capt|Col|Gen|Lieut|Rev|Hon|Sr|Jr|No)\.)\s\w+"
)


class Joint(Enum):
    """How a line stands to the one before it."""

    GOES_ON = "goes on"
    NEW_LINE = "new line"
    INDENT = "indent"
    NEW_BLOCK = "new block"


class Splitter:
    """Lines → blocks, for a whole book, whose habits it takes from all of its lines."""

    def __init__(self, frames: Frames, lines: Sequence[Line]) -> None:
        self._frames = frames
        self._own = dict(_set_in(lines, frames))
        self._indent = self._usual_indent(lines)
        self._all_verse = _mostly_verse(lines, self._joints(lines))

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
            Joint.NEW_LINE if joint is Joint.INDENT else joint for joint in self._joints(lines)
        ]
        yield from self._divided(lines, joints, [True] * len(lines))

    def verse_breaks(self, lines: Sequence[Line]) -> list[bool]:
        """For the lines of one known paragraph: which of them end on purpose.

        All are False where the paragraph is prose.
        """
        ends = [self._ends(one, two) for one, two in itertools.pairwise(lines)]
        if ends and sum(ends) >= _VERSE * len(ends) and not _narrow(lines):
            return ends
        return [False] * len(ends)

    def _headings(self, lines: Sequence[Line], level: int) -> Iterator[Block]:
        """One block per heading: its lines stand close and look alike."""
        part = [lines[0]]
        for one, two in itertools.pairwise(lines):
            step = one.base - two.base
            apart = one.page != two.page or not -one.size < step < max(one.size, two.size) * 2
            if apart or abs(one.size - two.size) > 0.15 * one.size:
                yield of_lines(Kind.HEADING, part, level)
                part = []
            part.append(two)
        yield of_lines(Kind.HEADING, part, level)

    def _text(self, lines: list[Line]) -> Iterator[Block]:
        joints = self._joints(lines)
        verse = [True] * len(lines) if self._all_verse else _in_verse(lines, joints)
        for place, joint in enumerate(joints):
            if joint is Joint.INDENT:
                goes_on = verse[place] and not _CLOSED.search(lines[place].text)
                joints[place] = Joint.NEW_LINE if goes_on else Joint.NEW_BLOCK
        self._settle_runs(lines, joints)
        yield from self._divided(lines, joints, verse)

    def _divided(
        self, lines: list[Line], joints: Sequence[Joint], verse: Sequence[bool]
    ) -> Iterator[Block]:
        starts = [0, *(n for n, joint in enumerate(joints, 1) if joint is Joint.NEW_BLOCK)]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            among = start < len(verse) and verse[start]
            yield from self._group(lines[start:end], joints[start : end - 1], among)

    def _group(
        self, lines: list[Line], joints: Sequence[Joint], among_verse: bool
    ) -> Iterator[Block]:
        """A stanza whole; prose also divided where a line ends on purpose."""
        ends = sum(joint is Joint.NEW_LINE for joint in joints)
        stanza = ends and ends >= _VERSE * len(joints)
        if stanza and (among_verse or not self._prose(lines, joints)):
            yield of_lines(Kind.PARAGRAPH if _narrow(lines) else Kind.VERSE, lines)
            return
        part = [lines[0]]
        for line, joint in zip(lines[1:], joints, strict=True):
            if joint is Joint.NEW_LINE and _sentence_ends(part[-1], line):
                yield of_lines(Kind.PARAGRAPH, part)
                part = []
            part.append(line)
        yield of_lines(Kind.PARAGRAPH, part)

    def _prose(self, lines: Sequence[Line], joints: Sequence[Joint]) -> bool:
        """Whether lines that end on purpose are short paragraphs: all of them end sentences."""
        ended = [
            _sentence_ends(line, after)
            for line, after, joint in zip(lines, lines[1:], joints, strict=False)
            if joint is Joint.NEW_LINE
        ]
        return all(ended) and bool(_CLOSED.search(lines[-1].text))

    def _joints(self, lines: Sequence[Line]) -> list[Joint]:
        found = []
        for place in range(1, len(lines)):
            after = lines[place + 1] if place + 1 < len(lines) else None
            found.append(self._joint(lines[place - 1], lines[place], after))
        _loosen(lines, found, self._ends, self._both_centred)
        return found

    def _joint(self, one: Line, two: Line, after: Line | None) -> Joint:
        if self._apart(one, two) or _BULLET.match(two.text):
            return Joint.NEW_BLOCK
        ends = self._ends(one, two)
        shift = self._start(two) - self._start(one)
        if ends and self._both_centred(one, two):
            return Joint.NEW_LINE
        if shift > _INDENT * two.size:
            if self._turned_over(one, two, after):
                return Joint.GOES_ON
            opens = ends or self._is_indent(two)
            return Joint.INDENT if opens and not _verse_like(one, two) else Joint.NEW_LINE
        return Joint.NEW_LINE if ends else Joint.GOES_ON

    def _settle_runs(self, lines: Sequence[Line], joints: list[Joint]) -> None:
        """Neighbours with the paragraphs' own indent: each is a paragraph, unless most are full."""
        place = 0
        while place < len(lines):
            end = place + 1
            while (
                end < len(lines)
                and self._is_indent(lines[place])
                and self._is_indent(lines[end])
                and joints[end - 1] is not Joint.NEW_BLOCK
            ):
                end += 1
            inner = range(place, end - 1)
            full = sum(joints[one] is Joint.GOES_ON for one in inner)
            if inner and full < max(3, 0.6 * len(inner)):
                for one in inner:
                    joints[one] = Joint.NEW_BLOCK
            place = end

    def _apart(self, one: Line, two: Line) -> bool:
        """Whether more than a line's distance is between them, or another size begins."""
        if abs(one.size - two.size) > 0.12 * max(one.size, two.size):
            return True
        if one.page != two.page or one.column != two.column:
            return False
        step = one.base - two.base
        leading = self._frame(two).leading * max(1.0, two.size / self._frames.body)
        return step > leading * _NEW_PART or step < -two.size

    def _ends(self, one: Line, two: Line) -> bool:
        """Whether `two`'s first word had room at the end of `one`."""
        if one.broken:
            return False
        room = self._frame(one).right - one.right
        return room > _first(two) + (_SPACE + _NEAR) * one.size

    def _frame(self, line: Line) -> Frame:
        return self._own.get(id(line)) or self._frames.of(line)

    def _start(self, line: Line) -> float:
        return line.left - self._frame(line).left

    def _is_indent(self, line: Line) -> bool:
        """Whether the line starts where this book's paragraphs do."""
        return self._indent > 0 and abs(self._start(line) - self._indent) < _NEAR * line.size

    def _turned_over(self, one: Line, two: Line, after: Line | None) -> bool:
        """Whether `two` is the rest of a long line of verse: short, what follows left of it."""
        if self._ends(one, two) or self._is_indent(one):
            return False
        if after is None or self._apart(two, after):
            return two.text[:1].islower()
        short = self._ends(two, after)
        back = self._start(two) - self._start(after) > _INDENT * two.size
        return short and back

    def _centred(self, line: Line) -> bool:
        frame = self._frame(line)
        inset, outset = line.left - frame.left, frame.right - line.right
        return inset > 2 * line.size and abs(inset - outset) < max(4.0, 0.1 * (inset + outset))

    def _both_centred(self, one: Line, two: Line) -> bool:
        return self._centred(one) and self._centred(two)

    def _usual_indent(self, lines: Sequence[Line]) -> float:
        """How far the first lines of this book's paragraphs are set in; 0 where they are not."""
        seen: Counter[float] = Counter()
        for one, two in itertools.pairwise(lines):
            start = self._start(two)
            set_in = 0.5 * two.size < start < 5 * two.size
            if set_in and not self._apart(one, two) and self._start(one) < 0.3 * one.size:
                seen[round(start * 2) / 2] += 1
        if not seen:
            return 0.0
        indent, count = seen.most_common(1)[0]
        return indent if count >= max(2, len(lines) // 100) else 0.0


def _set_in(lines: Sequence[Line], frames: Frames) -> Iterator[tuple[int, Frame]]:
    """The frames of passages that are set in, as letters and quotations are, by their lines."""

    def inset(line: Line) -> bool:
        return line.left - frames.of(line).left > _SET_IN * line.size

    for within, group in itertools.groupby(lines, key=inset):
        passage = list(group) if within else []
        if len(passage) < _FEWEST_SET_IN:
            continue
        left, right = min(one.left for one in passage), max(one.right for one in passage)
        margin = sum(one.left < left + 1.5 for one in passage)
        full = sum(one.right > left + _FULL * (right - left) for one in passage)
        if margin < _AT_MARGIN * len(passage):
            continue
        verse = sum(map(_capital, passage)) >= _CAPITALS * len(passage)
        narrower = full > _MOSTLY_FULL * len(passage) and not verse
        for line in passage:
            frame = frames.of(line)
            yield id(line), replace(frame, left=left, right=right if narrower else frame.right)


def _in_verse(lines: Sequence[Line], joints: Sequence[Joint]) -> list[bool]:
    """For every joint, whether lines around it end on purpose within their sentences."""
    ends, inner = _ended(lines, joints)
    found = []
    for place in range(len(joints)):
        start, end = max(0, place - _AROUND), min(len(joints), place + _AROUND + 1)
        count = ends[end] - ends[start]
        found.append(count > 2 and inner[end] - inner[start] > _WITHIN * count)
    return found


def _mostly_verse(lines: Sequence[Line], joints: Sequence[Joint]) -> bool:
    """Whether the whole book is verse."""
    ends, inner = _ended(lines, joints)
    return ends[-1] > _MANY and inner[-1] > _WITHIN * ends[-1] and ends[-1] * 2 > len(lines)


def _ended(lines: Sequence[Line], joints: Sequence[Joint]) -> tuple[list[int], list[int]]:
    """How many lines up to each end on purpose, and how many of these within a sentence."""
    early = [joint in (Joint.NEW_LINE, Joint.INDENT) for joint in joints]
    within = [
        ended and not _CLOSED.search(line.text) for ended, line in zip(early, lines, strict=False)
    ]
    return [0, *itertools.accumulate(early)], [0, *itertools.accumulate(within)]


def _loosen(
    lines: Sequence[Line],
    joints: list[Joint],
    ends: Callable[[Line, Line], bool],
    centred: Callable[[Line, Line], bool],
) -> None:
    """Lines set wide apart, all alike, are no paragraphs of one line each."""
    steps = [
        one.base - two.base
        if one.page == two.page and (one.size == two.size or centred(one, two))
        else 0.0
        for one, two in itertools.pairwise(lines)
    ]
    place = 0
    while place < len(joints):
        end = place + 1
        step = steps[place]
        while end < len(joints) and step > 0 and abs(steps[end] - step) < 0.06 * lines[end].size:
            end += 1
        alike = end - place >= _ALIKE and 0 < step < _LOOSEST * lines[place].size
        for one in range(place, end) if alike else ():
            if joints[one] is Joint.NEW_BLOCK and not _BULLET.match(lines[one + 1].text):
                early = ends(lines[one], lines[one + 1])
                joints[one] = Joint.NEW_LINE if early else Joint.GOES_ON
        place = end


def _verse_like(one: Line, two: Line) -> bool:
    """Whether a line set in goes on with the sentence before: so it does in verse alone."""
    return two.text[:1].islower() and not _CLOSED.search(one.text)


def _narrow(lines: Sequence[Line]) -> bool:
    """Whether the lines fill a measure of their own, narrower than the page's: set-in prose."""
    right = max(line.right for line in lines)
    pairs = list(itertools.pairwise(lines))
    if len(pairs) == 1:
        return not _capital(lines[1]) or bool(_CLOSED.search(lines[0].text))
    if sum(map(_capital, lines)) >= _CAPITALS * len(lines):
        return False
    short = sum(right - one.right > _first(two) + _SPACE * one.size for one, two in pairs)
    return short < _OWN_MEASURE * len(pairs)


def _capital(line: Line) -> bool:
    letter = _LETTER.search(line.text)
    return letter is not None and letter[0].isupper()


def _first(line: Line) -> float:
    """The width of what cannot be parted at the line's start: a word, a title with its name."""
    text = line.text
    title = _TITLE.match(text)
    if title is None:
        return line.first
    return line.first * len(title[0]) / max(len(title[1]), 1)


def _sentence_ends(one: Line, two: Line) -> bool:
    first = _LETTER.search(two.text)
    return bool(_CLOSED.search(one.text)) and not (first is not None and first[0].islower())
