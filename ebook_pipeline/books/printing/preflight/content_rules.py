"""What printers ask of all that is painted: pictures, inks, colours, transparency, lines, type."""

from collections.abc import Callable, Iterator, Sequence

from ebook_pipeline.books.printing.preflight.facts import FileFacts, PageContent, PlacedImage, Spot
from ebook_pipeline.books.printing.preflight.finding_list import (
    print_error,
    print_info,
    print_warning,
    spots_on,
)
from ebook_pipeline.books.printing.preflight.job import Mark, Part, PrintFinding, PrintJob
from ebook_pipeline.foundation.wording import counted

USELESS_DPI = 150
"""Pixels of an inch below which a picture is blurred at arm's length."""
_SMALLEST_INCH = 0.25
"""Inches of a picture's shorter side, below which it is an ornament."""
_SMALLEST_PIXELS = 8
"""Pixels of a picture's shorter side, below which it is a colour or a gradient's strip."""
_DPI_SLACK = 0.985
"""Share (0 to 1) of the asked-for resolution that passes: programs round sizes to pixels."""
_RESCAN = "Place the picture in more pixels, or smaller."
_CONVERT = "Convert to CMYK on export (in Acrobat: Print Production, Convert Colors)."

_Places = tuple[list[Mark], list[Spot]]


def check(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    """The findings on all pages' content."""
    yield from _pictures(facts, job)
    yield from _inks(facts, job)
    yield from _colours(facts, job)
    yield from _transparent(facts, job)
    yield from _lines_and_type(facts, job)
    unread = [page.number for page in facts.pages if not page.content.finished]
    if unread:
        text = f"{counted(len(unread), 'page')} could not be read to the end."
        remedy = "Look at these pages yourself, or simplify their drawings."
        yield print_warning("unchecked", text, remedy, [Mark(page=page) for page in unread])


def _pictures(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    wanted = job.rules.smallest_dpi
    for low, high, say in ((0, USELESS_DPI, print_error), (USELESS_DPI, wanted, print_warning)):
        marks, lowest = [], float(high)
        for page in facts.pages:
            for image in page.content.images:
                if _matters(image) and low <= image.dpi < high * _DPI_SLACK:
                    marks.append(Mark(page=page.number, box=image.box))
                    lowest = min(lowest, image.dpi)
        if marks:
            count = counted(len(marks), "picture")
            text = f"{count} with less than {high} dpi, down to {lowest:.0f}; {wanted} are wanted."
            yield say("low-resolution", text, _RESCAN, marks)


def _matters(image: PlacedImage) -> bool:
    return min(image.sides) >= _SMALLEST_INCH * 72 and min(image.pixels) >= _SMALLEST_PIXELS


def _inks(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    limit = job.rules.ink_limit
    heaviest = max((page.content.heaviest_ink for page in facts.pages), default=0.0)
    if limit is not None and heaviest > limit:
        marks, _ = _gathered(facts, lambda content: _above(content.inks, limit))
        text = f"Up to {heaviest:.0f} % of ink; {job.rules.title} prints {limit} % at most."
        remedy = f"Convert with a profile or a palette that keeps to {limit} %; black as K alone."
        yield print_error("ink", text, remedy, marks)
    heavy, _ = _gathered(facts, lambda content: _above(content.inks, 320))
    if limit is None and heavy:
        text = f"Up to {heaviest:.0f} % of ink: it dries badly and rubs off on the next page."
        yield print_warning("ink", text, "Keep to 300 % at most; black text as K alone.", heavy)


def _above(spots: Sequence[Spot], limit: float) -> list[Spot]:
    return [spot for spot in spots if spot.measure > limit]


def _colours(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    registration = _of_kind(facts, "registration")
    if registration:
        text = "Colour that prints on every plate (registration): meant for crop marks only."
        yield print_error("registration-colour", text, "Use black (K) for it.", registration)
    spots = _of_kind(facts, "spot")
    if spots:
        text = "Spot colours: the press has four inks and mixes them as it likes."
        yield print_warning("spot-colour", text, _CONVERT, spots)
    if job.rules.cmyk_only:
        yield from _only_cmyk(facts, job)
    inside = job.part is Part.INTERIOR  # covers are printed in colour always
    if inside and job.paper in job.rules.papers and job.rules.papers[job.paper].black:
        yield from _only_black(facts)


def _only_cmyk(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    for kind, name in (("rgb", "RGB"), ("lab", "Lab")):
        marks = _of_kind(facts, kind)
        if marks:
            text = f"{name} colours: {job.rules.title} prints from CMYK or grey."
            yield print_error("rgb", text, _CONVERT, marks)
    marks = _of_kind(facts, "icc")
    if marks:
        text = "Colours with a profile (ICC): black text with one prints too light."
        yield print_warning("icc", text, "Export without profiles.", marks)


def _only_black(facts: FileFacts) -> Iterator[PrintFinding]:
    marks = [mark for kind in ("rgb", "lab", "cmyk", "spot") for mark in _of_kind(facts, kind)]
    if marks:
        text = "Colour in a book that is printed in black: it becomes grey, perhaps too light."
        yield print_info("colour-in-black", text, "Convert to grey, and look at it.", marks)


def _of_kind(facts: FileFacts, kind: str) -> list[Mark]:
    marks = []
    for page in facts.pages:
        spot = page.content.colours.get(kind)
        if spot is not None:
            marks += spots_on(page.number, [spot])
    return marks


def _transparent(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    marks, spots = _gathered(facts, lambda content: content.transparent)
    if marks:
        reasons = ", ".join(sorted({spot.words for spot in spots})[:4])
        text = f"Transparency: {reasons}. What a press makes of it can not be foreseen."
        remedy = "Flatten transparency on export (PDF 1.3, PDF/X-1a or X-3)."
        say = print_error if job.rules.conformance.startswith("PDF/X-1a") else print_warning
        yield say("transparency", text, remedy, marks)
    marks, _ = _gathered(facts, lambda content: content.white_overprint)
    if marks:
        text = "White that overprints: it prints nothing, what lies below shows."
        yield print_error("white-overprint", text, "Switch overprinting off for white.", marks)


def _lines_and_type(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    thinnest, smallest = job.rules.thinnest_line, job.rules.smallest_type
    marks, spots = _gathered(facts, lambda content: _below(content.thin_lines, thinnest))
    if marks:
        text = f"Lines of {min(spot.measure for spot in spots):g} pt; {thinnest:g} pt print safely."
        yield print_warning("hairline", text, "Make these lines thicker.", marks)
    marks, spots = _gathered(facts, lambda content: _below(content.small_type, smallest))
    if marks:
        text = f"Type of {min(spot.measure for spot in spots):g} pt; {smallest:g} pt are the least."
        yield print_warning("small-type", text, "Set this text larger.", marks)
    marks, _ = _gathered(facts, lambda content: content.rich_type)
    if marks:
        text = "Small type in four inks: the slightest shift of a plate blurs it."
        yield print_warning("rich-type", text, "Set small type in black (K) alone.", marks)


def _below(spots: Sequence[Spot], limit: float) -> list[Spot]:
    return [spot for spot in spots if spot.measure < limit - 0.01]


def _gathered(facts: FileFacts, chosen: Callable[[PageContent], Sequence[Spot]]) -> _Places:
    """The marks and the spots of all pages."""
    marks: list[Mark] = []
    spots: list[Spot] = []
    for page in facts.pages:
        found = chosen(page.content)
        marks += spots_on(page.number, found)
        spots += found
    return marks, spots
