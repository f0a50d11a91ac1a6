"""What a backdrop is asked for, and what it gives."""

from typing import NamedTuple

from ebook_pipeline.books.picture_books.drawing.graph import Group
from ebook_pipeline.books.picture_books.trim_sizes import BLEED, Area

CLEAR_OF_CUT = BLEED + 15.0
"""Points from the edges of the sheet where nothing ends: a line at the cut looks cut off."""


class View(NamedTuple):
    """What the picture shows: the page, where horizon and feet are, points per unit of figures.

    Nothing that draws the eye lies in `free`; nothing at all rises into `words`; no tree grows out
    of one of `heads`; nothing large stands before `figures` and what they hold.
    """

    page: Area
    horizon: float
    feet: float
    unit: float
    free: tuple[Area, ...] = ()
    words: Area | None = None
    heads: tuple[Area, ...] = ()
    figures: tuple[Area, ...] = ()


class Backdrop(NamedTuple):
    """`behind` the figures and `before` them."""

    behind: Group
    before: Group
