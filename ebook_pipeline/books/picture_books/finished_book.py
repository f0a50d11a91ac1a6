"""A picture book as it is made: its pages, each with words, a colour picture and a line drawing.

Coordinates: points (1/72 in), y downwards, origin at the top left of the *bleed box*. The trim
lies at (9, 9), as the bleed is 9 pt (0.125 in) on all four sides, the inner one too; whoever prints
cuts the inner one off. Every SVG has ``viewBox="0 0 W H"`` with W and H of the bleed box and is
scaled by nothing else, so that a text's area and the picture below it have one measure. SVGs hold
`path` and `g` (with `transform`), opaque fills and strokes in ``#rrggbb``, no text, gradient,
opacity, clip, filter, style sheet or raster picture.
"""

from enum import StrEnum
from typing import Literal

from ebook_pipeline.books.picture_books.brief import AgeGroup, BookKind, Language, Paper
from ebook_pipeline.books.picture_books.trim_sizes import Area, TrimSize
from ebook_pipeline.foundation.record import Record


class PageKind(StrEnum):
    """What a page is for; `COLOURING` is a picture alone, `BACK` the empty back of one."""

    TITLE = "title"
    CREDITS = "credits"
    STORY = "story"
    COLOURING = "colouring"
    BACK = "back"
    ENDING = "ending"


class TextBlock(Record):
    """Words on a page, set by the typesetter inside `area`, which they fit at `size`.

    `size` and `leading` (line to line) are points; between paragraphs lies half a line more. `ink`
    is ``#rrggbb``, on the colour page; line art has black words. `family` is a family of
    `typefaces`. `vertical` says where the words stand in the area.
    """

    paragraphs: tuple[str, ...]
    area: Area
    size: float
    leading: float
    family: str
    bold: bool = False
    ink: str = "#2b2320"
    align: Literal["left", "center"] = "center"
    vertical: Literal["top", "middle"] = "middle"


class Page(Record):
    """One page, its words and its picture in two forms; `number` counts from 1, a recto."""

    number: int
    kind: PageKind
    blocks: tuple[TextBlock, ...] = ()
    colour: str
    """SVG."""
    line_art: str
    """SVG: white with black lines."""
    alt: str = ""
    """The picture in words, in the book's language; empty where it only adorns."""


class CoverArt(Record):
    """Front and back as pages of the same coordinates; the typesetter puts the spine between them.

    The back leaves the lower right free of anything for the barcode, 2 × 1.2 in.
    """

    front: Page
    back: Page
    spine_colour: str
    spine_ink: str
    spine_text: str


class Credit(Record):
    """Who made a part of the book, as its credits page and KDP's form say it."""

    part: Literal["text", "pictures", "translation"]
    maker: str
    """A sentence in the book's language, such as "written from templates, no AI"."""
    model: str = ""
    ai: Literal["none", "assisted", "generated"] = "none"


class PictureBook(Record):
    """The finished book, from which print, EPUB and kits are made."""

    title: str
    subtitle: str = ""
    author: str
    language: Language
    kind: BookKind
    age_group: AgeGroup
    trim: TrimSize
    paper: Paper
    pages: tuple[Page, ...]
    cover: CoverArt
    credits: tuple[Credit, ...]
    description: str
    """The blurb, in the book's language."""
    keywords: tuple[str, ...] = ()
    dedication: str = ""
    series: str = ""
    volume: int = 0
    """Its number in the series, 0 for none."""
    seed: int = 0
