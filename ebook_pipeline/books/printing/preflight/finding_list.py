"""Findings of a preflight as they are gathered: one per rule, with its pages and places."""

from collections.abc import Iterable, Sequence

from ebook_pipeline.books.formats.pdf.pdf_findings import page_ranges
from ebook_pipeline.books.printing.preflight.facts import MOST_MARKS, Spot
from ebook_pipeline.books.printing.preflight.job import Mark, PrintFinding
from ebook_pipeline.foundation.findings import Finding, Severity

_MOST_MARKS = 200
"""Marks of one finding."""


def print_error(rule: str, message: str, remedy: str, marks: Iterable[Mark] = ()) -> PrintFinding:
    return _finding(rule, Severity.ERROR, (message, remedy), marks)


def print_warning(rule: str, message: str, remedy: str, marks: Iterable[Mark] = ()) -> PrintFinding:
    return _finding(rule, Severity.WARNING, (message, remedy), marks)


def print_info(
    rule: str, message: str, remedy: str = "", marks: Iterable[Mark] = ()
) -> PrintFinding:
    return _finding(rule, Severity.INFO, (message, remedy), marks)


def spots_on(page: int, spots: Sequence[Spot]) -> list[Mark]:
    """The places of some spots on one page; a spot without a place is the whole page."""
    return [
        Mark(page=page, box=None if spot.box == (0, 0, 0, 0) else spot.box)
        for spot in spots[:MOST_MARKS]
    ]


def _finding(
    rule: str, severity: Severity, words: tuple[str, str], marks: Iterable[Mark]
) -> PrintFinding:
    places = tuple(marks)
    finding = Finding(
        rule=f"print.{rule}",
        severity=severity,
        message=words[0],
        place=page_ranges(mark.page for mark in places),
        remedy=words[1],
    )
    return PrintFinding(finding=finding, marks=places[:_MOST_MARKS])
