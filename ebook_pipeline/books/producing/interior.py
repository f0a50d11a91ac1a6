"""The inside of a picture book for a press, in colour or in black, page by page.

A sheet has bleed on three sides: of a picture's bleed on four, the binding's is left off the sheet.
"""

from ebook_pipeline.books.picture_books.finished_book import Page, PageKind, PictureBook, TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import BLEED, bleed_box
from ebook_pipeline.books.printing.page_geometry import page_geometry
from ebook_pipeline.books.printing.print_rules import POINTS, Area, PrinterRules, Trim
from ebook_pipeline.books.producing.native_inks import Inking, in_black, in_colour, press_ready
from ebook_pipeline.books.producing.typst_pages import PlacedPicture, PlacedWords, Sheet, set_pages

_BLACK = "#000000"


def interior_pdf(book: PictureBook, rules: PrinterRules) -> bytes:
    """The book's pages in four inks; an odd number gets a blank one at the end."""
    sheets = tuple(_sheet(book, page, page.colour, None) for page in _even(book))
    return _made(book, sheets, rules, in_colour)


def colouring_pdf(book: PictureBook, rules: PrinterRules) -> bytes:
    """The same pages as line drawings with their words, in black ink alone."""
    sheets = tuple(_sheet(book, page, page.line_art, _BLACK) for page in _even(book))
    return _made(book, sheets, rules, in_black)


def grey_pdf(book: PictureBook, rules: PrinterRules) -> bytes:
    """Pages that are lines already, in black ink alone; grey words stay grey."""
    sheets = tuple(_sheet(book, page, page.line_art, None) for page in _even(book))
    return _made(book, sheets, rules, in_black)


def page_pdf(book: PictureBook, page: Page, rules: PrinterRules) -> bytes:
    """One page in four inks, as it will be in the interior: for a look at it."""
    sheet = _sheet(book, page, page.colour, None)
    geometry = page_geometry(rules, trim_of(book), len(book.pages), page.number, bleed=True)
    pdf = set_pages((sheet,), book.language)
    return press_ready(pdf, [(geometry.trim, geometry.sheet)], in_colour)


def trim_of(book: PictureBook) -> Trim:
    """The book's trim in inches, as printers' rules have it."""
    return Trim(width=book.trim.width / POINTS, height=book.trim.height / POINTS)


def _even(book: PictureBook) -> tuple[Page, ...]:
    if len(book.pages) % 2 == 0:
        return book.pages
    number = len(book.pages) + 1
    return (*book.pages, Page(number=number, kind=PageKind.BACK, colour="", line_art=""))


def _made(
    book: PictureBook, sheets: tuple[Sheet, ...], rules: PrinterRules, inking: Inking
) -> bytes:
    boxes = [_boxes(book, rules, len(sheets), number) for number in range(1, len(sheets) + 1)]
    return press_ready(set_pages(sheets, book.language), boxes, inking)


def _boxes(book: PictureBook, rules: PrinterRules, pages: int, number: int) -> tuple[Area, Area]:
    geometry = page_geometry(rules, trim_of(book), pages, number, bleed=True)
    return geometry.trim, geometry.sheet


def _sheet(book: PictureBook, page: Page, svg: str, ink: str | None) -> Sheet:
    """One sheet; a right-hand page has no bleed at its left, a left-hand one none at its right."""
    whole = bleed_box(book.trim)
    off = -BLEED if page.number % 2 else 0.0
    picture = PlacedPicture(svg=svg, x=off, y=0, width=whole.width, height=whole.height)
    return Sheet(
        width=whole.width - BLEED,
        height=whole.height,
        pictures=(picture,) if svg else (),
        words=tuple(placed(block, (off, 0.0), ink) for block in page.blocks),
    )


def placed(block: TextBlock, by: tuple[float, float], ink: str | None = None) -> PlacedWords:
    """A block of a page moved `by` points, in `ink` where it is not its own."""
    inked = block.model_copy(update={"ink": ink}) if ink else block
    return PlacedWords(block=inked, x=block.area.x + by[0], y=block.area.y + by[1])
