"""What pages show, as pdfium reads them: text, scans with or without text, pictures' resolution.

A sample of the pages stands for all; which pages, only the book's length decides.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ebook_pipeline.books.formats.pdf import objects, opening, pdf_findings
from ebook_pipeline.books.formats.pdf.facts import PageSample
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted

MOST_SAMPLED = 40
"""Pages of a book that are looked at."""
SECONDS = 10
"""Of processor time for the sample."""
LOWEST_DPI = 150
"""Pixels an inch below which a picture is called coarse; print asks for 300."""
_BROKEN = re.compile("[\ufffd\ue000-\uf8ff]")
"""Characters that stand for none."""
_INVISIBLE = 3
"""The text render mode that paints nothing, ISO 32000-2 §9.3.6."""
_MOST_OBJECTS = 20_000
"""Objects of one page."""
_HOLDS_PICTURES = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM)
_COVERS = 0.6
"""Share of a page, 0 to 1, from which pictures make it a scan; chosen by trial on the corpus."""
_MOSTLY_INVISIBLE = 0.9
"""Share of a scan's text objects, 0 to 1, that are invisible if its text was recognised."""
_SMALLEST_INCH = 1.0
"""Inches of a picture's shorter side, below which its resolution does not matter."""
_SMALLEST_PIXELS = 8
"""Pixels of a picture's shorter side, below which it is a colour or a pattern."""
_GARBLED = 0.2
"""Share of a page's letters, 0 to 1, without a meaning in Unicode, from which it is garbled."""
_RECOGNISE = "Run text recognition (OCR), or submit the manuscript that was scanned."


@dataclass
class PageFacts:
    """One page: what is on it, and where it is."""

    number: int
    drawable: bool = True
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
        return (
            self.has_text
            and self.is_scan
            and self.invisible >= max(1, self.texts * _MOSTLY_INVISIBLE)
        )


def check(path: Path) -> tuple[PageSample, list[Finding]]:
    """Up to forty pages, spread over the book; what pdfium can not open has no text."""
    try:
        with opening.drawable(path) as document:
            total = len(document)
            seen = list(_sampled(document, total))
    except pdfium.PdfiumError:
        text = "The pages can not be drawn: a part of the file that readers need is damaged."
        return PageSample(), [pdf_findings.error("pdf.not-drawn", text, pdf_findings.RESAVE)]
    sample = _facts(seen, total)
    return sample, [*_undrawn(seen), *_text_findings(seen, sample), *_picture_findings(seen)]


def sample_pages(total: int, most: int = MOST_SAMPLED) -> list[int]:
    """Up to `most` page numbers from 0, first and last among them."""
    if total <= most:
        return list(range(total))
    return sorted({round(place * (total - 1) / (most - 1)) for place in range(most)})


def _sampled(document: pdfium.PdfDocument, total: int) -> Iterator[PageFacts]:
    budget = objects.TimeBudget(SECONDS)
    for number in sample_pages(total):
        if budget.spent:
            return
        try:
            yield page_facts(document, number)
        except pdfium.PdfiumError:
            yield PageFacts(number + 1, drawable=False)


def page_facts(document: pdfium.PdfDocument, number: int) -> PageFacts:
    """The page `number` from 0. Raises PdfiumError where it cannot be loaded."""
    page = document[number]
    try:
        return facts_of(page, number)
    finally:
        page.close()


def may_show_pictures(page: pdfium.PdfPage) -> bool:
    """Whether it has an image, or a form that may hold one: no other page is a scan."""
    objects_of_page = range(min(raw.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS))
    return any(
        raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page.raw, number)) in _HOLDS_PICTURES
        for number in objects_of_page
    )


def facts_of(page: pdfium.PdfPage, number: int) -> PageFacts:
    """The same of a loaded page."""
    facts = PageFacts(number + 1)
    text_page = page.get_textpage()
    try:
        _read_text(text_page.get_text_bounded(), facts)
    finally:
        text_page.close()
    area = max(page.get_width() * page.get_height(), 1.0)
    for count, thing in enumerate(page.get_objects(max_depth=5)):
        if count >= _MOST_OBJECTS:
            break
        _read_object(thing, area, facts)
    return facts


def _read_text(text: str, page: PageFacts) -> None:
    page.words = len(text.split())
    page.letters = sum(map(str.isalnum, text))
    broken = len(_BROKEN.findall(text))
    page.garbled = broken / len("".join(text.split())) if broken else 0
    if broken and not page.letters:
        page.letters = broken


def _read_object(thing: pdfium.PdfObject, area: float, page: PageFacts) -> None:
    if thing.type == raw.FPDF_PAGEOBJ_TEXT:
        page.texts += 1
        page.invisible += raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
    elif thing.type == raw.FPDF_PAGEOBJ_IMAGE:
        page.pictures += 1
        if thing.level == 0 and isinstance(thing, pdfium.PdfImage):
            _read_picture(thing, area, page)
    elif thing.type != raw.FPDF_PAGEOBJ_FORM:
        page.drawn += 1


def _read_picture(picture: pdfium.PdfImage, area: float, page: PageFacts) -> None:
    matrix = picture.get_matrix()
    width, height = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    page.covered += width * height / area
    pixels_wide, pixels_high = picture.get_px_size()
    if min(width, height) < _SMALLEST_INCH * 72 or min(pixels_wide, pixels_high) < _SMALLEST_PIXELS:
        return
    dpi = min(pixels_wide / (width / 72), pixels_high / (height / 72))
    page.lowest_dpi = min(page.lowest_dpi, dpi)


def _facts(seen: list[PageFacts], total: int) -> PageSample:
    low = min((page.lowest_dpi for page in seen), default=math.inf)
    return PageSample(
        sampled=len(seen),
        with_text=sum(page.has_text for page in seen),
        scanned=sum(page.is_scan and not page.has_text for page in seen),
        recognised=sum(page.is_recognised for page in seen),
        blank=sum(not (page.has_text or page.pictures or page.drawn) for page in seen),
        words=round(sum(page.words for page in seen) * total / len(seen)) if seen else 0,
        lowest_dpi=round(low) if low < math.inf else None,
    )


def _undrawn(seen: list[PageFacts]) -> Iterator[Finding]:
    undrawn = [page.number for page in seen if not page.drawable]
    if undrawn:
        text = f"{_of(len(undrawn), seen)} can not be drawn: readers show nothing of them."
        where = pdf_findings.page_ranges(undrawn)
        yield pdf_findings.error("pdf.not-drawn", text, pdf_findings.RESAVE, where)


def _text_findings(seen: list[PageFacts], sample: PageSample) -> Iterator[Finding]:
    if seen and not sample.with_text:
        blank = sample.blank == len(seen)
        what = "The pages are empty." if blank else "The pages are pictures without text: "
        text = what if blank else f"{what}nothing can be searched or read aloud."
        yield pdf_findings.warning("pdf.no-text", text, _RECOGNISE)
    elif sample.scanned:
        yield from _pictures_only(seen)
    if sample.recognised:
        where = pdf_findings.page_ranges(page.number for page in seen if page.is_recognised)
        text = f"{_of(sample.recognised, seen)} are scans with recognised text behind them."
        remedy = "Proofread the text: searching, reading aloud and the EPUB depend on it."
        yield pdf_findings.warning("pdf.recognised-text", text, remedy, where)
    garbled = [page.number for page in seen if page.garbled >= _GARBLED]
    if garbled:
        text = f"{_of(len(garbled), seen)} have text that comes out as signs without meaning."
        remedy = "Export the PDF again from its source with ordinary (Unicode) fonts."
        yield pdf_findings.warning(
            "pdf.garbled-text", text, remedy, pdf_findings.page_ranges(garbled)
        )


def _pictures_only(seen: list[PageFacts]) -> Iterator[Finding]:
    """Plates and covers are no fault; a book that is mostly pictures is a scan."""
    bare = [page.number for page in seen[1:-1] if page.is_scan and not page.has_text]
    if bare:
        mostly = len(bare) * 2 > len(seen)
        say = pdf_findings.warning if mostly else pdf_findings.info
        text = f"{_of(len(bare), seen)} are pictures without text."
        yield say("pdf.pages-without-text", text, _RECOGNISE, pdf_findings.page_ranges(bare))


def _picture_findings(seen: list[PageFacts]) -> Iterator[Finding]:
    coarse = [page for page in seen if page.lowest_dpi < LOWEST_DPI]
    if coarse:
        lowest = min(page.lowest_dpi for page in coarse)
        text = (
            f"{_of(len(coarse), seen)} show pictures of less than {LOWEST_DPI} dpi, down to "
            f"{lowest:.0f} dpi: they look blurred or jagged."
        )
        remedy = "Place the pictures in a higher resolution (300 dpi for print)."
        where = pdf_findings.page_ranges(page.number for page in coarse)
        yield pdf_findings.warning("pdf.low-resolution", text, remedy, where)


def _of(count: int, seen: list[PageFacts]) -> str:
    return f"{count} of {counted(len(seen), 'page')} looked at"
