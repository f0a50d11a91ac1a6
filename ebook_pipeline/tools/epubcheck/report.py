"""EPUBCheck's report read: its messages as findings, bounded, with what an author can do."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ebook_pipeline.foundation.errors import BookError, LimitExceeded
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools.epubcheck.remedies import remedy_for

PLACES_PER_RULE = 25
_LARGEST_REPORT = 64 << 20
_LONGEST_MESSAGE = 1000
_SEVERITIES = {
    "FATAL": Severity.FATAL,
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "INFO": Severity.INFO,
    "USAGE": Severity.INFO,
}


def read_report(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        raise BookError("epubcheck.crash", "EPUBCheck gave up on the book without a report.")
    if path.stat().st_size > _LARGEST_REPORT:
        raise LimitExceeded("epubcheck.output", "EPUBCheck has more to say than can be kept.")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def findings_in(report: Mapping[str, Any], folder: Path) -> tuple[Finding, ...]:
    by_rule: dict[tuple[Severity, str], list[Finding]] = {}
    extra: dict[tuple[Severity, str], int] = {}
    for message in report["messages"]:
        severity = _SEVERITIES.get(message["severity"])
        if severity is None:
            continue
        key = severity, message["ID"].replace("_", "-")
        by_rule.setdefault(key, []).extend(_of_message(message, key, folder))
        extra[key] = extra.get(key, 0) + int(message["additionalLocations"] or 0)
    ordered = sorted(by_rule, key=lambda key: (-key[0].rank, key[1]))
    return tuple(finding for key in ordered for finding in _bounded(key, by_rule[key], extra[key]))


def _of_message(
    message: Mapping[str, Any], key: tuple[Severity, str], folder: Path
) -> Iterator[Finding]:
    severity, rule = key
    text = message["message"].replace(f"{folder}/", "")[:_LONGEST_MESSAGE]
    for place in message["locations"] or [{}]:
        yield Finding(
            rule=rule,
            severity=severity,
            message=text,
            place=_place(place, folder),
            remedy=remedy_for(rule) or message.get("suggestion") or "",
        )


def _bounded(key: tuple[Severity, str], found: list[Finding], extra: int) -> list[Finding]:
    """The first places of a rule, by place, and one finding for the rest."""
    found.sort(key=lambda finding: (_numbers_apart(finding.place), finding.message))
    rest = len(found) - PLACES_PER_RULE + extra if len(found) > PLACES_PER_RULE else extra
    kept = found[:PLACES_PER_RULE]
    if rest:
        text = f"{key[1]} occurs in {rest} more places."
        kept.append(Finding(rule=key[1], severity=key[0], message=text))
    return kept


def _numbers_apart(place: str) -> tuple[str, tuple[int, ...]]:
    path, *numbers = place.split(":")
    return path, tuple(int(number) for number in numbers if number.isdigit())


def _place(location: Mapping[str, Any], folder: Path) -> str:
    path = str(location.get("path") or "")
    if path in ("book.epub", str(folder / "book.epub")):
        path = ""
    line, column = location.get("line", -1), location.get("column", -1)
    if path and line > 0:
        return f"{path}:{line}:{column}" if column > 0 else f"{path}:{line}"
    return path
