"""One HTML file: no script, nothing fetched, the same bytes for the same report."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.findings import Finding, worst_first
from ebook_pipeline.books.quality.page.passages import passages
from ebook_pipeline.books.records import Product, QualityReport
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
    found = worst_first((*report.findings, *product.findings, *others))
    shown = sandbox.call(passages, epub, found)
    return _template().render(
        report=report,
        product=product,
        findings=found,
        passages={one.finding: one for one in shown},
        grade=_grade,
    )


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
