"""What digital libraries put around a text: headers, licences, credits, lines of markers.

Recognised by markers (``*** START OF THE … ***``) and by phrases of boilerplate.toml. It is no part
of the book: not what its author wrote, nor what tells two books of one library apart.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import toml_beside

UNNAMED = "a digital library"
MOST_HEADER_WORDS, MOST_LICENCE_WORDS = 1500, 6000
"""Words before a library's first marker, and behind its last one, that are held to be its own;
Project Gutenberg's header has up to 700 (of the 1990s), its licence 3,000."""
LONGEST_LINE = 4000
"""Characters of a line that are looked at: no library's paragraph has more."""
_MARKER = re.compile(
    r"^\W{0,9}\*{2,5}\s?(START|END) OF (?:THE|THIS)\b([^*\n]{0,200})\*{2,5}\W{0,9}$", re.IGNORECASE
)
_MARKS = re.compile(r"[^\w\s]|_")


class Library(Record):
    """A library, the words of its markers, and its phrases as `plain` gives them."""

    name: str
    phrases: tuple[str, ...]
    marker: str = ""


@functools.cache
def libraries() -> tuple[Library, ...]:
    """Every library, in the order of the file."""
    listed = toml_beside(__file__, "boilerplate.toml")["library"]
    return tuple(Library.model_validate(one) for one in listed)


def boilerplate_lines(lines: Sequence[str]) -> dict[int, str]:
    """The numbers of the lines that are a library's, with its name; paragraphs are lines."""
    found = {at: name for at, line in enumerate(lines) if (name := library_of(line))}
    markers = [(at, *marker) for at, line in enumerate(lines) if (marker := _marker(line))]
    for at, _, name in markers:
        found.setdefault(at, name)
    named = [(at, which, name) for at, which, name in markers if name != UNNAMED]
    start = next((one for one in named if one[1] == "start"), None)
    end = next((one for one in reversed(named) if one[1] == "end"), None)
    if start and _words(lines[: start[0]], MOST_HEADER_WORDS) <= MOST_HEADER_WORDS:
        found |= dict.fromkeys(range(start[0]), start[2])
    if end and _words(lines[end[0] :], MOST_LICENCE_WORDS) <= MOST_LICENCE_WORDS:
        found |= dict.fromkeys(range(end[0], len(lines)), end[2])
    return found


def library_of(line: str) -> str:
    """The library that a phrase in `line` is of; empty where there is none."""
    found = _phrases().search(plain(line[:LONGEST_LINE]))
    return _names()[found[0]] if found else ""


def own_text(text: str) -> str:
    """`text`, a paragraph a line, without what is a library's."""
    lines = text.split("\n")
    foreign = boilerplate_lines(lines)
    return "\n".join(line for at, line in enumerate(lines) if at not in foreign)


def write_own_text(text: Path, target: Path) -> None:
    """The plain text in UTF-8 at `text` without what is a library's; runs in the sandbox."""
    target.write_text(own_text(text.read_text(encoding="utf-8")), encoding="utf-8")


def plain(line: str) -> str:
    """`line` as phrases are compared: small letters, no marks, single spaces."""
    return " ".join(_MARKS.sub("", line).lower().split())


def _marker(line: str) -> tuple[str, str] | None:
    """(start or end, whose) of a line of markers."""
    found = _MARKER.match(line[:LONGEST_LINE])
    if found is None:
        return None
    said = found[2].lower()
    names = (one.name for one in libraries() if one.marker and one.marker in said)
    return found[1].lower(), next(names, UNNAMED)


def _words(lines: Sequence[str], enough: int) -> int:
    """How many words; no more are counted than tell that there are more than `enough`."""
    total = 0
    for count in _counts(lines):
        total += count
        if total > enough:
            break
    return total


def _counts(lines: Sequence[str]) -> Iterator[int]:
    yield from (len(line.split()) for line in lines)


@functools.cache
def _names() -> Mapping[str, str]:
    return {phrase: library.name for library in libraries() for phrase in library.phrases}


@functools.cache
def _phrases() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _names())))
