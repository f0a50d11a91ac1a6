"""Where things lie on a sheet: trim, bleed and safe area of a page; the parts of a full cover."""

from ebook_pipeline.books.printing.print_rules import (
    Area,
    CoverTemplate,
    PaperKind,
    PrinterRules,
    Trim,
)
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.record import Record


class PageGeometry(Record):
    """One interior page, in inches from the sheet's lower left corner."""

    sheet: Area
    trim: Area
    safe: Area


class CoverGeometry(Record):
    """A full-wrap cover, seen from outside: back, spine, front from left to right."""

    sheet: Area
    trim: Area
    back: Area
    spine: Area
    front: Area
    barcode: Area
    spine_text: Area | None

    def safe(self, rules: PrinterRules) -> tuple[Area, Area]:
        """Where words may stand on back and front."""
        edge = self.sheet if rules.cover_safety_from_sheet else self.trim
        clear = edge.grown(-rules.cover_safety)
        fold = max(rules.hinge, rules.cover_safety_from_cut)
        return (
            clear.model_copy(update={"right": self.back.right - fold}),
            clear.model_copy(update={"left": self.front.left + fold}),
        )


def page_geometry(
    rules: PrinterRules, trim: Trim, pages: int, number: int, *, bleed: bool
) -> PageGeometry:
    """Page `number` of so many, counted from 1: odd pages are right-hand, bound at their left."""
    width, height = rules.sheet(trim, bleed=bleed)
    recto, edge = number % 2 == 1, rules.bleed if bleed else 0.0
    left = 0.0 if recto or not bleed else edge
    area = Area(left=left, bottom=edge, right=left + trim.width, top=edge + trim.height)
    outside = rules.outside_with_bleed if bleed else rules.outside
    gutter = rules.gutter_of(pages)
    safe = Area(
        left=area.left + (gutter if recto else outside),
        right=area.right - (outside if recto else gutter),
        bottom=area.bottom + outside,
        top=area.top - outside,
    )
    return PageGeometry(sheet=Area(left=0, bottom=0, right=width, top=height), trim=area, safe=safe)


def cover_geometry(
    rules: PrinterRules,
    trim: Trim,
    paper: PaperKind,
    pages: int,
    template: CoverTemplate | None = None,
) -> CoverGeometry:
    """The cover of an interior of so many pages, by the printer's `template` where it is given.

    Raises BookError: ``print.no-template`` where the printer alone knows how wide its spine is,
    ``print.template`` where the template is of another book.
    """
    spine, across, upright = _measures(rules, trim, paper, pages, template)
    low, high = upright, upright + trim.height
    back = Area(left=across, bottom=low, right=across + trim.width, top=high)
    middle = Area(left=back.right, bottom=low, right=back.right + spine, top=high)
    front = Area(left=middle.right, bottom=low, right=middle.right + trim.width, top=high)
    return CoverGeometry(
        sheet=Area(left=0, bottom=0, right=front.right + across, top=high + upright),
        trim=Area(left=across, bottom=low, right=front.right, top=high),
        back=back,
        spine=middle,
        front=front,
        barcode=_barcode(rules, back),
        spine_text=_spine_text(rules, middle, pages),
    )


_LARGEST_WRAP = 1.5
"""Inches beyond the trim that a template may have: no printer's wrap is wider."""


def _measures(
    rules: PrinterRules,
    trim: Trim,
    paper: PaperKind,
    pages: int,
    template: CoverTemplate | None,
) -> tuple[float, float, float]:
    """Inches: the spine, and what lies beyond the trim at the sides, and above and below."""
    if template is not None:
        across = (template.width - 2 * trim.width - template.spine) / 2
        upright = (template.height - trim.height) / 2
        if not all(rules.bleed - 0.01 <= edge <= _LARGEST_WRAP for edge in (across, upright)):
            text = f"A cover of {template.width:g} x {template.height:g} in with a spine of "
            text += f"{template.spine:g} in is of another trim than {trim}."
            raise BookError("print.template", text, remedy="Say the template of this very book.")
        return template.spine, across, upright
    spine = rules.spine_width(pages, paper)
    if spine is None:
        text = f"{rules.title} publishes no width of spine by pages."
        remedy = "Say what the printer's own cover template has, with --template and --spine."
        raise BookError("print.no-template", text, remedy=remedy)
    return spine, rules.bleed, rules.bleed


def _barcode(rules: PrinterRules, back: Area) -> Area:
    code = rules.barcode
    right, bottom = back.right - code.from_edge, back.bottom + code.from_edge
    return Area(left=right - code.width, bottom=bottom, right=right, top=bottom + code.height)


def _spine_text(rules: PrinterRules, spine: Area, pages: int) -> Area | None:
    """Where the spine may have words; None below the printer's number of pages."""
    if pages < rules.spine_text_from_pages:
        return None
    clear = rules.spine_text_clear
    clear_ends = rules.cover_safety_from_cut
    return Area(
        left=spine.left + clear,
        right=spine.right - clear,
        bottom=spine.bottom + clear_ends,
        top=spine.top - clear_ends,
    )
