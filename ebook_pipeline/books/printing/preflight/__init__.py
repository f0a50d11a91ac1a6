"""Any PDF judged for a printer: what would be refused, cut off or printed wrongly, and where.

The file is a stranger's: it is opened in the sandbox alone, first for what it is made of, then for
how it looks. A PDF library is imported there only.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ebook_pipeline.books.printing.page_geometry import cover_geometry, page_geometry
from ebook_pipeline.books.printing.preflight import (
    content_rules,
    cover_rules,
    file_rules,
    interior_rules,
)
from ebook_pipeline.books.printing.preflight.facts import Box, Cut, DrawnFile, FileFacts
from ebook_pipeline.books.printing.preflight.finding_list import print_error
from ebook_pipeline.books.printing.preflight.job import (
    Layout,
    Part,
    PrintFinding,
    PrintJob,
    layout_of,
)
from ebook_pipeline.books.printing.print_rules import POINTS, Area, PaperKind
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, blocks
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Limits

__all__ = ["Part", "PreflightReport", "PrintJob", "preflight", "write_pictures"]

LIMITS = Limits(seconds=120, megabytes=900)
"""For one step; what the file itself takes comes on top, for it is mapped into memory."""


class PreflightReport(Record):
    """What was found. `heaviest_ink` is per cent of all inks where `ink_known`, else a floor."""

    job: PrintJob
    layout: Layout | None
    pages: int
    heaviest_ink: float
    ink_known: bool
    findings: tuple[PrintFinding, ...]

    @property
    def passes(self) -> bool:
        """No finding that keeps the printer from printing the book as it is meant."""
        return not blocks(self.plain_findings)

    @property
    def plain_findings(self) -> tuple[Finding, ...]:
        return tuple(found.finding for found in self.findings)


def preflight(path: Path, job: PrintJob) -> PreflightReport:
    """Judge the file at `path`.

    A file that asks for more than any book does is a finding (``sandbox.…``).
    """
    limits = replace(LIMITS, megabytes=LIMITS.megabytes + (path.stat().st_size >> 20))
    try:
        facts = sandbox.call(_examine, path, limits=limits)
    except BookError as error:
        return _report(job, FileFacts(bytes=0), None, [PrintFinding(finding=error.finding)])
    unopened = file_rules.unopened(facts)
    if unopened is not None:
        return _report(job, facts, None, [unopened])
    layout = layout_of(job, facts)
    try:
        drawn = sandbox.call(_draw, path, job, layout, limits=limits)
    except BookError as error:
        undrawn = PrintFinding(finding=error.finding)
        read = [*file_rules.check(facts, job), *content_rules.check(facts, job)]
        return _report(job, facts, layout, [*read, undrawn])
    return _report(job, facts, layout, judged(facts, drawn, job, layout))


def judged(facts: FileFacts, drawn: DrawnFile, job: PrintJob, layout: Layout) -> list[PrintFinding]:
    """All findings on a file that was read and drawn."""
    found = [*file_rules.check(facts, job), *content_rules.check(facts, job)]
    if not drawn.pages:
        text = "The pages can not be drawn: a part of the file that readers need is damaged."
        return [*found, print_error("not-drawn", text, "Export the PDF again.")]
    if job.part is Part.COVER:
        return [*found, *cover_rules.check(facts, drawn, job)]
    return [*found, *interior_rules.check(facts, drawn, job, layout)]


def write_pictures(path: Path, report: PreflightReport, folder: Path) -> list[str]:
    """Pictures of the pages with faults in `folder`, the faults framed; the names of the files."""
    frames: dict[int, list[Box | None]] = {}
    for found in report.findings:
        for mark in found.marks:
            frames.setdefault(mark.page, []).append(mark.box)
    if not frames:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    guides = {number: _guides(report, number) for number in frames}
    limits = replace(LIMITS, megabytes=LIMITS.megabytes + (path.stat().st_size >> 20))
    return sandbox.call(_picture, path, frames, guides, folder, limits=limits)


def _guides(report: PreflightReport, number: int) -> list[Box]:
    job, layout = report.job, report.layout
    if job.part is Part.COVER:
        return _cover_guides(job)
    if layout is None:
        return []
    geometry = page_geometry(job.rules, layout.trim, report.pages, number, bleed=layout.bleed)
    return [_points(geometry.trim), _points(geometry.safe)]


def _cover_guides(job: PrintJob) -> list[Box]:
    if job.trim is None or job.pages is None:
        return []
    paper = job.paper or PaperKind.PREMIUM_COLOUR
    try:
        geometry = cover_geometry(job.rules, job.trim, paper, job.pages)
    except BookError:
        return []
    return [_points(geometry.trim), _points(geometry.spine)]


def _points(area: Area) -> Box:
    return (area.left * POINTS, area.bottom * POINTS, area.right * POINTS, area.top * POINTS)


def _report(
    job: PrintJob, facts: FileFacts, layout: Layout | None, findings: Sequence[PrintFinding]
) -> PreflightReport:
    ordered = sorted(findings, key=lambda found: -found.finding.severity.rank)
    contents = [page.content for page in facts.pages]
    return PreflightReport(
        job=job,
        layout=layout,
        pages=facts.page_count,
        heaviest_ink=max((content.heaviest_ink for content in contents), default=0.0),
        ink_known=bool(contents) and all(c.ink_known and not c.transparent for c in contents),
        findings=tuple(ordered),
    )


def _examine(path: Path) -> FileFacts:
    from ebook_pipeline.books.printing.preflight import examination

    return examination.examine(path)


def _draw(path: Path, job: PrintJob, layout: Layout) -> DrawnFile:
    from ebook_pipeline.books.printing.preflight import drawn_pages

    return drawn_pages.draw(path, cut_of(job, layout))


def cut_of(job: PrintJob, layout: Layout) -> Cut:
    """The bleed of the four sides of odd and even pages: none at an interior's binding."""
    edge = job.rules.bleed * POINTS if layout.bleed or job.part is Part.COVER else 0.0
    if job.part is Part.COVER:
        return Cut(odd=(edge,) * 4, even=(edge,) * 4)
    return Cut(odd=(0.0, edge, edge, edge), even=(edge, edge, 0.0, edge))


def _picture(
    path: Path, frames: dict[int, list[Box | None]], guides: dict[int, list[Box]], folder: Path
) -> list[str]:
    from ebook_pipeline.books.printing.preflight import marked_pages

    return marked_pages.picture_pages(path, frames, guides, folder)
