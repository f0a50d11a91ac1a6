"""Who should answer a review, how urgently and by when: rules that people write, in TOML."""

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import Field

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import read_toml

DEFAULT = Path(__file__).with_name("review_routing.toml")
_AGES = {"02": 12, "03": 17, "04": 12, "09": 6}
"""ONIX list 28 without ages: children, young adults, primary and secondary education, pre-school.

https://ns.editeur.org/onix/en/28
"""


class Priority(StrEnum):
    """Which review is answered first, most pressing first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class ReviewCase(Record):
    """What routing may know of a book that waits: all of it as its records say."""

    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    audience: str | None = None
    """ONIX list 28."""
    age_from: int | None = None
    flagged: bool = False

    @property
    def age(self) -> int | None:
        """The age from which the book is meant to be read, where it says so."""
        return self.age_from if self.age_from is not None else _AGES.get(self.audience or "")


class ReviewRoute(Record):
    """Where a review goes; `rules` are the names of those that had a say."""

    assignee: str | None = None
    priority: Priority = Priority.NORMAL
    days: float = 5
    escalate_to: str | None = None
    rules: tuple[str, ...] = ()


class RoutingRule(Record):
    """One table ``[[rule]]``: what it asks for, and what it says."""

    name: str = Field(min_length=1, max_length=100)
    imprint: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    age_below: int | None = Field(None, ge=0, le=99)
    flagged: bool | None = None

    assignee: str | None = Field(None, min_length=1, max_length=200)
    priority: Priority | None = None
    days: float | None = Field(None, gt=0, le=365)
    escalate_to: str | None = Field(None, min_length=1, max_length=200)

    def fits(self, case: ReviewCase) -> bool:
        """Whether everything that the rule asks for is true of `case`."""
        return (
            _any(self.imprint, case.publishers)
            and _any(self.language, case.languages)
            and _any(self.findings, case.findings)
            and (self.age_below is None or (case.age is not None and case.age < self.age_below))
            and (self.flagged is None or self.flagged == case.flagged)
        )


class _Default(Record):
    assignee: str | None = Field(None, min_length=1, max_length=200)
    priority: Priority = Priority.NORMAL
    days: float = Field(5, gt=0, le=365)
    escalate_to: str | None = Field(None, min_length=1, max_length=200)


class ReviewRouting(Record):
    """The rules of one file; any other word in it is an error."""

    default: _Default = _Default()
    rule: tuple[RoutingRule, ...] = ()

    def route(self, case: ReviewCase) -> ReviewRoute:
        """What the fitting rules say together: of each thing, the first word counts."""
        fitting = [rule for rule in self.rule if rule.fits(case)]
        route: dict[str, object] = {"rules": tuple(rule.name for rule in fitting)}
        for thing in _Default.model_fields:
            words = (getattr(rule, thing) for rule in fitting)
            first = next((word for word in words if word is not None), None)
            route[thing] = getattr(self.default, thing) if first is None else first
        return ReviewRoute.model_validate(route)


def load_routing(file: Path | None = None) -> ReviewRouting:
    """The rules in a TOML file, ours if none is named. Raises ServiceError where they are none."""
    path = file or DEFAULT
    try:
        return ReviewRouting.model_validate(read_toml(path))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path} routes no reviews: {error}") from error


def _any(patterns: Iterable[str], values: Iterable[str]) -> bool:
    """Whether one of `values` is like one of `patterns`; no pattern asks for nothing."""
    wanted = [pattern.casefold() for pattern in patterns]
    folded = [value.casefold() for value in values]
    return not wanted or any(fnmatchcase(value, like) for value in folded for like in wanted)
