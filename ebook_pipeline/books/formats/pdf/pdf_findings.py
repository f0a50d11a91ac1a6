"""Findings on a PDF, and how pages are written in them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ebook_pipeline.foundation.findings import Finding, Severity

RESAVE = "Open the file in a PDF editor and save it anew, or export it again."
UNLOCK = "Submit the file without a password: we protect it ourselves when it is released."
_MOST_RANGES = 8
"""Ranges of pages that a finding names."""
_LONGEST = 500
"""Characters of a library's message."""


def finding(rule: str, severity: Severity, message: str, remedy: str, place: str = "") -> Finding:
    return Finding(rule=rule, severity=severity, message=message, place=place, remedy=remedy)


def info(rule: str, message: str, remedy: str = "", place: str = "") -> Finding:
    return finding(rule, Severity.INFO, message, remedy, place)


def warning(rule: str, message: str, remedy: str, place: str = "") -> Finding:
    return finding(rule, Severity.WARNING, message, remedy, place)


def error(rule: str, message: str, remedy: str, place: str = "") -> Finding:
    return finding(rule, Severity.ERROR, message, remedy, place)


def page_ranges(numbers: Iterable[int]) -> str:
    """Pages, counted from 1, as ranges: ``pages 1, 3-7``."""
    ranges = _ranges(sorted(set(numbers)))
    if not ranges:
        return ""
    shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in ranges]
    more = f" and {len(shown) - _MOST_RANGES} more places" if len(shown) > _MOST_RANGES else ""
    word = "page" if len(ranges) == 1 and ranges[0][0] == ranges[0][1] else "pages"
    return f"{word} {', '.join(shown[:_MOST_RANGES])}{more}"


def without_path(message: object, path: Path) -> str:
    """A library's words without the name of our own file."""
    words = str(message)
    for own in ("WARNING: ", f"{path}: ", f"{path}, ", f"{path} ", str(path)):
        words = words.replace(own, "")
    return words.strip()[:_LONGEST]


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges
