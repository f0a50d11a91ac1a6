"""What every check of quality returns, and how it quotes the book."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ebook_pipeline.books.records import Score
from ebook_pipeline.books.text import line_around
from ebook_pipeline.foundation.findings import Finding, Severity

MOST_OF_A_RULE = 20
_CONTEXT = 40
_NEAR = 24


@dataclass(frozen=True)
class DimensionResult:
    """One dimension measured: its score with the evidence, and the findings behind it."""

    score: Score
    findings: tuple[Finding, ...] = ()


def dimension_result(
    dimension: str,
    value: float,
    evidence: dict[str, float | int | str],
    findings: Iterable[Finding] = (),
) -> DimensionResult:
    """A part whose value is held between 0 and 1 and whose findings are few enough to read."""
    held = round(min(1.0, max(0.0, value)), 4)
    return DimensionResult(
        Score(dimension=dimension, value=held, evidence=evidence), bounded(findings)
    )


def unchecked(
    dimension: str,
    reason: str,
    findings: Iterable[Finding] = (),
    figures: Mapping[str, float | int | str] = MappingProxyType({}),
) -> DimensionResult:
    """A part that nobody looked at, for `reason`: neither good nor bad."""
    evidence: dict[str, float | int | str] = {"checked": f"not checked: {reason}", **figures}
    return DimensionResult(
        Score(dimension=dimension, value=None, evidence=evidence), bounded(findings)
    )


def partly_checked(measured: DimensionResult, reason: str) -> DimensionResult:
    """`measured` with figures and findings but without a score: some of its checks were not made.

    That nothing was found says too little then; what was found counts as before.
    """
    evidence = {"checked": f"in part only: {reason}", **measured.score.evidence}
    return replace(
        measured, score=measured.score.model_copy(update={"value": None, "evidence": evidence})
    )


def bounded(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """At most 20 findings of each rule, in order; the last one says how many there were."""
    listed = list(findings)
    total = Counter(finding.rule for finding in listed)
    seen: Counter[str] = Counter()
    kept = []
    for finding in listed:
        seen[finding.rule] += 1
        more = total[finding.rule] - MOST_OF_A_RULE
        if seen[finding.rule] == MOST_OF_A_RULE and more > 0:
            message = f"{finding.message} (and {more} more of this kind)"
            kept.append(finding.model_copy(update={"message": message}))
        elif seen[finding.rule] <= MOST_OF_A_RULE:
            kept.append(finding)
    return tuple(kept)


def warning(
    rule: str, message: str, place: str = "", remedy: str = "", passage: str = ""
) -> Finding:
    """Something that a person should look at."""
    return _finding(Severity.WARNING, rule, message, (place, remedy, passage))


def info(rule: str, message: str, place: str = "", remedy: str = "", passage: str = "") -> Finding:
    """Something worth knowing."""
    return _finding(Severity.INFO, rule, message, (place, remedy, passage))


def _finding(severity: Severity, rule: str, message: str, where: tuple[str, str, str]) -> Finding:
    place, remedy, passage = where
    return Finding(
        rule=rule, severity=severity, message=message, place=place, remedy=remedy, passage=passage
    )


def passage(text: str, start: int, end: int) -> str:
    """``text[start:end]`` with a few words around it on its line, as the book has them."""
    left, right = line_around(text, start, end, _NEAR)
    before = left.partition(" ")[2] if len(left) == _NEAR else left
    after = right.rpartition(" ")[0] if len(right) == _NEAR else right
    return f"{before}{text[start:end]}{after}".strip()


def quote(text: str, start: int, end: int) -> str:
    """The words around ``text[start:end]`` on one line, in quotation marks."""
    left = text[max(0, start - _CONTEXT) : start]
    right = text[end : end + _CONTEXT]
    before = f"…{left.partition(' ')[2]}" if start > _CONTEXT else left
    after = f"{right.rpartition(' ')[0]}…" if end + _CONTEXT < len(text) else right
    return f"“{' '.join(f'{before}{text[start:end]}{after}'.split())}”"
