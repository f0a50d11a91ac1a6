"""What an engine is asked for and what it gives; the engines are in `resources.recognizing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class RecognizedWord:
    """A word between `left` and `right`, in points; `confidence` from 0 to 1."""

    text: str
    left: float
    right: float
    confidence: float


@dataclass(frozen=True)
class RecognizedLine:
    """Words from the left on one base line, in points above the page's lower edge.

    `size` is that of the letters, as a font would name it, in points.
    """

    base: float
    size: float
    words: tuple[RecognizedWord, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class RecognizedPage:
    """A page, `number` from 0, as it stands when turned by `skew` degrees about its middle.

    `skew` counts against the clock; width and height are in points, as readers show the page.
    `text_share` of what is dark on it, 0 to 1, lies within the lines.
    """

    number: int
    width: float
    height: float
    skew: float
    lines: tuple[RecognizedLine, ...] = ()
    text_share: float = 0.0

    @property
    def words(self) -> tuple[RecognizedWord, ...]:
        return tuple(word for line in self.lines for word in line.words)

    @property
    def letters(self) -> int:
        return sum(map(str.isalnum, "".join(word.text for word in self.words)))


@dataclass(frozen=True)
class Scans:
    """Pages to be read, from 0; `language` is what the file says; `known_share` of bad text."""

    pages: tuple[int, ...]
    total: int
    language: str = ""
    known_share: float | None = None


class PageRecognizer(Protocol):
    """One contract for every engine; calls from any thread. What it reads is hostile."""

    @property
    def version(self) -> str:
        """Whatever may change what is read: the engine, its models, its resolution."""
        ...

    def serves(self, language: str) -> bool:
        """Whether it reads the letters of `language`, a tag of BCP 47; empty: it is not known."""
        ...

    def read_pages(
        self, pdf: Path, numbers: Sequence[int], language: str
    ) -> tuple[RecognizedPage, ...]:
        """These pages, from 0, in order.

        Raises BookError (a page cannot be drawn), LimitExceeded, ServiceError.
        """
        ...
