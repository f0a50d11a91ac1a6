"""The editor's policy: which figures and findings make a book pass, wait for a person, or fail."""

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import ValidationError

from ebook_pipeline.books.errors import ServiceError
from ebook_pipeline.books.findings import Finding, Severity
from ebook_pipeline.books.records import Record, Score, Verdict

DEFAULT = Path(__file__).with_name("policy.toml")
_SEVERITY = [Verdict.PASS, Verdict.NEEDS_REVIEW, Verdict.REJECT]


class Rule(Record):
    """One table ``[[rule]]``: a figure within bounds, or a finding, and what follows."""

    verdict: Verdict
    reason: str
    figure: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    finding: str | None = None
    severity: Severity = Severity.INFO
    """The least severity of a `finding` that counts."""

    def fits(self, figures: dict[str, float], found: Iterable[Finding]) -> bool:
        """Whether the rule applies; a figure that was not measured fits no rule."""
        if self.finding is not None:
            return any(self._names(one) for one in found)
        value = figures.get(self.figure or "")
        if value is None:
            return False
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def _names(self, finding: Finding) -> bool:
        wanted = fnmatchcase(finding.rule, self.finding or "")
        return wanted and finding.severity >= self.severity


class Policy(Record):
    """The rules of one file; `version` changes with every byte of it."""

    rules: tuple[Rule, ...]
    version: str

    def judge(
        self, scores: Sequence[Score], findings: Sequence[Finding]
    ) -> tuple[Verdict, tuple[str, ...]]:
        """The worst verdict of the rules that fit, and the reasons of all of them, worst first."""
        figures = _figures(scores)
        fitting = [rule for rule in self.rules if rule.fits(figures, findings)]
        fitting.sort(key=lambda rule: -_SEVERITY.index(rule.verdict))
        reasons = dict.fromkeys(
            rule.reason.format(value=figures.get(rule.figure or "", 0)) for rule in fitting
        )
        return (fitting[0].verdict if fitting else Verdict.PASS), tuple(reasons)


def load_policy(path: Path = DEFAULT) -> Policy:
    """The policy in the TOML file at `path`. Raises ServiceError where it is no policy."""
    try:
        body = path.read_bytes()
        rules = tomllib.loads(body.decode()).get("rule", [])
        version = f"policy-{hashlib.sha256(body).hexdigest()[:12]}"
        policy = Policy(rules=tuple(map(Rule.model_validate, rules)), version=version)
        policy.judge((), ())
    except (OSError, ValueError, ValidationError) as error:
        raise ServiceError(f"{path} is no quality policy: {error}") from error
    for rule in policy.rules:
        if (rule.finding is None) == (rule.figure is None):
            raise ServiceError(f"{path}: each rule names a figure or a finding: {rule.reason!r}")
    return policy


def _figures(scores: Sequence[Score]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for score in scores:
        figures[f"{score.dimension}.score"] = score.value
        for name, value in score.evidence.items():
            if not isinstance(value, str):
                figures[f"{score.dimension}.{name}"] = float(value)
    return figures
