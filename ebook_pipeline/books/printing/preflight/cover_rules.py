"""What printers ask of a full-wrap cover: size by the spine, bleed, barcode, words on it."""

import re
from collections.abc import Iterator

from ebook_pipeline.books.printing.page_geometry import CoverGeometry, cover_geometry
from ebook_pipeline.books.printing.preflight.facts import Box, DrawnFile, FileFacts, WordRun
from ebook_pipeline.books.printing.preflight.finding_list import (
    print_error,
    print_info,
    print_warning,
)
from ebook_pipeline.books.printing.preflight.interior_rules import LEAST_SHARE, on_page
from ebook_pipeline.books.printing.preflight.job import SIZE_SLACK, Mark, PrintFinding, PrintJob
from ebook_pipeline.books.printing.print_rules import POINTS, PaperKind, Trim
from ebook_pipeline.foundation.errors import BookError

_DIGITS = re.compile(r"[\d\s\->ISBNisbn:$€£.,]*")
"""What stands in and below a barcode."""


def check(facts: FileFacts, drawn: DrawnFile, job: PrintJob) -> Iterator[PrintFinding]:
    """The findings on a cover; `job` says trim, paper and pages of its book."""
    if facts.page_count != 1:
        text = f"A cover is one page with back, spine and front; this has {facts.page_count}."
        yield print_error("cover-pages", text, "Put the three side by side on one page.")
        return
    yield from _edges(drawn)
    if job.trim is None or job.pages is None:
        text = "Its size and spine were not judged: trim and pages of the book are not known."
        yield print_info("cover-unknown", text, "Say them with --trim and --pages.")
        return
    try:
        geometry = cover_geometry(
            job.rules,
            job.trim,
            job.paper or PaperKind.PREMIUM_COLOUR,
            job.pages,
            job.template,
        )
    except BookError as error:
        told = print_error if error.finding.rule == "print.template" else print_info
        yield told(error.finding.rule.removeprefix("print."), str(error), error.finding.remedy)
        return
    yield from _size(facts, geometry, job.trim, job.pages)
    yield from _words(facts, drawn, job, geometry)


def _size(
    facts: FileFacts, geometry: CoverGeometry, trim: Trim, pages: int
) -> Iterator[PrintFinding]:
    width, height = (side / POINTS for side in facts.pages[0].size)
    sheet = geometry.sheet
    slack = SIZE_SLACK / POINTS
    if abs(width - sheet.width) > slack or abs(height - sheet.height) > slack:
        text = (
            f"The cover measures {width:.3f} x {height:.3f} in; for {trim} and {pages} pages it is "
            f"{sheet.width:.3f} x {sheet.height:.3f} in, the spine {geometry.spine.width:.3f} in."
        )
        remedy = "Make the cover for the pages of the interior as it was built."
        yield print_error("cover-size", text, remedy, [Mark(page=1)])


def _edges(drawn: DrawnFile) -> Iterator[PrintFinding]:
    for page in drawn.pages:
        if max(page.short_of_bleed) >= LEAST_SHARE:
            text = "Colour ends at the cut of the cover: a white edge shows."
            remedy = "Let it run to the edge of the sheet on all four sides."
            yield print_error("bleed-missing", text, remedy, [Mark(page=1)])


def _words(
    facts: FileFacts, drawn: DrawnFile, job: PrintJob, geometry: CoverGeometry
) -> Iterator[PrintFinding]:
    words = [words for page in drawn.pages for words in page.words]
    sheet = facts.pages[0]
    spine = on_page(geometry.spine, sheet)
    on_spine = [run for run in words if _lies_in(run.box, spine)]
    yield from _spine_text(on_spine, job, geometry, facts)
    code = on_page(geometry.barcode, sheet)
    covered = [run for run in words if _meets(run.box, code) and not _DIGITS.fullmatch(run.text)]
    if covered:
        text = "Words where the printer's barcode goes."
        where = f"{geometry.barcode.width:g} x {geometry.barcode.height:g} in"
        remedy = f"Leave {where} free at the lower right of the back."
        yield print_error("barcode", text, remedy, _marks(covered))
    panels = [on_page(area, sheet) for area in geometry.safe(job.rules)]
    near = [
        run
        for run in words
        if run not in on_spine and not any(_holds(panel, run.box) for panel in panels)
    ]
    if near:
        text = "Words too near to an edge or to the spine."
        remedy = f"Keep {job.rules.cover_safety:g} in from cut and fold."
        yield print_error("safe-area", text, remedy, _marks(near))


def _spine_text(
    on_spine: list[WordRun], job: PrintJob, geometry: CoverGeometry, facts: FileFacts
) -> Iterator[PrintFinding]:
    if on_spine and geometry.spine_text is None:
        least = job.rules.spine_text_from_pages
        text = f"Words on a spine of {job.pages} pages; {least} are needed."
        yield print_error("spine-text", text, "Leave the spine without words.", _marks(on_spine))
        return
    if geometry.spine_text is None:
        return
    safe = on_page(geometry.spine_text, facts.pages[0])
    wide = [run for run in on_spine if not _holds(safe, run.box)]
    if wide:
        text = "Words on the spine too near to its folds."
        remedy = f"Keep {job.rules.spine_text_clear:g} in from both folds: set them smaller."
        yield print_warning("spine-text", text, remedy, _marks(wide))


def _marks(words: list[WordRun]) -> list[Mark]:
    return [Mark(page=1, box=run.box) for run in words]


def _lies_in(box: Box, area: Box) -> bool:
    """Whether its middle does."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def _meets(first: Box, second: Box) -> bool:
    apart = first[2] <= second[0] or second[2] <= first[0]
    return not (apart or first[3] <= second[1] or second[3] <= first[1])


def _holds(outer: Box, inner: Box, slack: float = 0.75) -> bool:
    low = all(inner[side] >= outer[side] - slack for side in (0, 1))
    return low and all(inner[side] <= outer[side] + slack for side in (2, 3))
