"""Plain text as it is compared: line by line, its layout of no account.

How it is encoded is told as the converter tells it; all else is read anew.
"""

import re
from pathlib import Path

from ebook_pipeline.books.converting.text_comparison.source_text import LeftOutKind, SourceText
from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.manuscripts.encodings import decode_text

_HEADER_LINES = 1500
"""Lines at the start of a text within which a distributor's header ends."""
_FIELD_LINES = 80
_START = re.compile(
    r"\s*\*+\s*start of (?:the|this) project gutenberg|.*\*END.{0,3}THE SMALL", re.I
)
_END = re.compile(r"\W*end of (?:the |this )?project gutenberg|\*+ ?end:? full license", re.I)
_OPENING = re.compile(r"\W*(?:the |this is )?(?:the )?project gutenberg", re.I)
_FIELD = re.compile(r"(?:title|author|translator|editor|illustrator|language)s?:", re.I)
_CREDIT = re.compile(r"(?:produced|e-?text prepared|transcribed|scanned|this e-?book was) ", re.I)
_TAIL = re.compile(r"(?<![^\W\d_])([^\W\d_]+)-$")
_HEAD = re.compile(r"\s*([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+")
_SOFT_HYPHEN = "\u00ad"
_NUMBER = re.compile(r"\s*(\(?(?:\d{1,3}|[a-z])[.)])\s+")


def read(path: Path) -> SourceText:
    """The text at `path`. Raises BookError, LimitExceeded."""
    text = decode_text(path.read_bytes()).text.replace("\f", "\n")
    lines = _softened([line.rstrip() for line in text.split("\n")])
    first, last = _book(lines)
    collector = TextCollector()
    collector.leave_out(LeftOutKind.BOILERPLATE, "\n".join(lines[:first]))
    collector.leave_out(LeftOutKind.BOILERPLATE, "\n".join(lines[last:]))
    block: list[str] = []
    for number, line in enumerate([*lines[first:last], ""], first + 1):
        if line.strip():
            block.append(line)
        elif block:
            collector.place = f"line {number - len(block)}"
            _add_block(collector, block)
            block = []
    return collector.text()


def _softened(lines: list[str]) -> list[str]:
    """The lines; hyphens at their ends that only the wrapping put there do not count."""
    known: set[str] = set()
    for line in lines if any(line.endswith("-") for line in lines) else ():
        known.update(map(str.casefold, _WORD.findall(line)))
    for number, after in enumerate(lines[1:] if known else ()):
        tail, head = _TAIL.search(lines[number]), _HEAD.match(after)
        if tail and head and (tail[1] + head[1]).casefold() in known:
            lines[number] = lines[number][:-1] + _SOFT_HYPHEN
    return lines


def _add_block(collector: TextCollector, block: list[str]) -> None:
    """Lines without a blank one between them; the numbers of a list are the book's own."""
    items = [_NUMBER.match(line) for line in block]
    rest = [line for line, item in zip(block, items, strict=True) if item is None]
    listed = len(block) - len(rest) > 1 and items[0] and all(line[0] in " \t" for line in rest)
    before = ""
    for line, item in zip(block, items, strict=True):
        words = line[item.end() :] if item and listed else line
        collector.add(
            words.strip() if before.endswith(("-", "—", "–", _SOFT_HYPHEN)) else f" {words}"
        )
        before = line
    collector.end()


def _book(lines: list[str]) -> tuple[int, int]:
    """The first line of the book itself and the one behind its last."""
    head = lines[:_HEADER_LINES]
    starts = [number for number, line in enumerate(head) if _START.match(line)]
    begin = next((line for line in head if line.strip()), "")
    if not starts and not _OPENING.match(begin):
        return 0, len(lines)
    fields = [n for n, line in enumerate(head[:_FIELD_LINES]) if _FIELD.match(line)]
    first = starts[-1] if starts else max(fields, default=0)
    while first < len(lines) and lines[first].strip():
        first += 1
    last = next((n for n in range(first, len(lines)) if _END.match(lines[n])), len(lines))
    return _behind_credits(lines, first, last), last


def _behind_credits(lines: list[str], first: int, last: int) -> int:
    begin = next((n for n in range(first, last) if lines[n].strip()), last)
    if begin == last or not _CREDIT.match(lines[begin].lstrip()):
        return first
    end = next((n for n in range(begin, last) if not lines[n].strip()), last)
    return _behind_credits(lines, end, last)
