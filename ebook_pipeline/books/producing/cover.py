"""The full-wrap cover: back, spine and front on one sheet, for the interior that was built."""

import io

import pikepdf

from ebook_pipeline.books.picture_books.finished_book import Page, PictureBook, TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import BLEED, bleed_box
from ebook_pipeline.books.picture_books.trim_sizes import Area as PointArea
from ebook_pipeline.books.picture_books.typefaces import TITLE_FAMILY, width
from ebook_pipeline.books.printing.page_geometry import CoverGeometry, cover_geometry
from ebook_pipeline.books.printing.print_rules import (
    POINTS,
    Area,
    CoverTemplate,
    PaperKind,
    PrinterRules,
)
from ebook_pipeline.books.producing.interior import placed, trim_of
from ebook_pipeline.books.producing.native_inks import in_colour, press_ready
from ebook_pipeline.books.producing.typst_pages import (
    Fill,
    PlacedPicture,
    PlacedWords,
    Sheet,
    set_pages,
)

_LARGEST_SPINE_TYPE = 14.0
"""Points."""
_NO_STRIP = 0.05
"""Points; a template's numbers are rounded."""
_SMALLEST_SPINE_TYPE = 6.0
"""Points; a spine that has not even room for these stays empty."""


def cover_pdf(
    book: PictureBook,
    interior: bytes,
    rules: PrinterRules,
    template: CoverTemplate | None = None,
) -> bytes:
    """The cover for `interior`, whose pages are counted in the file itself.

    Raises BookError (``print.no-template``) where the printer publishes no width of spine and no
    `template` says it.
    """
    geometry = cover_of(book, pages_of(interior), rules, template)
    sheet = _sheet(book, geometry)
    pdf = set_pages((sheet,), book.language)
    return press_ready(pdf, [(geometry.trim, geometry.sheet)], in_colour)


def cover_of(
    book: PictureBook, pages: int, rules: PrinterRules, template: CoverTemplate | None = None
) -> CoverGeometry:
    """Where the parts of the cover of so many pages lie."""
    return cover_geometry(rules, trim_of(book), PaperKind(book.paper), pages, template)


def pages_of(pdf: bytes) -> int:
    """The pages that a PDF has."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def _sheet(book: PictureBook, geometry: CoverGeometry) -> Sheet:
    """Front and back without the bleed at the spine, which is theirs on pages of a block only.

    What wraps boards beyond their bleed has the spine's colour.
    """
    whole = bleed_box(book.trim)
    y = (geometry.sheet.top - geometry.back.top) * POINTS - BLEED
    back, front = ((side.left * POINTS - BLEED, y) for side in (geometry.back, geometry.front))
    spine = _top_down(geometry.spine.model_copy(update={"bottom": 0, "top": geometry.sheet.top}))
    return Sheet(
        width=geometry.sheet.width * POINTS,
        height=geometry.sheet.height * POINTS,
        pictures=(
            _picture(book.cover.back, back, whole).model_copy(update={"cut_right": BLEED}),
            _picture(book.cover.front, front, whole).model_copy(update={"cut_left": BLEED}),
        ),
        fills=(
            Fill(
                x=spine.x,
                y=0,
                width=spine.width,
                height=geometry.sheet.height * POINTS,
                colour=book.cover.spine_colour,
            ),
            *_wrap(geometry, book.cover.spine_colour),
        ),
        words=(
            *(placed(block, back) for block in book.cover.back.blocks),
            *(placed(block, front) for block in book.cover.front.blocks),
            *_spine_words(book, geometry),
        ),
    )


def _picture(page: Page, at: tuple[float, float], whole: PointArea) -> PlacedPicture:
    return PlacedPicture(svg=page.colour, x=at[0], y=at[1], width=whole.width, height=whole.height)


def _wrap(geometry: CoverGeometry, colour: str) -> list[Fill]:
    """What a template has beyond the bleed on each side; nothing of a paperback."""
    width, height = geometry.sheet.width * POINTS, geometry.sheet.height * POINTS
    across = geometry.back.left * POINTS - BLEED
    upright = geometry.back.bottom * POINTS - BLEED
    strips = (
        (0.0, 0.0, across, height),
        (width - across, 0.0, across, height),
        (0.0, 0.0, width, upright),
        (0.0, height - upright, width, upright),
    )
    return [
        Fill(x=x, y=y, width=w, height=h, colour=colour)
        for x, y, w, h in strips
        if min(w, h) > _NO_STRIP
    ]


def _spine_words(book: PictureBook, geometry: CoverGeometry) -> tuple[PlacedWords, ...]:
    """The title down the spine, where the printer allows words and they have room."""
    if geometry.spine_text is None:
        return ()
    area = PointArea(
        x=geometry.spine_text.left * POINTS,
        y=(geometry.sheet.top - geometry.spine_text.top) * POINTS,
        width=geometry.spine_text.width * POINTS,
        height=geometry.spine_text.height * POINTS,
    )
    size = min(_LARGEST_SPINE_TYPE, area.width / 1.2)
    length = width(book.cover.spine_text, TITLE_FAMILY, size, bold=True)
    size *= min(1.0, 0.95 * area.height / max(length, 1.0))
    if size < _SMALLEST_SPINE_TYPE:
        return ()
    block = TextBlock(
        paragraphs=(book.cover.spine_text,),
        area=area,
        size=size,
        leading=size,
        family=TITLE_FAMILY,
        bold=True,
        ink=book.cover.spine_ink,
    )
    return (PlacedWords(block=block, x=area.x, y=area.y, turned=True),)


def _top_down(area: Area) -> PointArea:
    return PointArea(
        x=area.left * POINTS, y=0, width=area.width * POINTS, height=area.height * POINTS
    )
