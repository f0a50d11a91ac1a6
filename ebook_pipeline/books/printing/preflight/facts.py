"""What is measured of a PDF for print. Nothing here needs a PDF library.

Lengths are points. Boxes are left, bottom, right, top in the page's own coordinates (ISO 32000-2
§8.3.2.3), rotation not applied.
"""

from dataclasses import dataclass, field

Box = tuple[float, float, float, float]

MOST_MARKS = 12
"""Places of one kind on one page that are kept; the rest is no news."""


@dataclass
class PlacedImage:
    """A picture as a page shows it: pixels, and points of the two sides that it is stretched to."""

    box: Box
    pixels: tuple[int, int]
    sides: tuple[float, float]

    @property
    def dpi(self) -> float:
        """Pixels of an inch, in the direction that has fewer."""
        pairs = zip(self.pixels, self.sides, strict=True)
        return min(72 * pixels / max(side, 0.01) for pixels, side in pairs)


@dataclass
class Spot:
    """Something at a place: `measure` is what the kind of spot says, `words` its name."""

    box: Box
    measure: float = 0.0
    words: str = ""


@dataclass
class PageContent:
    """What the operators of one page paint, by what matters for print.

    `inks`: the heaviest fills that can be known, in percent of all inks together. `colours` are
    kinds of colour spaces: ``cmyk``, ``gray``, ``rgb``, ``lab``, ``icc``, ``spot``,
    ``registration``.
    """

    images: list[PlacedImage] = field(default_factory=list)
    inks: list[Spot] = field(default_factory=list)
    heaviest_ink: float = 0.0
    ink_known: bool = True
    colours: dict[str, Spot] = field(default_factory=dict)
    transparent: list[Spot] = field(default_factory=list)
    thin_lines: list[Spot] = field(default_factory=list)
    small_type: list[Spot] = field(default_factory=list)
    rich_type: list[Spot] = field(default_factory=list)
    white_overprint: list[Spot] = field(default_factory=list)
    missing: list[Spot] = field(default_factory=list)
    finished: bool = True


@dataclass
class PageFacts:
    """One page: its boxes as written (None where it has none), and its content."""

    number: int
    media: Box
    crop: Box | None = None
    bleed: Box | None = None
    trim: Box | None = None
    rotation: int = 0
    user_unit: float = 1.0
    annotations: list[Spot] = field(default_factory=list)
    content: PageContent = field(default_factory=PageContent)

    @property
    def size(self) -> tuple[float, float]:
        return self.media[2] - self.media[0], self.media[3] - self.media[1]


NO_PDF = "it is no PDF"
"""Why a file of another kind is unreadable."""


@dataclass
class FileFacts:
    """One PDF. `unembedded` are fonts with the first page that uses them."""

    bytes: int
    version: str = ""
    pages: list[PageFacts] = field(default_factory=list)
    page_count: int = 0
    encrypted: bool = False
    needs_password: bool = False
    unreadable: str = ""
    damaged: int = 0
    bookmarks: int = 0
    fields: int = 0
    attachments: int = 0
    layers: int = 0
    actions: int = 0
    unembedded: list[tuple[str, int]] = field(default_factory=list)
    pdfx: str = ""
    output_intent: bool = False


@dataclass
class WordRun:
    """A run of letters on a line, as pdfium reads them, and where they stand."""

    box: Box
    text: str


@dataclass
class DrawnPage:
    """One page as it looks, drawn at 72 dpi without its rotation.

    `edges` are the four sides (left, bottom, right, top): shares (0 to 1) of a side's length where
    there is ink at the cut and none at the sheet's own edge, for the bleed that was looked for, and
    shares where there is ink at the sheet's own edge.
    """

    number: int
    blank: bool
    words: list[WordRun] = field(default_factory=list)
    short_of_bleed: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    inked_edge: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass
class DrawnFile:
    """The pages that were drawn; `missed` are those that the time did not reach."""

    pages: list[DrawnPage] = field(default_factory=list)
    missed: int = 0


@dataclass(frozen=True)
class Cut:
    """The bleed, in points, of the sides left, bottom, right and top of odd and of even pages."""

    odd: tuple[float, float, float, float]
    even: tuple[float, float, float, float]

    def of(self, number: int) -> tuple[float, float, float, float]:
        return self.odd if number % 2 else self.even
