"""One HTML file: no script, nothing fetched, the same bytes for the same report."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.judging.report_page.passages import finding_passages
from ebook_pipeline.books.records import Product, QualityReport
from ebook_pipeline.foundation.findings import Finding, worst_first
from ebook_pipeline.tools import sandbox

if TYPE_CHECKING:
    from jinja2 import Template

_POOR, _FAIR = 0.5, 0.8


def page(
    report: QualityReport, product: Product, epub: Path, others: Sequence[Finding] = ()
) -> str:
    """The page on the book at `epub`; `others` are findings of the stages before.

    Raises BookError and LimitExceeded where the book can't be read again.
    """
    findings = worst_first((*report.findings, *product.findings, *others))
    shown = sandbox.call(finding_passages, epub, findings)
    return _template().render(
        report=report,
        product=product,
        groups=_groups(findings),
        number_of_findings=len(findings),
        passages={passage.finding: passage for passage in shown},
        grade=_grade,
        told=_told,
    )


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


def _grade(value: float) -> str:
    return "poor" if value < _POOR else "fair" if value < _FAIR else "good"


@functools.cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html.jinja")
