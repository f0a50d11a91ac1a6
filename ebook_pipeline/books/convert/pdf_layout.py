"""A PDF's pages read as lines, lines as headings and paragraphs: what the page does not say.

pdfium gives characters in their order with boxes; everything here is judged from those.
"""

import ctypes
import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_EDGE = 0.12
_REPEATED = 4
_LARGER = 1.15
_LONGEST_HEADING = 200
_HYPHEN = re.compile(r"[\u0002\ufffe\u00ad\u2010-]$")
_SOFT = re.compile(r"[\u0002\ufffe\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CLOSED = re.compile(r"[.!?:…。！？][\"'”’»)\]]*$")
_NUMBER = re.compile(r"\W*\d{1,5}\W*|\W*[ivxlc]{1,8}\W*")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


@dataclass(frozen=True)
class Line:
    """A line of text; PDF points from the page's lower left; `size` is its letters' height."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    page: int

    @property
    def size(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 3) or a paragraph (0), and the page it starts on."""

    level: int
    text: str
    page: int


@dataclass(frozen=True)
class Page:
    """The lines of a page in their order, and how high the page is."""

    lines: tuple[Line, ...]
    height: float


def read_page(textpage: Any, number: int, height: float) -> Page:
    """The lines that pdfium sees on a page; lines whose letters have no box are left out."""
    text = textpage.get_text_range()
    lines, start = [], 0
    for part in text.split("\r\n"):
        line = _line(textpage, part, start, number)
        if line is not None:
            lines.append(line)
        start += len(part) + 2
    return Page(tuple(lines), height)


def blocks(pages: Sequence[Page], titles: Mapping[tuple[int, str], int]) -> list[Block]:
    """Headings and paragraphs over all pages, running heads and page numbers left out.

    `titles` are the outline's levels by page and by title as `plain` writes it.
    """
    repeated = _repeated(pages)
    kept = [_without_edges(page, repeated) for page in pages]
    body = _body_size(kept)
    sizes = _heading_sizes(kept, body)
    words = Counter(
        word.lower() for page in kept for line in page for word in _WORD.findall(line.text)
    )
    writer = _Writer(words)
    for lines in kept:
        frame = _Frame.of(lines)
        named = _titled(lines, titles)
        for number, line in enumerate(lines):
            writer.add(line, named.get(number) or _level(line, sizes), frame)
    return writer.blocks()


def _titled(lines: Sequence[Line], titles: Mapping[tuple[int, str], int]) -> dict[int, int]:
    """Levels by line number of the lines, up to three together, that are a title of the outline."""
    found: dict[int, int] = {}
    for start, line in enumerate(lines):
        for end in range(start + 1, min(start + 3, len(lines)) + 1):
            level = titles.get((line.page, plain("".join(one.text for one in lines[start:end]))))
            if level and start not in found:
                found.update(dict.fromkeys(range(start, end), level))
    return found


def plain(text: str) -> str:
    """A title's letters and digits alone, for comparing; ASCII alone where there are enough.

    Outlines are often written in another encoding than they claim, which spoils the rest.
    """
    ascii_alone = re.sub(r"[^A-Za-z0-9]+", "", text).casefold()
    return ascii_alone if len(ascii_alone) >= 4 else re.sub(r"\W+", "", text).casefold()


def _line(textpage: Any, text: str, start: int, page: int) -> Line | None:
    bare = text.strip()
    if not bare:
        return None
    first = start + len(text) - len(text.lstrip())
    last = start + len(text.rstrip()) - 1
    if _SOFT.match(text.rstrip()[-1:]) and last > first:
        last -= 1
    head, tail = _box(textpage, first), _box(textpage, last)
    if head is None or tail is None:
        return None
    clean = _CONTROL.sub("", _SOFT.sub("\u00ad", bare))
    return Line(clean, min(head[0], tail[0]), max(head[1], tail[1]), head[2], head[3], page)


def _box(textpage: Any, index: int) -> tuple[float, float, float, float] | None:
    """Left, right, bottom, top of a letter's box with its font's ascent and descent."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(box)):
        return None
    return box.left, box.right, min(box.bottom, box.top), max(box.bottom, box.top)


def _repeated(pages: Sequence[Page]) -> set[str]:
    """Texts at the pages' edges that come again and again, digits aside."""
    seen = Counter(
        _shape(line.text) for page in pages for line in page.lines if _at_edge(line, page.height)
    )
    return {shape for shape, count in seen.items() if count >= _REPEATED and shape}


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", text).strip().casefold()


def _at_edge(line: Line, height: float) -> bool:
    return line.top > height * (1 - _EDGE) or line.bottom < height * _EDGE


def _without_edges(page: Page, repeated: set[str]) -> list[Line]:
    """A page of one or two lines keeps them: they are what it has to say."""
    if len(page.lines) <= 2:
        return list(page.lines)
    return [
        line
        for number, line in enumerate(page.lines)
        if not (
            _at_edge(line, page.height)
            and (
                _shape(line.text) in repeated
                or (number in (0, len(page.lines) - 1) and _NUMBER.fullmatch(line.text))
            )
            and (number < 2 or number >= len(page.lines) - 2)
        )
    ]


def _body_size(pages: Sequence[Sequence[Line]]) -> float:
    weights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            weights[round(line.size, 1)] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def _heading_sizes(pages: Sequence[Sequence[Line]], body: float) -> list[float]:
    """Sizes of headings, largest first; three at most, the smaller ones share the last."""
    found = {
        round(line.size)
        for lines in pages
        for line in lines
        if line.size > body * _LARGER and len(line.text) <= _LONGEST_HEADING
    }
    return [float(size) for size in sorted(found, reverse=True)]


def _level(line: Line, sizes: Sequence[float]) -> int:
    """The level that the letters' size gives; lone initials and ornaments are no heading."""
    if round(line.size) not in sizes or len(line.text) > _LONGEST_HEADING:
        return 0
    if not re.search(r"\w", line.text):
        return 0
    return min(3, sizes.index(round(line.size)) + 1)


@dataclass(frozen=True)
class _Frame:
    """Where the lines of a page start and end, and how far apart they stand."""

    left: float
    right: float
    leading: float

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "_Frame":
        if not lines:
            return cls(0, 0, 0)
        lefts, rights = sorted(line.left for line in lines), sorted(line.right for line in lines)
        steps = [
            above.bottom - below.bottom
            for above, below in itertools.pairwise(lines)
            if 0 < above.bottom - below.bottom < above.size * 4
        ]
        leading = statistics.median(steps) if steps else lines[0].size * 1.4
        return cls(lefts[len(lefts) // 10], rights[len(rights) * 9 // 10], leading)


class _Writer:
    """Lines joined to blocks, one after another."""

    def __init__(self, words: Counter[str]) -> None:
        self._words = words
        self._done: list[Block] = []
        self._open: list[Line] = []
        self._level = 0
        self._frame = _Frame(0, 0, 0)

    def add(self, line: Line, level: int, frame: _Frame) -> None:
        if self._open and (level != self._level or self._starts(line, level, frame)):
            self._close()
        self._open.append(line)
        self._level, self._frame = level, frame

    def blocks(self) -> list[Block]:
        self._close()
        return self._done

    def _starts(self, line: Line, level: int, frame: _Frame) -> bool:
        last = self._open[-1]
        step = last.bottom - line.bottom
        turned = last.page != line.page or step < -line.size
        if level:
            return turned or step > line.size * 2.5
        if not turned and step > frame.leading * 1.4:
            return True
        indent = line.size * 0.7
        if line.left > frame.left + indent and last.left < self._frame.left + indent / 2:
            return not line.text[:1].islower()
        room = (self._frame.right - self._frame.left) * 0.12
        short = last.right < self._frame.right - room
        return short and bool(_CLOSED.search(last.text))

    def _close(self) -> None:
        if not self._open:
            return
        text = self._open[0].text
        for line in self._open[1:]:
            text = self._joined(text, line.text)
        text = " ".join(text.replace("\u00ad", "").split())
        if text:
            self._done.append(Block(self._level, text, self._open[0].page))
        self._open = []

    def _joined(self, text: str, more: str) -> str:
        if not _HYPHEN.search(text):
            return f"{text} {more}"
        if text.endswith("\u00ad"):
            return text[:-1] + more
        return self._without_hyphen(text, more)

    def _without_hyphen(self, text: str, more: str) -> str:
        """Keep the hyphen at a line's end only where the book writes the word so elsewhere."""
        before, after = re.search(r"[^\W\d_]*(?=.$)", text), re.match(r"[^\W\d_]*", more)
        if before is None or after is None or not after[0][:1].islower():
            return text + more
        whole = f"{before[0]}{after[0]}".lower()
        apart = f"{before[0]}-{after[0]}".lower()
        if self._words[apart] > self._words[whole]:
            return text + more
        return text[:-1] + more


def chapters(found: Sequence[Block], most: int) -> Iterator[list[Block]]:
    """Blocks in documents: a new one at each heading of the highest level that divides the book,
    and where one would hold more than `most` letters."""
    level = _dividing(found)
    part: list[Block] = []
    letters = 0
    for block in found:
        heads = 0 < block.level <= level
        only_heads = all(one.level for one in part)
        if part and ((heads and not only_heads) or letters > most):
            yield part
            part, letters = [], 0
        part.append(block)
        letters += len(block.text)
    if part:
        yield part


def _dividing(found: Sequence[Block]) -> int:
    counts = Counter(block.level for block in found if block.level)
    for level in (1, 2, 3):
        if sum(counts[one] for one in range(1, level + 1)) > 2:
            return level
    return 3
