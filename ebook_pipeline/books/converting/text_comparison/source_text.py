"""What a reader of the comparison gives: a file's text in reading order, and what it is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class LeftOutKind(StrEnum):
    """What no book takes over from its source; the values are told to people."""

    CONTENTS = "contents made by the word processor"
    HIDDEN = "hidden text"
    RUNNING_HEADS = "running heads"
    DELETED = "deletions that were tracked"
    COMMENTS = "comments"
    BOILERPLATE = "a distributor's boilerplate"
    DRAWINGS = "drawings"
    OBJECTS = "embedded or outside files"
    CLIPPED = "text outside of the page"
    WATERMARKS = "watermarks"
    MARKUP = "markup that is no text"


@dataclass(frozen=True)
class Passage:
    """Text between two certain ends of words: a paragraph, a heading, a cell, a note.

    `place` is where its author finds it (``word/document.xml, paragraph 12``, ``page 3``).
    `optional` text may stand in the book, but need not: generated numbers, our own title page.
    `furniture` stands among the text and is no loss where it is missing: running heads of a PDF.
    """

    text: str
    place: str = ""
    optional: bool = False
    furniture: bool = False


@dataclass(frozen=True)
class SourceText:
    """All that is compared of a file.

    `passages` stand in reading order, the notes behind everything else, in the order of their
    marks; marks of notes (“1”, “*”) and the inside of formulas are no words of it. `left_out` holds
    by kind the passages that the book leaves out on purpose: they must not be in it, and their size
    is said. Figures that a reader does not know are None, and are not compared.

    `spaces_are_certain` is False where the source tells by distances only which letters are one
    word (PDF); `order_is_certain` where it does not tell what follows what.
    """

    passages: Sequence[Passage]
    left_out: Mapping[LeftOutKind, Sequence[str]] = field(default_factory=dict)
    pictures: int | None = None
    """Pictures that the text shows, each time; those that the file does not hold left out."""
    alternatives: Sequence[str] | None = None
    """The pictures' descriptions, without empty ones."""
    addresses: frozenset[str] | None = None
    """Web and mail addresses that links lead to."""
    inner_links: int | None = None
    """Links that lead to a place in the book which exists; marks of notes left out."""
    notes: int | None = None
    tables: int | None = None
    """Tables, those within tables too."""
    formulas: int | None = None
    languages: frozenset[str] | None = None
    """Primary language subtags of passages, where the source marks them (``fr``)."""
    spaces_are_certain: bool = True
    order_is_certain: bool = True
