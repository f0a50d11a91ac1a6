"""Pages with tiles or shadings drawn once: some of them are drawn without end.

ISO 32000-2 §8.7.3 (a pattern in a pattern), §8.7.4 (a function for each point). Nothing but time
tells: pdfium can't be interrupted within a pattern, so this runs in a child whose processor time is
bounded.
"""

from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium

from ebook_pipeline.books.formats.pdf import objects, opening

_MOST_PAGES = 20
"""Pages with patterns that are drawn."""
_SECONDS = 2
"""Of processor time after which no further page is begun."""
_LONGEST_SIDE = 400
"""Pixels of a page that is drawn for this."""
_TILING = 1


def draw(path: Path) -> None:
    """Draw the pages that have tiling patterns or shadings, small and into nothing."""
    try:
        with opening.opened(path) as pdf:
            numbers = list(_patterned(pdf))
        if not numbers:
            return
        document = opening.drawable(path)
    except (*objects.UNREADABLE, pdfium.PdfiumError):
        return
    budget = objects.TimeBudget(_SECONDS)
    with document:
        for number in numbers:
            if not budget.spent:
                _draw(document, number)


def _draw(document: pdfium.PdfDocument, number: int) -> None:
    try:
        page = document[number]
        page.render(scale=_LONGEST_SIDE / max(*page.get_size(), 1))
        page.close()
    except pdfium.PdfiumError:
        return  # whether it can be drawn at all is told elsewhere


def _patterned(pdf: pikepdf.Pdf) -> Iterator[int]:
    """The first pages, counted from 0, whose resources hold a tiling pattern or a shading."""
    found = 0
    for number, page in enumerate(pdf.pages):
        if _is_patterned(page.obj):
            yield number
            found += 1
        if found == _MOST_PAGES:
            return


def _is_patterned(page: pikepdf.Object) -> bool:
    if objects.dictionary(objects.entry(page, "/Resources", "/Shading")) is not None:
        return True
    patterns = objects.dictionary(objects.entry(page, "/Resources", "/Pattern"))
    names = () if patterns is None else patterns.keys()
    return any(objects.entry(patterns, name, "/PatternType") == _TILING for name in names)
