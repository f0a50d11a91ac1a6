"""What a file is judged for: a printer, a part of the book, and what is known of the book."""

from enum import StrEnum

from pydantic import Field

from ebook_pipeline.books.printing.preflight.facts import Box, FileFacts
from ebook_pipeline.books.printing.print_rules import (
    POINTS,
    CoverTemplate,
    PaperKind,
    Printer,
    PrinterRules,
    Trim,
    rules_of,
)
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import Record

SIZE_SLACK = 1.0
"""Points by which a sheet may differ from its rule: programs round to millimetres."""


class Part(StrEnum):
    INTERIOR = "interior"
    COVER = "cover"


class PrintJob(Record):
    """`trim` and `paper` are read from the file where nobody says them.

    `pages` and `template`, which is the printer's own, are a cover's.
    """

    printer: Printer
    part: Part = Part.INTERIOR
    trim: Trim | None = None
    paper: PaperKind | None = None
    pages: int | None = Field(default=None, ge=1, le=5000)
    template: CoverTemplate | None = None

    @property
    def rules(self) -> PrinterRules:
        return rules_of(self.printer)


class Mark(Record):
    """A place on a page (from 1), in points of the page's own coordinates; None is all of it."""

    page: int
    box: Box | None = None


class PrintFinding(Record):
    """A finding, and where it is seen."""

    finding: Finding
    marks: tuple[Mark, ...] = ()


class Layout(Record):
    """How an interior is understood: its trim, and whether its sheets have bleed."""

    trim: Trim
    bleed: bool
    guessed: bool


def layout_of(job: PrintJob, facts: FileFacts) -> Layout:
    """The trim that was said or is likely, and whether the first pages have bleed.

    Likely is what most pages measure: a trim that the printer has, alone or with bleed; or what the
    trim boxes say; else the sheet itself.
    """
    rules, size = job.rules, usual_size(facts)
    if job.trim is not None:
        return Layout(trim=job.trim, bleed=_has_bleed(rules, job.trim, size), guessed=False)
    for width, height in rules.trims:
        trim = Trim(width=width, height=height)
        for bleed in (False, True):
            if _alike(size, rules.sheet(trim, bleed=bleed)):
                return Layout(trim=trim, bleed=bleed, guessed=True)
    return _own_trim(rules, facts, size)


def usual_size(facts: FileFacts) -> tuple[float, float]:
    """Inches of the sheet that most pages have, as printers see it."""
    counts: dict[tuple[float, float], int] = {}
    for page in facts.pages:
        width, height = page.size
        scale = page.user_unit / POINTS
        size = (round(width * scale, 3), round(height * scale, 3))
        if page.rotation % 180 == 90:
            size = size[::-1]
        counts[size] = counts.get(size, 0) + 1
    return max(counts, key=lambda size: counts[size]) if counts else (0.0, 0.0)


def _has_bleed(rules: PrinterRules, trim: Trim, size: tuple[float, float]) -> bool:
    plain, bled = rules.sheet(trim, bleed=False), rules.sheet(trim, bleed=True)
    return _distance(size, bled) < _distance(size, plain)


def _own_trim(rules: PrinterRules, facts: FileFacts, size: tuple[float, float]) -> Layout:
    """A trim of one's own: by the trim boxes, else the sheet."""
    boxes = [page.trim for page in facts.pages if page.trim is not None]
    if boxes and len(boxes) == len(facts.pages):
        left, bottom, right, top = boxes[0]
        width, height = (right - left) / POINTS, (top - bottom) / POINTS
        if 3 <= width <= 15 and 3 <= height <= 15:
            trim = Trim(width=round(width, 3), height=round(height, 3))
            return Layout(trim=trim, bleed=_has_bleed(rules, trim, size), guessed=True)
    sides = [min(max(side, 3.0), 15.0) for side in size]
    return Layout(trim=Trim(width=sides[0], height=sides[1]), bleed=False, guessed=True)


def _alike(size: tuple[float, float], wanted: tuple[float, float]) -> bool:
    return _distance(size, wanted) * POINTS <= SIZE_SLACK


def _distance(size: tuple[float, float], wanted: tuple[float, float]) -> float:
    return max(abs(size[0] - wanted[0]), abs(size[1] - wanted[1]))
