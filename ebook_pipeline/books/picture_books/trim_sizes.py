"""Trim sizes that picture books are offered in.

KDP's list of paperback trims, https://kdp.amazon.com/help/topic/GVBQ3CMEQW3W2VL6.
"""

from enum import StrEnum

from ebook_pipeline.foundation.record import Record

POINTS_PER_INCH = 72.0
BLEED = 9.0
"""Points (0.125 in) of picture beyond the trim, on each of the four sides."""


class TrimSize(StrEnum):
    """Width by height of the trimmed page, in inches."""

    SQUARE_8_5 = "8.5x8.5"
    PORTRAIT_8_5_11 = "8.5x11"
    PORTRAIT_8_10 = "8x10"
    PORTRAIT_7_10 = "7x10"
    PORTRAIT_6_9 = "6x9"
    LANDSCAPE_8_25_6 = "8.25x6"
    LANDSCAPE_8_25_8_25 = "8.25x8.25"

    @property
    def width(self) -> float:
        """Points."""
        return float(self.value.partition("x")[0]) * POINTS_PER_INCH

    @property
    def height(self) -> float:
        """Points."""
        return float(self.value.partition("x")[2]) * POINTS_PER_INCH


class Area(Record):
    """A rectangle in page coordinates: points, origin at the top left of the bleed, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Of its width."""
        return self.x + self.width / 2

    def inset(self, by: float) -> "Area":
        """The area without a frame of `by` points."""
        return Area(
            x=self.x + by, y=self.y + by, width=self.width - 2 * by, height=self.height - 2 * by
        )

    def meets(self, other: "Area") -> bool:
        """Whether the two share more than an edge."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


def bleed_box(trim: TrimSize) -> Area:
    """The whole picture of a page: the trim and the bleed on four sides; begins at 0, 0."""
    return Area(x=0, y=0, width=trim.width + 2 * BLEED, height=trim.height + 2 * BLEED)


def trim_box(trim: TrimSize) -> Area:
    """What is left of the page after cutting."""
    return Area(x=BLEED, y=BLEED, width=trim.width, height=trim.height)
