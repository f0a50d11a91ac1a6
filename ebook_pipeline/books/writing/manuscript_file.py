"""Chapters as one Markdown file, which is submitted as a manuscript like any other.

Markdown as pandoc reads it, https://pandoc.org/MANUAL.html#pandocs-markdown, with a metadata block.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from ebook_pipeline.books.converting.from_manuscript.cover_mark import COVER_CLASS
from ebook_pipeline.books.records import Claims, Record
from ebook_pipeline.books.writing.cover_picture import CoverPicture
from ebook_pipeline.books.writing.note_labels import relabelled
from ebook_pipeline.foundation.findings import Finding

NAME = "manuscript.md"
MOST_CHAPTERS = 500
"""Of a manuscript: whoever has more has cut it too small."""
LONGEST_TEXT = 3_000_000
"""Characters of a chapter."""
LONGEST_HEADING = 500
DEEPEST = 6
"""Levels of headings that Markdown has."""
_HEADING = re.compile(r"(#{1,6})(?=[ \t])")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}-{3,}[ \t]*")


class WrittenChapter(Record):
    """A chapter as its author left it: a heading, which may be empty, and Markdown."""

    heading: str = ""
    text: str = ""


class ImportedManuscript(Record):
    """`claims` are what the file says of its book: title, authors, language; `cover` the one that
    it has; `findings` what is not in the chapters, and what was hard to read."""

    claims: Claims
    chapters: tuple[WrittenChapter, ...]
    cover: CoverPicture | None = None
    findings: tuple[Finding, ...] = ()


def manuscript_file(
    claims: Claims, chapters: Sequence[WrittenChapter], cover: bytes | None = None
) -> bytes:
    """The manuscript in UTF-8: what is claimed of it, its cover (a JPEG), then each chapter under
    its heading."""
    block = yaml.safe_dump(_stated(claims), allow_unicode=True, sort_keys=False)
    pictures = [_cover(cover)] if cover else []
    written = (_chapter(one, number) for number, one in enumerate(chapters, 1))
    parts = [f"---\n{block}---\n", *pictures, *written]
    return "\n".join(parts).encode()


def _cover(picture: bytes) -> str:
    """In the file itself, so that it is one, and marked as what it is: `COVER_CLASS`."""
    data = base64.b64encode(picture).decode()
    return f"![](data:image/jpeg;base64,{data}){{.{COVER_CLASS}}}\n"


def _stated(claims: Claims) -> dict[str, Any]:
    facts = {
        "title": claims.title,
        "subtitle": claims.subtitle,
        "author": list(claims.authors),
        "lang": claims.language,
    }
    return {name: value for name, value in facts.items() if value}


def _chapter(chapter: WrittenChapter, number: int) -> str:
    """Its notes are told from other chapters' by its number."""
    heading = " ".join(chapter.heading.split()).lstrip("#").strip()
    lines = "\n".join(_within(chapter.text.splitlines(), number))
    return f"# {heading or '* * *'}\n\n{lines}\n"


def _within(lines: Iterable[str], number: int) -> Iterable[str]:
    """A chapter's lines, its headings a level below its own, and nothing of it a metadata block."""
    fence = ""
    for line in lines:
        opened = _FENCE.match(line)
        if opened and not fence:
            fence = opened[1]
        elif opened and opened[1].startswith(fence) and not line[opened.end() :].strip():
            fence = ""
        yield line if fence else _outside_of_code(line, number)


def _outside_of_code(line: str, number: int) -> str:
    line = relabelled(line, lambda label: f"{number}-{label}")
    if _RULE.fullmatch(line):
        return "* * *"
    heading = _HEADING.match(line)
    return f"#{line}" if heading and len(heading[1]) < DEEPEST else line
