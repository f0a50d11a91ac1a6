"""One file taken through everything that may make a person look at it, without a database."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.frame import Cell, Table
from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.describing.overrides import Overrides
from ebook_pipeline.books.describing.product import DescriptionSources
from ebook_pipeline.books.describing.sidecar import sidecar_claims
from ebook_pipeline.books.judging.assessor import AssessmentInput
from ebook_pipeline.books.records.converted_book import TITLE_GUESSED
from ebook_pipeline.books.validating import validation
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.resources import Resources, book_tools
from ebook_pipeline.settings import Settings

PASS = "pass"


@dataclass(frozen=True)
class JudgedFile:
    """How a file ends: a verdict of quality, or what kept it from one."""

    name: str
    verdict: str
    reasons: tuple[str, ...]
    suggested_age: int = 0


class Judge:
    """Who takes files through the stages, with the tools that a batch has."""

    def __init__(self, home: Path) -> None:
        """`EBOOK_CHROMIUM` set to no program has books set by typst."""
        self._resources = Resources(Settings(home=home))
        self._tools = book_tools.conversion_tools(self._resources)
        self._describer = book_tools.describer(self._resources)
        self._editor = book_tools.quality_assessor(self._resources)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def judge(self, path: Path) -> JudgedFile:
        """Where `path` would end: ``pass``, ``needs_review``, ``reject``, ``invalid`` …"""
        with tempfile.TemporaryDirectory(prefix="waiting-") as folder:
            try:
                return self._judged(path, Path(folder))
            except BookError as error:
                return JudgedFile(path.name, "unreadable", (str(error),))

    def _judged(self, path: Path, folder: Path) -> JudgedFile:
        claims = sidecar_claims(path)
        report = validation.validate(path, path.name, claims.profile, self._resources.epubcheck)
        found = validation.verdict(report)
        if found not in (validation.FileVerdict.VALID, validation.FileVerdict.UNCHECKED):
            grave = [finding for finding in report.findings if finding.severity >= Severity.ERROR]
            return JudgedFile(path.name, found.value, tuple(one.message for one in grave[:3]))
        made = conversion.convert(path, report.format, claims, self._tools, folder)
        guessed = any(finding.rule == TITLE_GUESSED for finding in made.findings)
        sources = DescriptionSources(
            made.epub, made.text, claims, path, report.format, made.pages, guessed
        )
        product = self._describer.describe(sources, Overrides())
        findings = (*report.findings, *made.findings)
        judged = self._editor.assess(AssessmentInput(made.epub, made.text, product, findings))
        content = {score.dimension: score.evidence for score in judged.scores}["appropriateness"]
        age = content.get("suggested_age", 0)
        reasons = (*judged.reasons, *_warnings(findings, judged.reasons))
        return JudgedFile(path.name, judged.verdict.value, reasons, int(age))


def _warnings(findings: Iterable[Finding], reasons: tuple[str, ...]) -> tuple[str, ...]:
    """What conversion said, where a reason names it in general only."""
    if not any("Conversion" in reason for reason in reasons):
        return ()
    return tuple(
        f"{finding.rule}: {finding.message}"
        for finding in findings
        if finding.severity >= Severity.WARNING and finding.rule.startswith("convert.")
    )


def as_table(title: str, judged: Iterable[JudgedFile]) -> Table:
    """A row per file, and what share waits."""
    files = list(judged)
    rows: list[list[Cell]] = [
        [file.name, file.verdict, file.suggested_age, "; ".join(file.reasons)[:160]]
        for file in files
    ]
    ends = Counter(file.verdict for file in files)
    waits = len(files) - ends[PASS]
    said = f"{waits} of {len(files)} wait or fail ({waits / max(1, len(files)):.0%}): {dict(ends)}"
    return Table(title, ("file", "verdict", "age", "why"), rows, said)
