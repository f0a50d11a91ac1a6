"""The editor's policy: which figures and findings make a book pass, wait for a person, or fail."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from ebook_pipeline.books.records import Record, Score, Verdict
from ebook_pipeline.books.records.book_metadata import OF_ANOTHER_ACCOUNT
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.findings import Finding, Severity

DEFAULT = Path(__file__).with_name("policy.toml")
Boilerplate = Literal["keep", "leave-out"]
_SEVERITY = [Verdict.PASS, Verdict.NEEDS_REVIEW, Verdict.REJECT]


class PolicyRule(Record):
    """One table ``[[rule]]``: a figure within bounds, or a finding, and what follows.

    A rule whose verdict is ``pass`` allows what it names: of use to imprints only.
    """

    verdict: Verdict
    reason: str
    figure: str | None = Field(None, pattern=r"^[a-z_]+\.[a-z0-9_]+$")
    at_least: float | None = None
    at_most: float | None = None
    finding: str | None = None
    severity: Severity = Severity.INFO
    """The least severity of a `finding` that counts."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.finding is None) == (self.figure is None):
            raise ValueError(f"a rule names a figure or a finding: {self.reason!r}")
        bounded = self.at_least is not None or self.at_most is not None
        if bounded != (self.figure is not None):
            raise ValueError(f"a figure, and only a figure, has at_least or at_most: {self.about}")
        try:
            self.reason.format(value=0.0)
        except (LookupError, ValueError) as error:
            raise ValueError(f"the reason of {self.about} can't be told: {error}") from error
        return self

    @property
    def about(self) -> str:
        """The figure or finding that it is about."""
        return self.figure or self.finding or ""

    def fits(self, figures: Mapping[str, float], findings: Iterable[Finding]) -> bool:
        """Whether the rule applies; a figure that was not measured fits no rule."""
        if self.finding is not None:
            return any(self._names(finding) for finding in findings)
        value = figures.get(self.figure or "")
        if value is None:
            return False
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def _names(self, finding: Finding) -> bool:
        wanted = fnmatchcase(finding.rule, self.finding or "")
        return wanted and finding.severity >= self.severity


UNCHECKED = PolicyRule(
    verdict=Verdict.NEEDS_REVIEW,
    finding="epubcheck.*",
    severity=Severity.WARNING,
    reason="EPUBCheck did not come to an end: the book is checked in part only.",
)
"""Holds whatever a file says: that a book was not checked is a limit of ours, not of theirs."""

UNJUDGED = PolicyRule(
    verdict=Verdict.NEEDS_REVIEW,
    finding="quality.unchecked",
    reason="The book could not be judged within its limits: read it.",
)
CHANGED_TEXT = PolicyRule(
    verdict=Verdict.NEEDS_REVIEW,
    finding="convert.text-*",
    severity=Severity.WARNING,
    reason="The book's words are not those of its source: see the passages.",
)
OTHERS_TEXT = PolicyRule(
    verdict=Verdict.NEEDS_REVIEW,
    finding=OF_ANOTHER_ACCOUNT,
    reason="Another account sent this text first: compare the books, side by side.",
)
"""Holds whatever a file says: who may sell a text is no matter of an imprint's taste."""
LOST_PARTS = PolicyRule(
    verdict=Verdict.NEEDS_REVIEW,
    finding="convert.*-lost",
    severity=Severity.WARNING,
    reason="Conversion lost something of the source: see its findings.",
)
BUILT_IN = (UNCHECKED, UNJUDGED, OTHERS_TEXT, CHANGED_TEXT, LOST_PARTS)
"""Rules that hold besides those of any file: nothing is lost in silence."""


class QualityPolicy(Record):
    """The rules of one file, and `BUILT_IN`; `version` changes with every byte of the file.

    `boilerplate`: whether what a digital library put around a text counts as the book's.
    `imprints` hold by name, as `key` spells it, what an imprint does otherwise.
    """

    rules: tuple[PolicyRule, ...]
    version: str
    boilerplate: Boilerplate = "keep"
    imprints: dict[str, tuple[PolicyRule, ...]] = Field(default_factory=dict)

    def judge(
        self, scores: Sequence[Score], findings: Sequence[Finding], imprint: Sequence[str] = ()
    ) -> tuple[Verdict, tuple[str, ...]]:
        """The worst verdict of the rules that fit, and the reasons of all of them, worst first.

        `imprint` are the book's imprints: the first that the policy knows sets the rules.
        """
        figures = _figures(scores)
        fitting = [rule for rule in self.rules_of(imprint) if rule.fits(figures, findings)]
        fitting.sort(key=lambda rule: -_SEVERITY.index(rule.verdict))
        reasons = dict.fromkeys(
            rule.reason.format(value=figures.get(rule.figure or "", 0))
            for rule in fitting
            if rule.verdict is not Verdict.PASS
        )
        return (fitting[0].verdict if fitting else Verdict.PASS), tuple(reasons)

    @property
    def leaves_out_boilerplate(self) -> bool:
        return self.boilerplate == "leave-out"

    def knows(self, imprint: str) -> bool:
        """Whether `imprint` has rules of its own."""
        return imprint_key(imprint) in self.imprints

    def rules_of(self, imprint: Sequence[str]) -> tuple[PolicyRule, ...]:
        """The general rules; an imprint's own stand instead of all that are about the same."""
        own = next(
            (
                self.imprints[imprint_key(name)]
                for name in imprint
                if imprint_key(name) in self.imprints
            ),
            (),
        )
        other = {rule.about for rule in own}
        return (*(rule for rule in self.rules if rule.about not in other), *own, *BUILT_IN)


class _Imprint(Record):
    rule: tuple[PolicyRule, ...]


class _File(Record):
    """What a policy file may hold; any other word in it is an error."""

    boilerplate: Boilerplate = "keep"
    rule: tuple[PolicyRule, ...] = ()
    imprint: dict[str, _Imprint] = Field(default_factory=dict)


def load_quality_policy(file: Path | None = None) -> QualityPolicy:
    """The policy in a TOML file, ours if none is named. Raises ServiceError where it is none."""
    path = file or DEFAULT
    try:
        body = path.read_bytes()
        read = _File.model_validate(tomllib.loads(body.decode()))
        return QualityPolicy(
            rules=read.rule,
            boilerplate=read.boilerplate,
            version=f"policy-{hashlib.sha256(body).hexdigest()[:12]}",
            imprints=dict(_by_key(read.imprint)),
        )
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path} is no quality policy: {error}") from error


def imprint_key(imprint: str) -> str:
    """An imprint's name as names are compared: case and spaces are nobody's."""
    return " ".join(imprint.casefold().split())


def _by_key(imprints: Mapping[str, _Imprint]) -> Iterator[tuple[str, tuple[PolicyRule, ...]]]:
    seen: set[str] = set()
    for name, imprint in imprints.items():
        if imprint_key(name) in seen:
            raise ValueError(f"the imprint {name!r} stands twice")
        seen.add(imprint_key(name))
        yield imprint_key(name), imprint.rule


def _figures(scores: Sequence[Score]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for score in scores:
        figures[f"{score.dimension}.unchecked"] = float(score.value is None)
        if score.value is not None:
            figures[f"{score.dimension}.score"] = score.value
        for name, value in score.evidence.items():
            if not isinstance(value, str):
                figures[f"{score.dimension}.{name}"] = float(value)
    return figures
