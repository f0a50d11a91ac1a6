"""What is wrong with a book, said so that its author can act on it."""

import re
from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

_SENTENCE_END = re.compile(r"(?<=[.!?…]); ")


class Severity(StrEnum):
    """EPUBCheck's scale, ordered: ``Severity.ERROR >= Severity.WARNING``."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Severity(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Severity(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Severity(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Severity(other).rank


class Finding(BaseModel):
    """One statement about a book.

    ``rule`` is the checker's own id (``OPF-049``) or one of ours (``container.path-escape``);
    ``place`` is a path inside the book, with line and column or page where they are known;
    ``passage`` are the words there that it is about, as the book has them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    severity: Severity
    message: str
    place: str = ""
    remedy: str = ""
    passage: str = ""


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether a book with these findings must not be sold: an error or worse among them."""
    return any(finding.severity >= Severity.ERROR for finding in findings)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """`findings` as people read them; the order among equals stays."""
    return sorted(findings, key=lambda finding: -finding.severity.rank)


def in_one_line(reasons: Iterable[str]) -> str:
    """Several reasons in a line: sentences one after the other, phrases parted by semicolons."""
    return _SENTENCE_END.sub(" ", "; ".join(reasons))
