"""Frames: the ways in which a page shares its space between words and picture.

Coordinates are the page's: points, with bleed on all four sides.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from ebook_pipeline.books.picture_books.brief import AgeGroup
from ebook_pipeline.books.picture_books.drawing.colours import PAPER
from ebook_pipeline.books.picture_books.drawing.graph import Group, LineArtRole, Shape, group
from ebook_pipeline.books.picture_books.drawing.paths import area, number, plain, rectangle
from ebook_pipeline.books.picture_books.text_fitting import (
    TextStyle,
    balanced,
    height,
    lonely,
    widest,
)
from ebook_pipeline.books.picture_books.trim_sizes import BLEED, Area
from ebook_pipeline.books.picture_books.typefaces import TEXT_FAMILY

MARGIN = BLEED + 38.0
"""From the edge of the bleed to words, in points: more than KDP's 0.375 in from the trim."""
_SIZES = {
    AgeGroup.BABIES: 32.0,
    AgeGroup.PRESCHOOL: 23.0,
    AgeGroup.EARLY_READERS: 17.0,
    AgeGroup.MIDDLE: 14.0,
}
"""Points of the text on a page 8.5 in wide."""
_SMALLEST = 11.0
_MOST = 0.40
"""Share of the page's height that words may take before they get smaller."""
_PAD = 16.0
_SPACE = 8.0
"""A line that begins at its left may end with a space, and presses measure that too."""


class FrameKind(StrEnum):
    SKY = "words in the sky"
    BAND = "words below the picture, on paper with a wavy edge"
    TOP_BAND = "words above the picture, on paper with a wavy edge"
    CARD = "words on a card in the picture"
    VIGNETTE = "a round picture on paper, words below"
    VIGNETTE_LOW = "a round picture on paper, words above"
    COLUMN = "words beside the picture"
    BARE = "no words"


class Frame(NamedTuple):
    """`stage` is where figures may be, `words` where text is, `over` is drawn on the picture."""

    kind: FrameKind
    page: Area
    stage: Area
    words: Area
    style: TextStyle
    over: Group = group()


def frame(
    kind: FrameKind, page: Area, paragraphs: Sequence[str], age: AgeGroup, *, verso: bool
) -> Frame:
    """The page divided for these words; a verso has its column on the left."""
    if kind is FrameKind.BARE:
        style = TextStyle(family=TEXT_FAMILY, size=_SIZES[age])
        nowhere = Area(x=0, y=0, width=0, height=0)
        return Frame(kind, page, page.inset(BLEED + 10), nowhere, style)
    if kind is FrameKind.COLUMN:
        return _column(page, paragraphs, age, verso=verso)
    measure = page.width - 2 * MARGIN - (2 * _PAD if kind is FrameKind.CARD else 0)
    style = _fitting(paragraphs, age, measure, page.height * _MOST, page)
    style = _sociable(paragraphs, style, measure)
    tall = height(paragraphs, style, measure) + 2
    measure = balanced(paragraphs, style, measure)
    x = (page.width - measure) / 2
    top = Area(x=x, y=MARGIN, width=measure, height=tall)
    low = Area(x=x, y=page.height - MARGIN - tall, width=measure, height=tall)
    return {
        FrameKind.SKY: _sky,
        FrameKind.CARD: _card,
        FrameKind.BAND: _band,
        FrameKind.TOP_BAND: _top_band,
        FrameKind.VIGNETTE: _vignette,
        FrameKind.VIGNETTE_LOW: _vignette_low,
    }[kind](page, top if kind in _ABOVE else low, style)


_ABOVE = (FrameKind.SKY, FrameKind.CARD, FrameKind.TOP_BAND, FrameKind.VIGNETTE_LOW)


def _fitting(
    paragraphs: Sequence[str], age: AgeGroup, measure: float, most: float, page: Area
) -> TextStyle:
    """The age's size, or the largest at which words take `most` points and none is broken."""
    size = _SIZES[age] * min(1.0, 0.72 + 0.28 * page.width / 630)
    while size > _SMALLEST:
        style = TextStyle(family=TEXT_FAMILY, size=round(size, 1))
        fits = height(paragraphs, style, measure) <= most
        if fits and widest(paragraphs, style, measure) <= measure:
            return style
        size -= 0.5
    return TextStyle(family=TEXT_FAMILY, size=_SMALLEST)


def _sociable(paragraphs: Sequence[str], style: TextStyle, measure: float) -> TextStyle:
    """A little smaller where that saves a last word from standing alone, else as it is."""
    for smaller in (0.0, 0.5, 1.0, 1.5):
        tried = TextStyle(family=style.family, size=max(_SMALLEST, style.size - smaller))
        if not lonely(paragraphs, tried, balanced(paragraphs, tried, measure)):
            return tried
    return style


def _under(page: Area, y: float) -> Area:
    edge = BLEED + 10
    return Area(x=edge, y=y, width=page.width - 2 * edge, height=page.height - edge - y)


def _sky(page: Area, words: Area, style: TextStyle) -> Frame:
    return Frame(FrameKind.SKY, page, _under(page, words.bottom + 8), words, style)


def _card(page: Area, words: Area, style: TextStyle) -> Frame:
    back = Area(
        x=words.x - _PAD, y=words.y - 10, width=words.width + 2 * _PAD, height=words.height + 26
    )
    card = area(rectangle(back.x, back.y, back.width, back.height, 18), PAPER)
    return Frame(FrameKind.CARD, page, _under(page, back.bottom + 4), words, style, group(card))


def _band(page: Area, words: Area, style: TextStyle) -> Frame:
    y = words.y - _PAD - 6
    n, w = number, page.width
    wave = (
        f"M-9 {n(y + 8)}C{n(w * 0.18)} {n(y - 14)} {n(w * 0.34)} {n(y + 16)} "
        f"{n(w * 0.52)} {n(y + 2)}"
        f"S{n(w * 0.86)} {n(y - 10)} {n(w + 9)} {n(y + 6)}V{n(page.height + 9)}H-9Z"
    )
    edge = BLEED + 10
    stage = Area(x=edge, y=edge, width=w - 2 * edge, height=y - 8 - edge)
    return Frame(FrameKind.BAND, page, stage, words, style, group(plain(wave, PAPER)))


def _top_band(page: Area, words: Area, style: TextStyle) -> Frame:
    y = words.bottom + _PAD
    n, w = number, page.width
    wave = (
        f"M-9 {n(y)}C{n(w * 0.2)} {n(y + 20)} {n(w * 0.36)} {n(y - 10)} {n(w * 0.55)} {n(y + 6)}"
        f"S{n(w * 0.84)} {n(y + 16)} {n(w + 9)} {n(y)}V-9H-9Z"
    )
    over = group(plain(wave, PAPER))
    return Frame(FrameKind.TOP_BAND, page, _under(page, y + 14), words, style, over)


def _vignette(page: Area, words: Area, style: TextStyle) -> Frame:
    opening = Area(x=34, y=30, width=page.width - 68, height=words.y - 30 - 18)
    return round_picture(FrameKind.VIGNETTE, page, opening, words, style)


def _vignette_low(page: Area, words: Area, style: TextStyle) -> Frame:
    y = words.bottom + 18
    opening = Area(x=34, y=y, width=page.width - 68, height=page.height - 30 - y)
    return round_picture(FrameKind.VIGNETTE_LOW, page, opening, words, style)


def round_picture(
    kind: FrameKind, page: Area, opening: Area, words: Area, style: TextStyle
) -> Frame:
    """Paper with a soft-cornered hole: one path, filled by even and odd."""
    n, o = number, opening
    x, y, r, b = o.x, o.y, o.right, o.bottom
    cx, cy = (x + r) / 2, (y + b) / 2
    hole = (
        f"M{n(cx)} {n(y)}C{n(x + 20)} {n(y - 2)} {n(x - 2)} {n(y + 26)} {n(x)} {n(cy)}"
        f"S{n(x + 26)} {n(b + 2)} {n(cx)} {n(b)}S{n(r + 2)} {n(b - 22)} {n(r)} {n(cy)}"
        f"S{n(r - 16)} {n(y + 2)} {n(cx)} {n(y)}Z"
    )
    # Outer edge clockwise, hole counter-clockwise: both fill rules leave the hole open.
    paper = f"M-9 -9H{n(page.width + 9)}V{n(page.height + 9)}H-9Z{hole}"
    stage = Area(x=x + 26, y=y + 16, width=o.width - 52, height=o.height - 34)
    return Frame(kind, page, stage, words, style, group(Shape(paper, PAPER, LineArtRole.AREA)))


def _column(page: Area, paragraphs: Sequence[str], age: AgeGroup, *, verso: bool) -> Frame:
    wide = page.width * 0.34
    style = _fitting(paragraphs, age, wide, page.height - 2 * MARGIN, page)
    n, h = number, page.height
    tall = min(height(paragraphs, style, wide) + 2, page.height - 2 * MARGIN)
    y = max(MARGIN, (page.height - tall) / 2)
    edge = MARGIN + wide + 14 + (0 if verso else _SPACE)
    wave = (
        f"M-9 -9H{n(edge)}C{n(edge + 22)} {n(h * 0.2)} {n(edge - 14)} {n(h * 0.36)} "
        f"{n(edge + 4)} {n(h * 0.55)}"
        f"S{n(edge + 16)} {n(h * 0.85)} {n(edge)} {n(h + 9)}H-9Z"
    )
    outer = BLEED + 10
    if verso:
        words = Area(x=MARGIN, y=y, width=wide, height=tall)
        stage = Area(
            x=edge + 20, y=outer, width=page.width - edge - 20 - outer, height=h - 2 * outer
        )
        over = group(plain(wave, PAPER))
    else:
        words = Area(x=page.width - MARGIN - wide - _SPACE, y=y, width=wide, height=tall)
        stage = Area(x=outer, y=outer, width=page.width - edge - 20 - outer, height=h - 2 * outer)
        over = group(plain(wave, PAPER), at=(-1, 0, 0, 1, page.width, 0))
    return Frame(FrameKind.COLUMN, page, stage, words, style, over)
