"""What printers ask of a book's inside: sheets, boxes, pages, bleed, the safe area."""

from collections.abc import Iterator

from ebook_pipeline.books.printing.page_geometry import page_geometry
from ebook_pipeline.books.printing.preflight.facts import (
    MOST_MARKS,
    Box,
    DrawnFile,
    DrawnPage,
    FileFacts,
    PageFacts,
)
from ebook_pipeline.books.printing.preflight.finding_list import (
    print_error,
    print_info,
    print_warning,
)
from ebook_pipeline.books.printing.preflight.job import (
    SIZE_SLACK,
    Layout,
    Mark,
    PrintFinding,
    PrintJob,
)
from ebook_pipeline.books.printing.print_rules import POINTS, Area, PaperKind
from ebook_pipeline.foundation.wording import counted

LEAST_SHARE = 0.01
"""Share (0 to 1) of a side's length from which colour at it counts."""
_TEXT_SLACK = 0.75
"""Points by which letters may stand outside: boxes of letters are rounded."""
_BOXES = "Set the page boxes in the layout program and export the PDF again."


def check(
    facts: FileFacts, drawn: DrawnFile, job: PrintJob, layout: Layout
) -> Iterator[PrintFinding]:
    """The findings on an interior."""
    yield from _trim(job, layout)
    yield from _sheets(facts, job, layout)
    yield from _boxes(facts, job, layout)
    yield from _page_count(facts, job, layout)
    yield from _blank(drawn, job)
    yield from _bleed(drawn, job, layout)
    yield from _safe(facts, drawn, job, layout)


def _trim(job: PrintJob, layout: Layout) -> Iterator[PrintFinding]:
    if not job.rules.takes(layout.trim):
        text = f"{job.rules.title} has no trim of {layout.trim}."
        names = ", ".join(f"{width:g} x {height:g}" for width, height in job.rules.trims)
        yield print_error("trim", text, f"Choose one of: {names} in.")


def _sheets(facts: FileFacts, job: PrintJob, layout: Layout) -> Iterator[PrintFinding]:
    wanted = job.rules.sheet(layout.trim, bleed=layout.bleed)
    other = job.rules.sheet(layout.trim, bleed=not layout.bleed)
    wrong: list[Mark] = []
    spreads: list[Mark] = []
    mixed: list[Mark] = []
    for page in facts.pages:
        if _measures(page, wanted):
            continue
        pile = mixed if _measures(page, other) else spreads if _is_spread(page, layout) else wrong
        pile.append(Mark(page=page.number))
    sheet = f"{wanted[0]:g} x {wanted[1]:g} in"
    with_bleed = "with bleed" if layout.bleed else "without bleed"
    if wrong:
        size = _said(facts.pages[wrong[0].page - 1])
        text = f"{counted(len(wrong), 'page')} of another size ({size}) than {sheet}."
        yield print_error("page-size", text, f"Make every page {sheet}.", wrong)
    if mixed:
        text = f"The pages are {with_bleed}, but {counted(len(mixed), 'page')} not."
        yield print_error("mixed-bleed", text, f"Make every page {sheet}.", mixed)
    if spreads:
        text = f"{counted(len(spreads), 'double page')}: printers want single pages."
        yield print_error("spreads", text, "Export pages, not spreads.", spreads)


def _measures(page: PageFacts, wanted: tuple[float, float]) -> bool:
    scale = page.user_unit
    size = [side * scale for side in page.size]
    if page.rotation % 180 == 90:
        size.reverse()
    return all(
        abs(side - POINTS * inches) <= SIZE_SLACK for side, inches in zip(size, wanted, strict=True)
    )


def _is_spread(page: PageFacts, layout: Layout) -> bool:
    width, height = page.size
    double = abs(width / POINTS - 2 * layout.trim.width) <= 0.3
    return double and abs(height / POINTS - layout.trim.height) <= 0.3


def _said(page: PageFacts) -> str:
    width, height = (side / POINTS for side in page.size)
    return f"{width:.3f} x {height:.3f} in"


def _boxes(facts: FileFacts, job: PrintJob, layout: Layout) -> Iterator[PrintFinding]:
    cropped = [
        Mark(page=page.number, box=page.crop)
        for page in facts.pages
        if page.crop is not None and not _same(page.crop, page.media)
    ]
    if cropped:
        text = f"{counted(len(cropped), 'page')} cropped: some printers see the whole sheet."
        yield print_error("crop-box", text, "Make the sheet itself that size.", cropped)
    turned = [Mark(page=page.number) for page in facts.pages if page.rotation]
    if turned:
        text = f"{counted(len(turned), 'page')} turned by a mark only: presses ignore such marks."
        yield print_warning("rotated", text, "Turn the page's content itself.", turned)
    scaled = [Mark(page=page.number) for page in facts.pages if page.user_unit != 1]
    if scaled:
        text = f"{counted(len(scaled), 'page')} measured in a unit of their own."
        yield print_error("user-unit", text, "Export at the true size.", scaled)
    yield from _trim_boxes(facts, job, layout)


def _trim_boxes(facts: FileFacts, job: PrintJob, layout: Layout) -> Iterator[PrintFinding]:
    wrong, outside = [], []
    for page in facts.pages:
        geometry = page_geometry(
            job.rules, layout.trim, len(facts.pages), page.number, bleed=layout.bleed
        )
        if page.trim is None or not _measures(
            page, job.rules.sheet(layout.trim, bleed=layout.bleed)
        ):
            continue
        if _same(page.trim, page.media):
            continue
        if not _same(page.trim, on_page(geometry.trim, page), 2.0):
            wrong.append(Mark(page=page.number, box=page.trim))
        if page.bleed is not None and not _holds(page.bleed, page.trim):
            outside.append(Mark(page=page.number, box=page.bleed))
    if wrong:
        text = f"{counted(len(wrong), 'page')} with a trim box that is not where the cut will be."
        yield print_error("trim-box", text, _BOXES, wrong)
    if outside:
        text = f"{counted(len(outside), 'page')} with a bleed box smaller than the trim."
        yield print_error("bleed-box", text, _BOXES, outside)


def _page_count(facts: FileFacts, job: PrintJob, layout: Layout) -> Iterator[PrintFinding]:
    pages, kind = facts.page_count, job.paper or _likely_paper(facts)
    limits = job.rules.page_limits(layout.trim, kind)
    if limits is None:
        text = f"{job.rules.title} has no {kind} paper."
        yield print_error("paper", text, f"Choose one of: {', '.join(job.rules.papers)}.")
        return
    name = job.rules.papers[kind].name
    if not limits[0] <= pages <= limits[1]:
        bound = f"{limits[0]} to {limits[1]} are bound"
        text = f"{counted(pages, 'page')}: {job.rules.title}, {name}: {bound}."
        remedy = "Add pages, or choose another paper." if pages < limits[0] else "Split the book."
        yield print_error("page-count", text, remedy)
    if pages % 2:
        text = f"{counted(pages, 'page')} are an odd number: a blank page is added at the end."
        yield print_warning("odd-pages", text, "Make the number even yourself.")
    if job.paper is None:
        text = f"Judged for {name}, by the colours of the pages."
        yield print_info("assumed-paper", text, "Say the paper with --paper.")


def _likely_paper(facts: FileFacts) -> PaperKind:
    coloured = {"rgb", "cmyk", "lab", "spot"}
    if any(coloured & page.content.colours.keys() for page in facts.pages):
        return PaperKind.PREMIUM_COLOUR
    return PaperKind.WHITE


def _blank(drawn: DrawnFile, job: PrintJob) -> Iterator[PrintFinding]:
    run: list[int] = []
    longest: list[int] = []
    for page in drawn.pages:
        follows = bool(run) and page.number == run[-1] + 1
        run = ([*run, page.number] if follows else [page.number]) if page.blank else []
        longest = max(longest, run, key=len)
    if len(longest) > job.rules.most_blank_pages:
        text = f"{counted(len(longest), 'blank page')} in a row look like a fault."
        remedy = f"Leave {job.rules.most_blank_pages} in a row at most."
        yield print_warning("blank-pages", text, remedy, [Mark(page=page) for page in longest])


def _bleed(drawn: DrawnFile, job: PrintJob, layout: Layout) -> Iterator[PrintFinding]:
    short, edge = [], []
    for page in drawn.pages:
        if layout.bleed and max(page.short_of_bleed) >= LEAST_SHARE:
            short.append(Mark(page=page.number, box=None))
        binding = 0 if page.number % 2 else 2
        outer = [share for side, share in enumerate(page.inked_edge) if side != binding]
        if not layout.bleed and max(outer) >= LEAST_SHARE:
            edge.append(Mark(page=page.number))
    inches = f"{job.rules.bleed:g} in"
    if short:
        text = f"{counted(len(short), 'page')} where colour ends at the cut: a white edge shows."
        remedy = f"Let it run {inches} beyond the cut, to the edge of the sheet."
        yield print_error("bleed-missing", text, remedy, short)
    if edge:
        text = f"{counted(len(edge), 'page')} coloured to the edge, on sheets without bleed."
        width, height = job.rules.sheet(layout.trim, bleed=True)
        remedy = f"Make the sheets {width:g} x {height:g} in and let colour run {inches} over."
        yield print_error("no-bleed", text, remedy, edge)
    if drawn.missed:
        text = f"{counted(drawn.missed, 'page')} could not be drawn."
        yield print_warning("unchecked", text, "Look at the pages yourself.")


def _safe(
    facts: FileFacts, drawn: DrawnFile, job: PrintJob, layout: Layout
) -> Iterator[PrintFinding]:
    cut, close = [], []
    for page in drawn.pages:
        sheet = facts.pages[page.number - 1]
        if not _measures(sheet, job.rules.sheet(layout.trim, bleed=layout.bleed)):
            continue
        geometry = page_geometry(
            job.rules, layout.trim, facts.page_count, page.number, bleed=layout.bleed
        )
        trim, safe = on_page(geometry.trim, sheet), on_page(geometry.safe, sheet)
        cut += _outside(page, trim)
        close += [mark for mark in _outside(page, safe) if mark not in cut]
    if cut:
        text = f"Words beyond the cut on {_on(cut)}: they are cut off."
        yield print_error("text-cut", text, "Move them inside of the safe area.", cut)
    if close:
        margins = _margins(job, layout, facts.page_count)
        text = f"Words too near to the edge or the binding on {_on(close)}."
        yield print_error("safe-area", text, f"Keep margins of {margins}.", close)


def _outside(page: DrawnPage, area: Box) -> list[Mark]:
    return [
        Mark(page=page.number, box=words.box)
        for words in page.words
        if not _holds(area, words.box, _TEXT_SLACK)
    ][:MOST_MARKS]


def _on(marks: list[Mark]) -> str:
    return counted(len({mark.page for mark in marks}), "page")


def _margins(job: PrintJob, layout: Layout, pages: int) -> str:
    outside = job.rules.outside_with_bleed if layout.bleed else job.rules.outside
    return f"{job.rules.gutter_of(pages):g} in at the binding and {outside:g} in elsewhere"


def on_page(area: Area, page: PageFacts) -> Box:
    """An area of the sheet, in inches, as a box in the page's own points."""
    left, bottom = page.media[:2]
    scale = POINTS / page.user_unit
    return (
        left + area.left * scale,
        bottom + area.bottom * scale,
        left + area.right * scale,
        bottom + area.top * scale,
    )


def _same(first: Box, second: Box, slack: float = SIZE_SLACK) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(first, second, strict=True))


def _holds(outer: Box, inner: Box, slack: float = SIZE_SLACK) -> bool:
    low = all(inner[side] >= outer[side] - slack for side in (0, 1))
    return low and all(inner[side] <= outer[side] + slack for side in (2, 3))
