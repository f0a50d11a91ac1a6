"""Footnotes: small print at a page's foot that begins with a mark which the page's text has.

Thresholds: see the package.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, Span

_SMALLER_THAN_BODY = 0.93
"""Times the body's size, below which print is small."""
_FOOT_SHARE = 0.62
"""Share of a page's height, 0 to 1 from below, in which its foot stands."""
_SAME_LEFT = 6
"""Points to the right of the first note's left edge, up to which a mark begins a note."""
_MARK = re.compile(r"(\d{1,3}|[*†‡§¶]{1,3})(?=[\s.)]|[^\W\d_]|[\"“‘(])[.)]?\s*")
_SIGN = re.compile(r"(?<=\S)([*†‡§¶]{1,3})(?=\W|$)")


@dataclass(slots=True)
class Footnote:
    """A footnote: its number in the book, its mark on the page, its lines."""

    number: int
    mark: str
    lines: list[Line] = field(default_factory=list)


def take_footnotes(pages: Sequence[Page], body: float) -> list[Footnote]:
    """Take the footnotes out of `pages`; spans that refer to them say so."""
    notes: list[Footnote] = []
    for page in pages:
        foot = _foot(page, body)
        if not foot:
            continue
        rest = page.lines[: len(page.lines) - len(foot)]
        open_ = notes[-1] if notes and notes[-1].lines[-1].page == page.number - 1 else None
        page_notes = _notes(foot, rest, len(notes), open_)
        if page_notes is not None:
            notes += page_notes
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
    return line.size < body * _SMALLER_THAN_BODY and line.base < page.height * _FOOT_SHARE


def _notes(
    foot: Sequence[Line], rest: Sequence[Line], count: int, before: Footnote | None
) -> list[Footnote] | None:
    """The notes of one page's foot; None where the text does not refer to each of them.

    What stands before the first mark goes on with the note `before`.
    """
    parts = list(_parts(foot))
    going_on = parts[0] if parts and not parts[0].mark else None
    if going_on is not None and before is None:
        return None
    notes = [part for part in parts if part.mark]
    references = [_reference(rest, part.mark) for part in notes]
    if None in references or not (notes or going_on):
        return None
    for part, reference in zip(notes, references, strict=True):
        part.number, count = count, count + 1
        assert reference is not None
        _refer(*reference, part)
        _without_mark(part)
    if going_on is not None and before is not None:
        before.lines += going_on.lines
    return notes


def _parts(foot: Sequence[Line]) -> Iterator[Footnote]:
    note: Footnote | None = None
    for line in foot:
        match = _MARK.match(line.text)
        starts = match is not None and (
            note is None or line.left <= note.lines[0].left + _SAME_LEFT
        )
        if match is not None and starts:
            if note is not None:
                yield note
            note = Footnote(-1, match[1])
        elif note is None:
            note = Footnote(-1, "")
        note.lines.append(line)
    if note is not None:
        yield note


def _reference(lines: Sequence[Line], mark: str) -> tuple[Line, Span] | None:
    """Where the text refers to the note: raised letters, or a sign at a word's end."""
    for line in lines:
        for span in line.spans:
            if span.note < 0 and span.style.raised > 0 and span.text.strip("()[] ") == mark:
                return line, span
    for line in lines if not mark.isdigit() else ():
        for span in line.spans:
            if span.note < 0 and any(sign[1] == mark for sign in _SIGN.finditer(span.text)):
                return line, span
    return None


def _refer(line: Line, span: Span, note: Footnote) -> None:
    """Let the mark's letters alone refer to the note."""
    if span.style.raised > 0:
        span.note = note.number
        return
    match = next(sign for sign in _SIGN.finditer(span.text) if sign[1] == note.mark)
    before, after = span.text[: match.start()], span.text[match.end() :]
    parts = [
        replace(span, text=before),
        replace(span, text=note.mark, note=note.number),
        replace(span, text=after),
    ]
    place = next(number for number, other in enumerate(line.spans) if other is span)
    line.spans[place : place + 1] = [part for part in parts if part.text]


def _without_mark(note: Footnote) -> None:
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
    note.lines = [kept for kept in note.lines if kept.spans] or [line]
