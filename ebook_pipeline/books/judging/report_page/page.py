"""One HTML file: no script, nothing fetched, the same bytes for the same report."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.judging.report_page.passages import FindingPassage, finding_passages
from ebook_pipeline.books.records import ComparedBook, Product, QualityReport
from ebook_pipeline.foundation.errors import LimitExceeded
from ebook_pipeline.foundation.findings import Finding, worst_first
from ebook_pipeline.tools import sandbox

if TYPE_CHECKING:
    from jinja2 import Template

_POOR, _FAIR = 0.5, 0.8
_BESIDE = b"<!-- beside -->"


def page(
    report: QualityReport, product: Product, epub: Path, others: Sequence[Finding] = ()
) -> str:
    """The page on the book at `epub`; `others` are findings of the stages before.

    Where its limits end the reading, it has no passages. Raises BookError.
    """
    findings = worst_first((*report.findings, *product.findings, *others))
    shown = _passages(epub, findings)
    return _template("page.html.jinja").render(
        report=report,
        product=product,
        groups=_groups(findings),
        number_of_findings=len(findings),
        passages={passage.finding: passage for passage in shown},
        grade=_grade,
        told=_told,
    )


def put_beside(shown: bytes, books: Sequence[ComparedBook]) -> bytes:
    """`shown`, a page of `page`, with the book and what it is like side by side.

    For the house alone: the people of an account read their own page, and not of others' books.
    """
    if not books:
        return shown
    table = _template("beside.html.jinja").render(beside=_beside(books))
    return shown.replace(_BESIDE, table.encode(), 1)


def _passages(epub: Path, findings: Sequence[Finding]) -> tuple[FindingPassage, ...]:
    try:
        return sandbox.call(finding_passages, epub, findings)
    except LimitExceeded:
        return ()


def _groups(findings: Sequence[Finding]) -> list[tuple[Finding, str, list[tuple[int, Finding]]]]:
    """(the first finding, the remedy of all, all of its rule and severity with their numbers)."""
    groups: dict[tuple[str, str], list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(findings):
        groups.setdefault((finding.rule, finding.severity), []).append((number, finding))
    return [(group[0][1], _shared(group), group) for group in groups.values()]


def _shared(group: Sequence[tuple[int, Finding]]) -> str:
    remedies = {finding.remedy for _, finding in group}
    return remedies.pop() if len(remedies) == 1 else ""


def _told(evidence: Mapping[str, float | int | str]) -> tuple[list[tuple[str, str]], list[str]]:
    """(figures by what they count, what was looked for and not found)"""
    named = {
        name.replace("_", " ").replace("10000", "10,000"): value for name, value in evidence.items()
    }
    figures = [
        (name, value if isinstance(value, str) else f"{value:,}")
        for name, value in named.items()
        if value != 0
    ]
    return figures, [
        name.removesuffix(" per 10,000") for name, value in named.items() if value == 0
    ]


def _beside(books: Sequence[ComparedBook]) -> list[tuple[str, list[str]]]:
    """A row per field that any of `books` has, with its words of each book."""
    rows = [
        (name.replace("_", " "), [_words(getattr(book, name)) for book in books])
        for name in ComparedBook.model_fields
    ]
    return [(name, cells) for name, cells in rows if any(cells)]


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.0%}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _grade(value: float) -> str:
    return "poor" if value < _POOR else "fair" if value < _FAIR else "good"


@functools.cache
def _template(name: str) -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(name)
