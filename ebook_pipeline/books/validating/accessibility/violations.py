"""Violations as the checks find them, and their count per rule: a novel's report stays readable."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ebook_pipeline.books.validating.accessibility.rules import PREFIX, RULES
from ebook_pipeline.foundation.findings import Finding

PLACES_SHOWN = 5
"""Places of one rule that its finding names; the others are counted."""
_LONGEST = 200
"""Characters of a detail that a finding quotes."""


@dataclass(frozen=True)
class Violation:
    """A rule broken at one place; `rule` is a key of `RULES`."""

    rule: str
    place: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.place, self.detail[:_LONGEST]) if part)


@dataclass
class _Counted:
    count: int = 0
    first: list[Violation] = field(default_factory=list)


class ViolationCounter:
    """Counts violations by rule and keeps the first few of each."""

    def __init__(self) -> None:
        self._counted: dict[str, _Counted] = {}

    def add(self, violations: Iterable[Violation]) -> None:
        for violation in violations:
            counted = self._counted.setdefault(violation.rule, _Counted())
            counted.count += 1
            if counted.count <= PLACES_SHOWN:
                counted.first.append(violation)

    def count(self, rule: str) -> int:
        return self._counted[rule].count if rule in self._counted else 0

    def criteria(self) -> tuple[str, ...]:
        """The criteria that are not met, in order of their text."""
        return tuple(sorted({RULES[rule].criterion for rule in self._counted} - {""}))

    def findings(self) -> Iterator[Finding]:
        """One finding for each rule: its count, its first places, what to do."""
        for rule, counted in sorted(self._counted.items(), key=_weight):
            known = RULES[rule]
            yield Finding(
                rule=PREFIX + rule,
                severity=known.severity,
                message=_message(known.message, counted),
                place=counted.first[0].place,
                remedy=known.remedy,
            )


def _weight(item: tuple[str, _Counted]) -> tuple[int, str]:
    return -RULES[item[0]].severity.rank, item[0]


def _message(message: str, counted: _Counted) -> str:
    """The first place is the finding's own: only its detail is told, and where else it is so."""
    first, *others = counted.first
    times = f", {counted.count} times" if counted.count > 1 else ""
    detail = f": {first.detail[:_LONGEST].rstrip('.')}" if first.detail else ""
    also = "; ".join(filter(None, map(str, others)))
    more = counted.count - len(counted.first)
    rest = f"; and {more} more" if also and more > 0 else ""
    return f"{message}{times}{detail}{'; also ' if also else ''}{also}{rest}."
