"""Text that a page has and nobody sees: letters in the colour of what they are painted on."""

from typing import Any

from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from ebook_pipeline.books.converting.from_pdf.pixel_budget import PixelBudget, page_pixels

_LONGEST_SIDE = 800
"""Pixels of the longer side of a page that is drawn to be looked at."""
_FLAT = 6
"""Levels of grey, of 256, within which a place is of one colour."""


def count_unseen_words(page: Any, text: Page, budget: PixelBudget) -> int:
    """The words of lines in light letters where the page, drawn, shows nothing.

    `page` is pdfium's; it is drawn only where it has such letters. Pages that are read in another
    direction than they are shown in are not looked at.
    """
    pale = [line for line in text.lines if line.text.strip() and _pale(line)]
    if not pale or text.view is None or text.view.read != text.view.shown:
        return 0
    if not budget.take(page_pixels(page), pictures=0):
        return 0
    longest = max(text.width, text.height)
    scale = _LONGEST_SIDE / longest if longest > 0 else 1.0
    drawn = page.render(scale=scale, grayscale=True).to_numpy()
    return sum(len(line.text.split()) for line in pale if _is_flat(drawn, line, text, scale))


def _pale(line: Line) -> bool:
    return all(span.style.faint for span in line.spans if span.text.strip())


def _is_flat(drawn: Any, line: Line, text: Page, scale: float) -> bool:
    top, bottom = (round((text.height - y) * scale) for y in (line.top, line.bottom))
    left, right = round(line.left * scale), round(line.right * scale)
    place = drawn[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
    return bool(place.size) and int(place.max()) - int(place.min()) <= _FLAT
