"""How many pixels of a PDF's images are decoded: told from their sizes before any is."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pypdfium2 as pdfium

MOST_OF_BOOK = 1_000_000_000
"""Pixels of all images of a book that are decoded, those of a page drawn again counted again.
Drawn at 2400 pixels, JPEGs of 12 million take 9.6 ns for each, JBIG2 of 49 million 7.8."""
MOST_SCANNED = 10_000_000_000
"""Pixels of the pages of a scan, figures on them included, drawn at 1600 pixels, 6 ns for each: 600
pages of A5 at 600 dpi have 10.4 billion."""
_PIXELS_OF_A_BYTE = 20
"""Pixels that a book may have besides for each byte of its file, whose size is bounded too:
photographs as JPEG have 3 to 12 for a byte, so that a book of 500 keeps all."""
_DEEPEST = 15
"""Forms within forms in which images are looked for, as deep as pdfium looks."""


@dataclass
class PixelBudget:
    """What is left of a book's pixels; `refused` counts the pictures that had too many."""

    most: int
    left: int = field(init=False)
    refused: int = 0

    def __post_init__(self) -> None:
        self.left = self.most

    def take(self, pixels: int, pictures: int = 1) -> bool:
        """Whether so many may be decoded still, else so many pictures are lost."""
        if pixels > self.left:
            self.refused += pictures
            return False
        self.left -= pixels
        return True


@dataclass(frozen=True)
class PixelBudgets:
    """Pixels of a book's pages of a scan, and of all its other pictures."""

    pictures: PixelBudget
    scanned: PixelBudget

    @classmethod
    def of_file(cls, pdf: Path) -> "PixelBudgets":
        """The pixels of a small file, and those that its bytes allow for."""
        more = _PIXELS_OF_A_BYTE * pdf.stat().st_size
        return cls(PixelBudget(MOST_OF_BOOK + more), PixelBudget(MOST_SCANNED + more))


def page_pixels(page: "pdfium.PdfPage") -> int:
    """Pixels of the images that are decoded where the page is drawn."""
    import pypdfium2.raw as raw

    images = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST)
    total = 0
    for image in images:
        width, height = image.get_px_size()
        total += width * height
    return total
