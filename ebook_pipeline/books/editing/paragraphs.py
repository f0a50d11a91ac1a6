"""A chapter's paragraphs with their places, for whoever reads it to comment on."""

import re
from collections.abc import Iterator

from ebook_pipeline.foundation.record import Record

_BETWEEN = re.compile(r"\n[^\S\n]*\n")


class Paragraph(Record):
    """`text` as it stands from the character `start` on."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def paragraphs(text: str) -> Iterator[Paragraph]:
    """What empty lines part, without the empty ones."""
    start = 0
    for match in _BETWEEN.finditer(text):
        yield from _paragraph(text, start, match.start())
        start = match.end()
    yield from _paragraph(text, start, len(text))


def _paragraph(text: str, start: int, end: int) -> Iterator[Paragraph]:
    part = text[start:end]
    if part.strip():
        inner = part.lstrip()
        yield Paragraph(text=inner.rstrip(), start=start + len(part) - len(inner))
