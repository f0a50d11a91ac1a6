"""Plain text read as prose: paragraphs joined from wrapped lines, verse, lists, breaks, headings.

Also the title page that a text begins with: its title and “by” whom it is. Thresholds were chosen
by trial on the corpus' texts; `benchmarks/formats.py manuscripts` measures what comes back.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ebook_pipeline.books.formats.manuscripts import heading_detection, text_layout
from ebook_pipeline.books.formats.manuscripts.heading_detection import StyledParagraph
from ebook_pipeline.books.formats.manuscripts.person_names import small_words
from ebook_pipeline.books.formats.manuscripts.title_page import (
    MOST_LINES,
    KnownTitle,
    TitlePage,
    title_page,
)

_WIDEST = 100
"""Characters of the usual line, up to which a text's lines are taken for wrapped."""
_NARROWEST = 50
"""Characters of a line, from which two lines alone were wrapped."""
_NARROW = 45
"""Characters of the longest line, below which lines that begin with capitals are verse."""
_USUAL_LINES = 0.95
"""Share of the lines, 0 to 1, that are no longer than the usual line."""
_RAGGED = 1.1
"""Times the usual line, up to which a longer one was wrapped too: words differ in length."""
_INSET = 2
"""Columns by which a quotation stands further in than the text."""
_ENDS_EARLY = 0.85
"""Share of the wrapping width, 0 to 1, that would hold an early line and the next line's word."""
_MOSTLY_EARLY = 0.6
"""Share of a block's lines, 0 to 1, that end early if it is verse."""
_WORD = re.compile(r"[^\W\d_]+")
_BROKEN = re.compile(r"(?<![^\W\d_])([^\W\d_]+)-(\n[^\S\n]*)([^\W\d_]+)")
"""A word broken at a line's end, unless the hyphen is its own."""
_CUT = re.compile(r"[^\W\d_]-\Z")
"""A line that ends within a word: those of verse do not."""
_SPEECH = re.compile(r"\s*[—–―][ \u00a0]?(?=\w|[«“\"¡¿…])")
_BLANK = re.compile(r"\n(?:[^\S\n]*\n)+")
NOTHING_KNOWN = KnownTitle()
NO_TITLE_PAGE = TitlePage()


class PartKind(Enum):
    """What a part of a text is."""

    PARAGRAPH = "p"
    VERSE = "verse"
    BREAK = "break"
    HEADING = "heading"
    QUOTATION = "quotation"
    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True)
class ProsePart:
    """One part: verse and tables keep their lines, a list's are its items, all else is one line.

    `level` counts from 1 and is 0 where the part is no heading; `gap` are blank lines before it.
    `apart` is a line that stood among others without blank ones between them.
    """

    kind: PartKind
    lines: tuple[str, ...]
    level: int = 0
    gap: int = 0
    new_page: bool = False
    apart: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.lines)


@dataclass(frozen=True)
class Prose:
    """A text read: its parts, and the title page that the first of them are."""

    parts: tuple[ProsePart, ...]
    title_page: TitlePage = NO_TITLE_PAGE

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if part.kind is PartKind.HEADING)


def read_prose(text: str, known: KnownTitle = NOTHING_KNOWN) -> Prose:
    """`text`, with ``\n`` as its line end, as prose; `known` is what is known of its title."""
    parts = list(_parts(text))
    levels = heading_detection.detect_headings([_styled(part) for part in parts])
    for index, level in levels.items():
        parts[index] = replace(
            parts[index], kind=PartKind.HEADING, lines=(parts[index].text,), level=level
        )
    return _titled(parts, min(levels, default=0), replace(known, small=small_words([text])))


def _styled(part: ProsePart) -> StyledParagraph:
    """Capitals stand out as bold letters do, and so does white space of several lines."""
    capitals = len(part.text) > 1 and part.text.isupper()
    plain = part.kind is PartKind.PARAGRAPH
    return StyledParagraph(
        part.text if plain else "",
        bold=plain and capitals,
        large=plain and part.gap > 1 and capitals,
        new_page=part.new_page or part.gap > 1,
    )


def _parts(text: str) -> Iterator[ProsePart]:
    blocks = list(_blocks(_unbroken(text)))
    width, margin = _width(blocks), _margin(blocks)
    gap, new_page = 0, False
    for block in blocks:
        if not block.strip():
            gap += block.count("\n") - 1
            new_page = new_page or "\f" in block
            continue
        new_page = new_page or "\f" in block
        for part in _of_block(block, width, margin):
            yield replace(part, gap=gap, new_page=new_page)
            gap, new_page = 0, False


def _unbroken(text: str) -> str:
    """The text with words whole that were hyphenated in the wrapping: it has them so elsewhere."""
    if not _BROKEN.search(text):
        return text
    words = {word.casefold() for word in _WORD.findall(text)}

    def whole(broken: re.Match[str]) -> str:
        word = broken[1] + broken[3]
        return broken[2] + word if word.casefold() in words else broken[0]

    return _BROKEN.sub(whole, text)


def _blocks(text: str) -> Iterator[str]:
    """Runs of lines with words, and the blank lines between them."""
    start = 0
    for blank in _BLANK.finditer(text):
        yield text[start : blank.start()]
        yield blank[0]
        start = blank.end()
    yield text[start:]


def _width(blocks: Sequence[str]) -> int:
    """The column at which lines were wrapped, by those that stand among others; 0 for none."""
    rows = [len(line) for block in blocks for line in _lines_of(block) if "\n" in block.strip("\n")]
    if len(rows) < 3:
        widest = max(rows, default=0)
        return widest if _NARROWEST <= widest <= _WIDEST else 0
    usual = sorted(rows)[int(len(rows) * _USUAL_LINES)]
    return max(row for row in rows if row <= usual * _RAGGED) if usual <= _WIDEST else 0


def _margin(blocks: Sequence[str]) -> int:
    """The white space that most lines begin with behind the first of their block, in columns."""
    indents = Counter(
        _indent(line) for block in blocks for line in _lines_of(block)[1:] if line.strip()
    )
    return indents.most_common(1)[0][0] if indents else 0


def _lines_of(block: str) -> list[str]:
    return [line.rstrip() for line in block.replace("\f", "").split("\n") if line.strip()]


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


def _of_block(block: str, width: int, margin: int) -> Iterator[ProsePart]:
    """The parts of lines without a blank one between them."""
    lines = _lines_of(block)
    if text_layout.is_table(lines):
        yield ProsePart(PartKind.TABLE, tuple(lines))
        return
    items = text_layout.list_items(lines)
    if items:
        yield ProsePart(PartKind.LIST, items)
        return
    inset = width and len(lines) > 1 and all(_indent(line) >= margin + _INSET for line in lines)
    for group in _groups(lines, width):
        stripped = tuple(" ".join(line.split()) for line in group)
        if heading_detection.is_scene_break(" ".join(stripped)):
            yield ProsePart(PartKind.BREAK, stripped)
        elif len(group) > 1 and _is_verse(group, width):
            yield ProsePart(PartKind.VERSE, tuple(group))
        else:
            kind = PartKind.QUOTATION if inset else PartKind.PARAGRAPH
            yield ProsePart(kind, (_joined(stripped),))


def _groups(lines: list[str], width: int) -> Iterator[list[str]]:
    """Paragraphs: each line of unwrapped text; of wrapped text, where a line is indented."""
    if not width:
        yield from ([line] for line in lines)
        return
    if sum(map(_is_spoken, lines)) > 1 and _is_spoken(lines[0]):
        yield from _speeches(lines)
        return
    indented = [line[:1] in " \t" for line in lines]
    marked = any(indented) and not all(indented[1:]) and not _is_verse(lines, width)
    group: list[str] = []
    for line, begins in zip(lines, indented, strict=True):
        if group and (
            heading_detection.is_scene_break(line)
            or heading_detection.is_scene_break(group[0])
            or (marked and begins)
        ):
            yield group
            group = []
        group.append(line)
    yield group


def _is_spoken(line: str) -> bool:
    """Whether somebody speaks from the line's start on, as most languages but English print it."""
    return _SPEECH.match(line) is not None


def _speeches(lines: list[str]) -> Iterator[list[str]]:
    """What is said, each in a paragraph of its own."""
    group: list[str] = []
    for line in lines:
        if group and _is_spoken(line):
            yield group
            group = []
        group.append(line)
    yield group


def _is_verse(lines: Sequence[str], width: int) -> bool:
    """Whether lines end before they had to: the next line's first word would have fitted in."""
    if not width or len(lines) < 2:
        return False
    words = [line.strip() for line in lines]
    if sum(_CUT.search(line) is not None for line in words[:-1]) * 3 >= len(words):
        return False
    if max(map(len, words)) < _NARROW and len({_indent(line) for line in lines}) > 1:
        return True
    if (
        len(words) > 2
        and max(map(len, words)) < _NARROW
        and all(line[0].isupper() for line in words)
    ):
        return True
    early = sum(
        1
        for line, following in itertools.pairwise(lines)
        if len(line) + 1 + len(following.split()[0]) <= width * _ENDS_EARLY
    )
    return early > (len(lines) - 1) * _MOSTLY_EARLY


def _joined(lines: Sequence[str]) -> str:
    """Wrapped lines as one; a word that was hyphenated in the wrapping is left as it is."""
    text = lines[0]
    for line in lines[1:]:
        ends = text.endswith(("—", "–", "-")) and not text.endswith((" -", " –"))
        text += line if ends else f" {line}"
    return text


def _titled(parts: list[ProsePart], first: int, known: KnownTitle) -> Prose:
    """The prose with the title page in the parts before `first`, that of the first heading.

    Its lines may stand below each other as verse does: they are verse unless all belong to it.
    """
    front = parts[: min(first, MOST_LINES)]
    apart = [line for part in front for line in _lines_apart(part)]
    page = title_page([_plain(line) for line in apart], known)
    if page is not None and all(n in page.lines for n, line in enumerate(apart) if line.apart):
        return Prose((*apart, *parts[len(front) :]), page)
    page = title_page([_plain(part) for part in front], known)
    return Prose(tuple(parts), page or NO_TITLE_PAGE)


def _lines_apart(part: ProsePart) -> Iterator[ProsePart]:
    if part.kind is not PartKind.VERSE:
        yield part
        return
    for line in part.lines:
        words = " ".join(line.split())
        yield replace(part, kind=PartKind.PARAGRAPH, lines=(words,), apart=True)


def _plain(part: ProsePart) -> str:
    return part.text if part.kind is PartKind.PARAGRAPH else ""
