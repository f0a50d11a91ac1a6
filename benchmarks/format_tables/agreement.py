"""Agreement with EPUBCheck: verdict and ids of every EPUB whose answer by EPUBCheck is recorded.

The answer is taken under the default profile and under the one that a file was made for. Findings
of our own come on top: they may refuse a book that EPUBCheck passes, and are counted by name.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.format_tables import Options, Table
from ebook_pipeline.books.validating.validation import validate
from ebook_pipeline.foundation.findings import Finding, Severity, blocks
from ebook_pipeline.tools.epubcheck import EpubCheck

_CLASSES = ("epubcheck", "sample", "novel", "w3c-test")


class _Listener:
    """EPUBCheck, with what it last said."""

    def __init__(self, checker: EpubCheck) -> None:
        self._checker = checker
        self.said: tuple[Finding, ...] | None = None

    @property
    def version(self) -> str:
        return self._checker.version

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        self.said = self._checker.check(path, profile)
        return self.said


@dataclass
class _Count:
    """The files of one row; `stricter` has our own rules that reject what EPUBCheck passes."""

    files: int = 0
    verdicts: int = 0
    ids: int = 0
    accepted: int = 0
    stricter: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def table(options: Options) -> Table:
    """A row for each class of files and profile."""
    counts: dict[tuple[str, str], _Count] = {}
    checker = EpubCheck()
    try:
        for entry, profile, verdict in _expected(options):
            count = counts.setdefault((entry["class"], profile), _Count())
            _compare(_Listener(checker), options.corpus, entry["name"], (profile, verdict), count)
    finally:
        checker.close()
    rows = [_row(kind, profile, count) for (kind, profile), count in counts.items()]
    columns = ("files", "profile", "number", "verdict equal", "ids equal", "whole report's verdict")
    return Table(
        "Agreement with EPUBCheck", (*columns, "our rules on top"), rows, _said(counts.values())
    )


def _expected(options: Options) -> Iterator[tuple[dict[str, Any], str, Mapping[str, Any]]]:
    for entry in options.entries(*_CLASSES):
        if "ids" in (entry.get("epubcheck_verdict") or {}):
            yield entry, "default", entry["epubcheck_verdict"]
        for profile, verdict in (entry.get("epubcheck_verdict_profile") or {}).items():
            if profile != "default":
                yield entry, profile, verdict


def _compare(
    listener: _Listener,
    corpus: Path,
    name: str,
    expected: tuple[str, Mapping[str, Any]],
    count: _Count,
) -> None:
    profile, verdict = expected
    report = validate(corpus / name, name, profile, listener)
    said = listener.said if listener.said is not None else listener.check(corpus / name, profile)
    same_verdict, same_ids = blocks(said) != verdict["valid"], _ids(said) == _wanted(verdict)
    count.files += 1
    count.verdicts += same_verdict
    count.ids += same_ids
    count.accepted += blocks(report.findings) != verdict["valid"]
    if verdict["valid"]:
        ours = (one for one in report.findings if one.severity >= Severity.ERROR)
        count.stricter.update(one.rule for one in ours if one not in said)
    if not (same_verdict and same_ids):
        count.wrong.append(name)


def _ids(said: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(one.severity.value, one.rule) for one in said}


def _wanted(verdict: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {
        ("info" if severity == "usage" else severity, rule)
        for severity, rules in verdict["ids"].items()
        for rule in rules
    }


def _row(kind: str, profile: str, count: _Count) -> list[str | int | float]:
    shares = (_percent(part, count) for part in (count.verdicts, count.ids, count.accepted))
    stricter = ", ".join(f"{rule} {number}" for rule, number in count.stricter.most_common())
    return [kind, profile, count.files, *shares, stricter]


def _percent(part: int, count: _Count) -> str:
    return f"{100 * part / count.files:.1f} %"


def _said(counts: Any) -> str:
    counts = list(counts)
    files, same = sum(one.files for one in counts), sum(one.ids for one in counts)
    wrong = [name for one in counts for name in one.wrong]
    tail = f" They differ on {', '.join(wrong)}." if wrong else ""
    return f"Verdict and ids are EPUBCheck's own in {same} of {files} checks.{tail}"
