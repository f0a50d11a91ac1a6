"""Footnotes: small print at a page's foot that begins with a mark which the page's text has."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, Span

_SMALLER = 0.93
_LOWER = 0.62
_MARK = re.compile(r"(\d{1,3}|[*†‡§¶]{1,3})(?=[\s.)]|[^\W\d_]|[\"“‘(])[.)]?\s*")
_SIGN = re.compile(r"(?<=\S)([*†‡§¶]{1,3})(?=\W|$)")


@dataclass(slots=True)
class Note:
    """A footnote: its number in the book, its mark on the page, its lines."""

    number: int
    mark: str
    lines: list[Line] = field(default_factory=list)


def take_notes(pages: Sequence[Page], body: float) -> list[Note]:
    """Take the footnotes out of `pages`; spans that refer to them say so."""
    notes: list[Note] = []
    for page in pages:
        foot = _foot(page, body)
        if not foot:
            continue
        rest = page.lines[: len(page.lines) - len(foot)]
        open_ = notes[-1] if notes and notes[-1].lines[-1].page == page.number - 1 else None
        found = _notes(foot, rest, len(notes), open_)
        if found is not None:
            notes += found
            page.lines = rest
    return notes


def _foot(page: Page, body: float) -> list[Line]:
    """The small print with which the page ends."""
    start = len(page.lines)
    while start and _small(page.lines[start - 1], page, body):
        start -= 1
    foot = page.lines[start:]
    return foot if start else []


def _small(line: Line, page: Page, body: float) -> bool:
    return line.size < body * _SMALLER and line.base < page.height * _LOWER


def _notes(
    foot: Sequence[Line], rest: Sequence[Line], count: int, before: Note | None
) -> list[Note] | None:
    """The notes of one page's foot; None where they are none that the text refers to.

    What precedes the first mark goes on with the note `before`.
    """
    parts = list(_parts(foot))
    going_on = parts[0] if parts and not parts[0].mark else None
    if going_on is not None and before is None:
        return None
    found = [part for part in parts if part.mark]
    references = [_reference(rest, part.mark) for part in found]
    if None in references or not (found or going_on):
        return None
    for part, reference in zip(found, references, strict=True):
        part.number, count = count, count + 1
        assert reference is not None
        _refer(*reference, part)
        _without_mark(part)
    if going_on is not None and before is not None:
        before.lines += going_on.lines
    return found


def _parts(foot: Sequence[Line]) -> Iterator[Note]:
    note: Note | None = None
    for line in foot:
        match = _MARK.match(line.text)
        starts = match is not None and (note is None or line.left <= note.lines[0].left + 6)
        if match is not None and starts:
            if note is not None:
                yield note
            note = Note(-1, match[1])
        elif note is None:
            note = Note(-1, "")
        note.lines.append(line)
    if note is not None:
        yield note


def _reference(lines: Sequence[Line], mark: str) -> tuple[Line, Span] | None:
    """Where the text refers to the note: raised letters, or a sign at a word's end."""
    for line in lines:
        for span in line.spans:
            if span.note < 0 and span.look.raised > 0 and span.text.strip("()[] ") == mark:
                return line, span
    for line in lines if not mark.isdigit() else ():
        for span in line.spans:
            if span.note < 0 and any(one[1] == mark for one in _SIGN.finditer(span.text)):
                return line, span
    return None


def _refer(line: Line, span: Span, note: Note) -> None:
    """Let the mark's letters alone refer to the note."""
    if span.look.raised > 0:
        span.note = note.number
        return
    match = next(one for one in _SIGN.finditer(span.text) if one[1] == note.mark)
    before, after = span.text[: match.start()], span.text[match.end() :]
    parts = [
        replace(span, text=before),
        replace(span, text=note.mark, note=note.number),
        replace(span, text=after),
    ]
    place = next(number for number, one in enumerate(line.spans) if one is span)
    line.spans[place : place + 1] = [part for part in parts if part.text]


def _without_mark(note: Note) -> None:
    """The note's first line without its mark."""
    line = note.lines[0]
    match = _MARK.match(line.text)
    left = match.end() if match else 0
    while left and line.spans:
        taken = min(left, len(line.spans[0].text))
        line.spans[0].text = line.spans[0].text[taken:]
        left -= taken
        if not line.spans[0].text:
            line.spans.pop(0)
    note.lines = [one for one in note.lines if one.spans] or [line]
