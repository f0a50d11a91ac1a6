"""Plain text read as prose: paragraphs joined from wrapped lines, verse, breaks, headings.

Also the title page that a text begins with: its title and “by” whom it is.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ebook_pipeline.books.formats.manuscripts import looks
from ebook_pipeline.books.formats.manuscripts.front import title_page
from ebook_pipeline.books.formats.manuscripts.looks import Look

_WIDEST = 100
_BLANK = re.compile(r"\n(?:[^\S\n]*\n)+")
_FRONT = 6


class Kind(Enum):
    """What a part of a text is."""

    PARAGRAPH = "p"
    VERSE = "verse"
    BREAK = "break"
    HEADING = "heading"
    TITLE = "title"


@dataclass(frozen=True)
class Part:
    """One part: verse keeps its lines, all else is one line; `level` of headings from 1."""

    kind: Kind
    lines: tuple[str, ...]
    level: int = 0
    gap: int = 0
    """Blank lines before it."""
    new_page: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.lines)


@dataclass(frozen=True)
class Prose:
    """A text read: its parts, and the title and authors that it begins with."""

    parts: tuple[Part, ...]
    title: str = ""
    authors: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if part.kind is Kind.HEADING)


def read(text: str) -> Prose:
    """`text`, with ``\\n`` as its line end, as prose."""
    parts = list(_parts(text))
    found = looks.headings([_look(part) for part in parts])
    for index, level in found.items():
        parts[index] = replace(
            parts[index], kind=Kind.HEADING, lines=(parts[index].text,), level=level
        )
    return _titled(parts, min(found, default=0))


def _look(part: Part) -> Look:
    """Capitals stand out as bold letters do, and so does white space of several lines."""
    capitals = len(part.text) > 1 and part.text.isupper()
    plain = part.kind is Kind.PARAGRAPH
    return Look(
        part.text if plain else "",
        bold=plain and capitals,
        large=plain and part.gap > 1 and capitals,
        new_page=part.new_page or part.gap > 1,
    )


def _parts(text: str) -> Iterator[Part]:
    rows = [len(line) for line in text.split("\n") if line.strip()]
    width = _width(rows)
    gap, new_page = 0, False
    for block in _blocks(text):
        if not block.strip():
            gap += block.count("\n") - 1
            new_page = new_page or "\f" in block
            continue
        new_page = new_page or "\f" in block
        for part in _of_block(block, width):
            yield replace(part, gap=gap, new_page=new_page)
            gap, new_page = 0, False


def _blocks(text: str) -> Iterator[str]:
    """Runs of lines with words, and the blank lines between them."""
    start = 0
    for blank in _BLANK.finditer(text):
        yield text[start : blank.start()]
        yield blank[0]
        start = blank.end()
    yield text[start:]


def _width(rows: Sequence[int]) -> int:
    """The column at which the lines were wrapped; 0 where they were not."""
    if len(rows) < 3:
        return 0
    ordered = sorted(rows)
    usual = ordered[int(len(ordered) * 0.95)]
    return ordered[-1] if usual <= _WIDEST and ordered[-1] <= 2 * _WIDEST else 0


def _of_block(block: str, width: int) -> Iterator[Part]:
    """The parts of lines without a blank one between them."""
    lines = [line.rstrip() for line in block.replace("\f", "").split("\n") if line.strip()]
    for group in _groups(lines, width):
        stripped = tuple(" ".join(line.split()) for line in group)
        if looks.is_break(" ".join(stripped)):
            yield Part(Kind.BREAK, stripped)
        elif len(group) > 1 and _is_verse(group, width):
            yield Part(Kind.VERSE, tuple(group))
        else:
            yield Part(Kind.PARAGRAPH, (_joined(stripped),))


def _groups(lines: list[str], width: int) -> Iterator[list[str]]:
    """Paragraphs: each line of unwrapped text; of wrapped text, where a line is indented."""
    if not width:
        yield from ([line] for line in lines)
        return
    indented = [line[:1] in " \t" for line in lines]
    marked = any(indented) and not all(indented[1:]) and not _is_verse(lines, width)
    group: list[str] = []
    for line, begins in zip(lines, indented, strict=True):
        if group and (looks.is_break(line) or looks.is_break(group[0]) or (marked and begins)):
            yield group
            group = []
        group.append(line)
    yield group


def _is_verse(lines: Sequence[str], width: int) -> bool:
    """Whether lines end before they had to: the next line's first word would have fitted in."""
    if not width or len(lines) < 2:
        return False
    early = sum(
        1
        for line, following in itertools.pairwise(lines)
        if len(line) + 1 + len(following.split()[0]) <= width * 0.85
    )
    return early > (len(lines) - 1) * 0.6


def _joined(lines: Sequence[str]) -> str:
    """Wrapped lines as one; a word that was hyphenated in the wrapping is left as it is."""
    text = lines[0]
    for line in lines[1:]:
        ends = text.endswith(("—", "–", "-")) and not text.endswith((" -", " –"))
        text += line if ends else f" {line}"
    return text


def _titled(parts: list[Part], first: int) -> Prose:
    """The lines before the first heading that are a title and an author, marked as such."""
    said = title_page([_plain(part) for part in parts[: min(first, _FRONT)]])
    if said is None:
        return Prose(tuple(parts))
    for index in said.lines:
        parts[index] = replace(parts[index], kind=Kind.TITLE)
    return Prose(tuple(parts), said.title, said.authors)


def _plain(part: Part) -> str:
    return part.text if part.kind is Kind.PARAGRAPH else ""
