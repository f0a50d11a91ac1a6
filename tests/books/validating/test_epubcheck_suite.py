"""EPUBCheck's own suite, swept once: what the checker finds, and what we make of it."""

from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.validating.validation import validate
from ebook_pipeline.foundation.findings import Finding, blocks
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.corpus import entries, named, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

Ids = dict[str, set[str]]
SUITE = [entry for entry in entries("epubcheck") if "epubcheck_verdict" in entry]
PROFILED = [
    (entry["name"], profile, verdict)
    for entry in entries("epubcheck")
    for profile, verdict in (entry.get("epubcheck_verdict_profile") or {}).items()
]
QUICK = 10
"""Of so many books of the suite one is looked at on every occasion."""


class Noted:
    """EPUBCheck, and what it found last."""

    def __init__(self, epubcheck: EpubCheck) -> None:
        self._epubcheck = epubcheck
        self.version = epubcheck.version
        self.found: tuple[Finding, ...] | None = None

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        self.found = self._epubcheck.check(path, profile)
        return self.found


def ids(findings: tuple[Finding, ...]) -> Ids:
    found: Ids = {}
    for finding in findings:
        found.setdefault(finding.severity.value, set()).add(finding.rule)
    return found


def expected_ids(verdict: dict[str, Any]) -> Ids:
    wanted: Ids = {}
    for severity, rules in verdict["ids"].items():
        ours = "info" if severity == "usage" else severity
        wanted.setdefault(ours, set()).update(rules)
    return wanted


def dealt(suite: list[dict[str, Any]]) -> list[Any]:
    """Every tenth book for every occasion, all others for the long proof."""
    return [
        pytest.param(entry, id=entry["name"], marks=[pytest.mark.prove] if number % QUICK else [])
        for number, entry in enumerate(suite)
    ]


def test_the_suite_is_whole() -> None:
    assert len(SUITE) >= 230
    assert len(PROFILED) >= 8


@pytest.mark.parametrize("entry", dealt(SUITE))
def test_ids_and_verdict_are_the_suites_and_our_own_checks_change_no_verdict(
    epubcheck: EpubCheck, entry: dict[str, Any]
) -> None:
    checker, book = Noted(epubcheck), named(entry["name"])
    report = validate(book, entry["name"], "default", checker)
    found = epubcheck.check(book) if checker.found is None else checker.found
    assert ids(found) == expected_ids(entry["epubcheck_verdict"])
    assert blocks(found) != entry["valid"]
    assert blocks(report.findings) != entry["valid"]


@pytest.mark.parametrize(("name", "profile", "verdict"), PROFILED)
def test_ids_and_verdict_are_the_suites_under_the_profile_that_a_book_was_made_for(
    epubcheck: EpubCheck, name: str, profile: str, verdict: dict[str, Any]
) -> None:
    found = epubcheck.check(named(name), profile)
    assert ids(found) == expected_ids(verdict)
    assert blocks(found) != verdict["valid"]
