"""What a printer asks of a book's files: trims, bleed, gutter, pages by paper, spine, cover.

The numbers are data with their sources and the day they were read: ``print_rules.toml``. Lengths
are inches here as there; `POINTS` of them are one inch in a PDF.
"""

import functools
from datetime import date
from enum import StrEnum

from pydantic import Field

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import toml_beside

POINTS = 72.0
"""Points of an inch, ISO 32000-2 §8.3.2.3."""
LARGEST_WIDE = 8.12
"""Inches of a trim's width from which KDP binds fewer pages; 8.5 × 8.5 and 8.5 × 11 are so."""


class Printer(StrEnum):
    """Whose rules count."""

    KDP_PAPERBACK = "kdp-paperback"
    KDP_HARDCOVER = "kdp-hardcover"
    INGRAM = "ingram"


class PaperKind(StrEnum):
    """Ink and paper, as KDP offers them together."""

    WHITE = "white"
    CREAM = "cream"
    STANDARD_COLOUR = "standard-colour"
    PREMIUM_COLOUR = "premium-colour"


class Trim(Record):
    """The size of a finished page."""

    width: float = Field(ge=3, le=15)
    height: float = Field(ge=3, le=15)

    def __str__(self) -> str:
        return f"{self.width:g} x {self.height:g} in"


class Area(Record):
    """A rectangle in inches, from the left and lower edges of the sheet."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def grown(self, by: float) -> "Area":
        return Area(
            left=self.left - by,
            bottom=self.bottom - by,
            right=self.right + by,
            top=self.top + by,
        )


class Barcode(Record):
    """The place that the printer's barcode takes on the back cover, lower right."""

    width: float
    height: float
    from_edge: float


class CoverTemplate(Record):
    """What a printer's own template says of one cover: sheet and spine, in inches.

    The sheet is back, spine and front with their bleed, or with the wrap around a hardcover's
    boards.
    """

    width: float = Field(gt=0, le=60)
    height: float = Field(gt=0, le=40)
    spine: float = Field(ge=0, le=6)


class TrimRange(Record):
    """The sides of a trim of one's own."""

    width: tuple[float, float]
    height: tuple[float, float]


class Paper(Record):
    """`per_page` is the spine's growth; absent where the printer does not publish it.

    `cost` rows: up to so many pages, fixed and per page in USD, the same for large trims.
    """

    name: str
    per_page: float | None = None
    pages: tuple[int, int]
    pages_large: tuple[int, int]
    black: bool
    cost: tuple[tuple[int, float, float, float, float], ...] = ()


class Royalty(Record):
    """The author's share (0 to 1) of a price: `rate` from `from_price` USD on, else `below`."""

    from_price: float
    rate: float
    below: float

    def of(self, price: float) -> float:
        return self.rate if price >= self.from_price else self.below


class PrinterRules(Record):
    """All that one printer asks for."""

    title: str
    read: date
    sources: tuple[str, ...]
    unverified: tuple[str, ...] = ()
    trims: tuple[tuple[float, float], ...]
    custom_trim: TrimRange | None = None
    large_trim: tuple[float, float]
    bleed: float
    outside: float
    outside_with_bleed: float
    gutter: tuple[tuple[int, float], ...]
    cover_safety: float
    cover_safety_from_sheet: bool = False
    """Words keep away from the sheet's edge, not the cut: there is none, the sheet is wrapped."""
    hinge: float = 0.0
    """The groove beside a hardcover's spine, in which no words stand."""
    spine_text_from_pages: int
    spine_text_clear: float
    barcode: Barcode
    largest_megabytes: int
    smallest_dpi: int
    smallest_type: float
    thinnest_line: float
    ink_limit: int | None = None
    most_blank_pages: int
    cmyk_only: bool
    conformance: str = ""
    royalty: Royalty | None = None
    papers: dict[PaperKind, Paper]

    @property
    def cover_safety_from_cut(self) -> float:
        """How far words keep away from a cover's cut."""
        return 0.0 if self.cover_safety_from_sheet else self.cover_safety

    def takes(self, trim: Trim) -> bool:
        """Whether the printer has this trim, or binds trims of one's own that span it."""
        if any(abs(trim.width - w) < 0.011 and abs(trim.height - h) < 0.011 for w, h in self.trims):
            return True
        own = self.custom_trim
        return own is not None and (
            own.width[0] <= trim.width <= own.width[1]
            and own.height[0] <= trim.height <= own.height[1]
        )

    def page_limits(self, trim: Trim, paper: PaperKind) -> tuple[int, int] | None:
        """Fewest and most pages; None where the printer has no such paper."""
        kind = self.papers.get(paper)
        if kind is None:
            return None
        return kind.pages_large if trim.width > LARGEST_WIDE else kind.pages

    def gutter_of(self, pages: int) -> float:
        """The inside margin of a book of so many pages."""
        return next((width for most, width in self.gutter if pages <= most), self.gutter[-1][1])

    def spine_width(self, pages: int, paper: PaperKind) -> float | None:
        """Pages times the paper's thickness; None where it is not published."""
        kind = self.papers.get(paper)
        return None if kind is None or kind.per_page is None else pages * kind.per_page

    def sheet(self, trim: Trim, *, bleed: bool) -> tuple[float, float]:
        """Width and height of an interior page's sheet: bleed on three sides."""
        return (
            (trim.width + self.bleed, trim.height + 2 * self.bleed)
            if bleed
            else (trim.width, trim.height)
        )

    def printing_cost(self, trim: Trim, paper: PaperKind, pages: int) -> float | None:
        """US dollars for one copy; None where nothing is published for it."""
        kind = self.papers.get(paper)
        large = trim.width > self.large_trim[0] or trim.height > self.large_trim[1]
        for most, fixed, each, large_fixed, large_each in kind.cost if kind else ():
            if pages <= most:
                return large_fixed + pages * large_each if large else fixed + pages * each
        return None


@functools.cache
def rules_of(printer: Printer) -> PrinterRules:
    """The rules of `printer`."""
    return _read()[printer]


def _read() -> dict[Printer, PrinterRules]:
    tables = toml_beside(__file__, "print_rules.toml")
    return {Printer(name): PrinterRules.model_validate(table) for name, table in tables.items()}
