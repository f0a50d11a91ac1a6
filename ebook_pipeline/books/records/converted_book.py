"""The forms that an edition is sold and read in."""

from pydantic import Field

from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import BlobRef, Record

TITLE_GUESSED = "convert.title-guessed"
"""The finding of a conversion that had to give the book its title."""


class CoverImages(Record):
    """The cover as found and with longest sides of 1600, 640 and 200 px at most, as sRGB.

    `alt` is the book's own, or made from title and author. Older records have no `large`.
    """

    original: BlobRef
    medium: BlobRef
    thumbnail: BlobRef
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    alt: str = ""
    large: BlobRef | None = None


class Manifestations(Record):
    """converted_book: the forms that one edition is sold and read in."""

    epub: BlobRef
    pdf: BlobRef
    text: BlobRef
    preview: BlobRef
    cover: CoverImages
    pages: int = Field(ge=1)
    engine: str
    findings: tuple[Finding, ...] = ()
    preview_page: BlobRef | None = None
    """The preview as one page of HTML; older records have none."""
