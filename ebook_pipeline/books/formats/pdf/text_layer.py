"""What the pages show, as pdfium sees them: text, scans with or without text, pictures' resolution.

A sample of the pages stands for all; which pages, only the book's length decides.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ebook_pipeline.books.formats.pdf import objects, places
from ebook_pipeline.books.formats.pdf.facts import Looks
from ebook_pipeline.foundation.findings import Finding

SAMPLED = 40
SECONDS = 10
FEWEST_DPI = 150
_INVISIBLE = 3
_MOST_OBJECTS = 20_000
_COVERS = 0.6
_SMALLEST_INCH = 1.0
_GARBLED = 0.2
_RECOGNISE = "Run text recognition (OCR), or submit the manuscript that was scanned."


@dataclass
class _Page:
    """One page: what is on it, and where it is."""

    number: int
    words: int = 0
    letters: int = 0
    garbled: float = 0
    texts: int = 0
    invisible: int = 0
    pictures: int = 0
    covered: float = 0
    drawn: int = 0
    lowest_dpi: float = math.inf

    @property
    def has_text(self) -> bool:
        return self.letters > 0

    @property
    def is_scan(self) -> bool:
        """A picture that makes up the page."""
        return self.pictures > 0 and (self.covered >= _COVERS or not self.has_text)

    @property
    def is_recognised(self) -> bool:
        """A scan with invisible text over it (render mode 3, ISO 32000-2 §9.3.6)."""
        return self.has_text and self.is_scan and self.invisible >= max(1, self.texts * 0.9)


def check(path: Path) -> tuple[Looks, list[Finding]]:
    """Up to forty pages, spread over the book; what pdfium can not open has no text."""
    try:
        with pdfium.PdfDocument(path) as document:
            total = len(document)
            seen = list(_sampled(document, total))
    except pdfium.PdfiumError:
        text = "The pages can not be drawn: a part of the file that readers need is damaged."
        return Looks(), [places.warning("pdf.not-drawn", text, places.RESAVE)]
    looks = _looks(seen, total)
    return looks, [*_text_findings(seen, looks), *_picture_findings(seen)]


def sample(total: int, most: int = SAMPLED) -> list[int]:
    """Up to `most` page numbers from 0, first and last among them."""
    if total <= most:
        return list(range(total))
    return sorted({round(place * (total - 1) / (most - 1)) for place in range(most)})


def _sampled(document: pdfium.PdfDocument, total: int) -> Iterator[_Page]:
    budget = objects.Budget(SECONDS)
    for number in sample(total):
        if budget.spent:
            return
        try:
            yield _read(document, number)
        except pdfium.PdfiumError:
            yield _Page(number + 1)


def _read(document: pdfium.PdfDocument, number: int) -> _Page:
    page = document[number]
    found = _Page(number + 1)
    try:
        text_page = page.get_textpage()
        try:
            _read_text(text_page.get_text_bounded(), found)
        finally:
            text_page.close()
        area = max(page.get_width() * page.get_height(), 1.0)
        for count, thing in enumerate(page.get_objects(max_depth=5)):
            if count >= _MOST_OBJECTS:
                break
            _read_object(thing, area, found)
    finally:
        page.close()
    return found


def _read_text(text: str, found: _Page) -> None:
    found.words = len(text.split())
    found.letters = sum(letter.isalnum() for letter in text)
    solid = [letter for letter in text if not letter.isspace()]
    broken = sum(letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff" for letter in solid)
    found.garbled = broken / len(solid) if solid else 0
    if broken and not found.letters:
        found.letters = broken


def _read_object(thing: pdfium.PdfObject, area: float, found: _Page) -> None:
    if thing.type == raw.FPDF_PAGEOBJ_TEXT:
        found.texts += 1
        found.invisible += raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
    elif thing.type == raw.FPDF_PAGEOBJ_IMAGE:
        found.pictures += 1
        if thing.level == 0 and isinstance(thing, pdfium.PdfImage):
            _read_picture(thing, area, found)
    elif thing.type != raw.FPDF_PAGEOBJ_FORM:
        found.drawn += 1


def _read_picture(picture: pdfium.PdfImage, area: float, found: _Page) -> None:
    matrix = picture.get_matrix()
    width, height = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    found.covered += width * height / area
    pixels_wide, pixels_high = picture.get_px_size()
    if min(width, height) < _SMALLEST_INCH * 72 or min(pixels_wide, pixels_high) < 8:
        return
    dpi = min(pixels_wide / (width / 72), pixels_high / (height / 72))
    found.lowest_dpi = min(found.lowest_dpi, dpi)


def _looks(seen: list[_Page], total: int) -> Looks:
    low = min((page.lowest_dpi for page in seen), default=math.inf)
    return Looks(
        sampled=len(seen),
        with_text=sum(page.has_text for page in seen),
        scanned=sum(page.is_scan and not page.has_text for page in seen),
        recognised=sum(page.is_recognised for page in seen),
        blank=sum(not (page.has_text or page.pictures or page.drawn) for page in seen),
        words=round(sum(page.words for page in seen) * total / len(seen)) if seen else 0,
        lowest_dpi=round(low) if low < math.inf else None,
    )


def _text_findings(seen: list[_Page], looks: Looks) -> Iterator[Finding]:
    if seen and not looks.with_text:
        blank = looks.blank == len(seen)
        what = "The pages are empty." if blank else "The pages are pictures without text: "
        text = what if blank else f"{what}nothing can be searched or read aloud."
        yield places.warning("pdf.no-text", text, _RECOGNISE)
    elif looks.scanned:
        yield from _pictures_only(seen)
    if looks.recognised:
        where = places.pages(page.number for page in seen if page.is_recognised)
        text = f"{_of(looks.recognised, seen)} are scans with recognised text behind them."
        remedy = "Proofread the text: searching, reading aloud and the EPUB depend on it."
        yield places.warning("pdf.recognised-text", text, remedy, where)
    garbled = [page.number for page in seen if page.garbled >= _GARBLED]
    if garbled:
        text = f"{_of(len(garbled), seen)} have text that comes out as signs without meaning."
        remedy = "Export the PDF again from its source with ordinary (Unicode) fonts."
        yield places.warning("pdf.garbled-text", text, remedy, places.pages(garbled))


def _pictures_only(seen: list[_Page]) -> Iterator[Finding]:
    """Plates are no fault, nor are covers; a book that is pictures for the most part is a scan."""
    bare = [page.number for page in seen[1:-1] if page.is_scan and not page.has_text]
    if bare:
        mostly = len(bare) * 2 > len(seen)
        say = places.warning if mostly else places.info
        text = f"{_of(len(bare), seen)} are pictures without text."
        yield say("pdf.pages-without-text", text, _RECOGNISE, places.pages(bare))


def _picture_findings(seen: list[_Page]) -> Iterator[Finding]:
    coarse = [page for page in seen if page.lowest_dpi < FEWEST_DPI]
    if coarse:
        lowest = min(page.lowest_dpi for page in coarse)
        text = (
            f"{_of(len(coarse), seen)} show pictures of less than {FEWEST_DPI} dpi, down to "
            f"{lowest:.0f} dpi: they look blurred or jagged."
        )
        remedy = "Place the pictures in a higher resolution (300 dpi for print)."
        where = places.pages(page.number for page in coarse)
        yield places.warning("pdf.low-resolution", text, remedy, where)


def _of(count: int, seen: list[_Page]) -> str:
    return f"{count} of {places.counted(len(seen), 'page')} looked at"
