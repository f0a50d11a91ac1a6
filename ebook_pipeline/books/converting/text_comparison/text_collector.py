"""Gathers what a reader of the comparison meets into a `SourceText`."""

from collections import Counter

from ebook_pipeline.books.converting.text_comparison.source_text import (
    LeftOutKind,
    Passage,
    SourceText,
)
from ebook_pipeline.foundation.errors import LimitExceeded

LARGEST_TEXT = 128 << 20
"""Characters of one text that are compared."""


class TextCollector:
    """Text arrives in pieces by `add`, `end` ends a passage; notes are kept for the end.

    `place` is what the next passages get as theirs. Raises LimitExceeded (``convert.text-size``).
    """

    def __init__(self) -> None:
        self.place = ""
        self.optional = False
        self.furniture = False
        self.counts: Counter[str] = Counter()
        self.alternatives: list[str] = []
        self.addresses: set[str] = set()
        self.languages: set[str] = set()
        self._flows: list[list[Passage]] = [[]]
        self._pieces: list[list[str]] = [[]]
        self._waiting: list[list[Passage]] = [[]]
        self._notes: list[Passage] = []
        self._left_out: dict[LeftOutKind, list[str]] = {}
        self._letters = 0

    def add(self, text: str | None) -> None:
        if text:
            self._pieces[-1].append(text)
            self._letters += len(text)
            if self._letters > LARGEST_TEXT:
                raise LimitExceeded("convert.text-size", "The text is larger than 128 MiB.")

    def end(self) -> None:
        """A word ends here for certain, and a passage with it."""
        text = "".join(self._pieces[-1])
        self._pieces[-1].clear()
        if text and not text.isspace():
            passage = Passage(text, self.place, self.optional, self.furniture)
            self._flows[-1].append(passage)
        self._flows[-1] += self._waiting[-1]
        self._waiting[-1].clear()

    def begin_aside(self) -> None:
        """What follows belongs behind the passage that it interrupts: a text box."""
        self._flows.append([])
        self._pieces.append([])
        self._waiting.append([])

    def end_aside(self, *, note: bool = False) -> None:
        """Go on with what was interrupted; a note goes behind all text."""
        self.end()
        aside = self._flows.pop()
        self._pieces.pop()
        self._waiting.pop()
        if note:
            self._notes += aside
        else:
            self._waiting[-1] += aside

    def leave_out(self, kind: LeftOutKind, text: str) -> None:
        """`text` is not in the book, on purpose."""
        if text and not text.isspace():
            self._left_out.setdefault(kind, []).append(text)

    @property
    def count(self) -> int:
        """Passages so far."""
        return len(self._flows[-1])

    def text(self) -> SourceText:
        """All of it; everything that is counted is known."""
        self.end()
        return SourceText(
            passages=(*self._flows[0], *self._notes),
            left_out={kind: tuple(texts) for kind, texts in self._left_out.items()},
            pictures=self.counts["pictures"],
            alternatives=tuple(self.alternatives),
            addresses=frozenset(self.addresses),
            inner_links=self.counts["inner_links"],
            notes=self.counts["notes"],
            tables=self.counts["tables"],
            formulas=self.counts["formulas"],
            languages=frozenset(self.languages),
        )
