"""What a PDF loses on the way to an EPUB, as findings."""

import re
from collections.abc import Iterable, Iterator

from ebook_pipeline.books.converting.from_pdf import watermarks
from ebook_pipeline.books.converting.from_pdf.book import PdfContent, RecoveredText
from ebook_pipeline.books.converting.from_pdf.pixel_budget import PixelBudget
from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.wording import counted, listed

_UNREADABLE_SHARE = 0.01
"""Share of the letters, 0 to 1, that may be without a meaning before their author is told."""

_JOINED = re.compile(r"\bن?می[آ-ی]{4,}|[آ-یگچپژک]{2,}ها(?:یی?|یم|یت|یش)?\b")
"""Persian words of parts that are joined: a verb behind its prefix, a plural before its ending."""
_FEWEST_JOINED = 3
"""Such words, from which a text is Persian rather than Arabic that happens to look so."""
_PERSIAN = re.compile("[گچپژکی]")


def findings(content: PdfContent, recovered: RecoveredText) -> Iterator[Finding]:
    """What the EPUB lacks, or has in another form."""
    yield _layout(content, recovered)
    if content.store.scans:
        yield _scanned(content.store.scans)
    for budget in (content.store.pixels.pictures, content.store.pixels.scanned):
        if budget.refused:
            yield _too_many_pixels(budget)
    if content.unreadable > _UNREADABLE_SHARE * content.letters:
        yield _unreadable(content.unreadable)
    joined = joined_words(line.text for page in content.pages for line in page.lines)
    if joined >= _FEWEST_JOINED:
        yield _joiners_lost(joined)
    if content.damaged:
        yield _damaged(content.damaged)
    if content.unseen:
        yield _unseen(content.unseen)
    yield from _left_out(content)


def _scanned(pages: int) -> Finding:
    return Finding(
        rule="convert.scanned",
        severity=Severity.WARNING,
        message=f"{pages} pages are scans with text that a machine read: the EPUB"
        " holds that text as it was read, without the pictures of the pages.",
        remedy="Have the text proofread.",
    )


def _too_many_pixels(budget: PixelBudget) -> Finding:
    return Finding(
        rule="convert.pixels",
        severity=Severity.WARNING,
        message=f"The pictures of the PDF have more than {budget.most:,} pixels together:"
        f" {counted(budget.refused, 'picture')} beyond that are not in the EPUB.",
        remedy="Export the PDF with pictures scaled to what the pages need: 300 dpi are plenty.",
    )


def _unreadable(letters: int) -> Finding:
    return Finding(
        rule="convert.unreadable-letters",
        severity=Severity.WARNING,
        message=f"{letters} letters are drawn without saying which letters they are:"
        " they are wrong or missing in the EPUB.",
        remedy="Export the PDF anew with fonts that have a Unicode table (ToUnicode).",
    )


def _joiners_lost(words: int) -> Finding:
    return Finding(
        rule="convert.joiners-lost",
        severity=Severity.WARNING,
        message=f"The PDF does not say where the parts of {words} Persian words stand apart"
        " (the zero-width non-joiner): they are joined in the EPUB.",
        remedy="Send the manuscript or an EPUB, which say it.",
    )


def _damaged(pages: int) -> Finding:
    return Finding(
        rule="convert.damaged-pages",
        severity=Severity.WARNING,
        message=f"{pages} pages of the PDF cannot be read and are not in the EPUB.",
        remedy="Export the PDF anew.",
    )


def _unseen(words: int) -> Finding:
    return Finding(
        rule="convert.unseen-text",
        severity=Severity.WARNING,
        message=f"{counted(words, 'word')} in the colour of the page can't be seen in"
        " the PDF, and stand in the EPUB.",
        remedy="Take out of the manuscript what no reader should see.",
    )


def joined_words(lines: Iterable[str]) -> int:
    """Persian words whose parts stand apart, in lines that never say so; 0 for other texts."""
    text = "\n".join(lines)
    if "\N{ZERO WIDTH NON-JOINER}" in text or not _PERSIAN.search(text):
        return 0
    return len(_JOINED.findall(text))


def _left_out(content: PdfContent) -> Iterator[Finding]:
    """What is dropped on purpose, with its size, and what is put into the text."""
    if content.left_out:
        names = listed([f"“{mark.text}”" for mark in content.left_out])
        pages = (number + 1 for mark in content.left_out for number in mark.pages)
        yield pdf_findings.info(
            "convert.watermark",
            f"Left out, for it is printed across or beside the text of pages: {names},"
            f" {counted(watermarks.words(content.left_out), 'word')}.",
            "Send the file without watermarks where readers would miss it.",
            pdf_findings.page_ranges(pages),
        )
    if content.furniture:
        yield pdf_findings.info(
            "convert.running-heads",
            f"Left out: {counted(content.furniture, 'word')} of running heads and page numbers,"
            " which only pages need.",
        )
    if content.outside:
        pages = (page.number + 1 for page in content.pages if page.outside)
        yield pdf_findings.info(
            "convert.outside-page",
            f"Left out: {counted(content.outside, 'word')} beyond the edge of what readers show"
            " (the crop box), as printers' marks are.",
            place=pdf_findings.page_ranges(pages),
        )
    if content.values:
        yield pdf_findings.info(
            "convert.form-values",
            f"{counted(content.values, 'filled form field')}: what was entered stands in the"
            " text, where nobody can change it.",
        )


def _layout(content: PdfContent, recovered: RecoveredText) -> Finding:
    basis = "tags" if recovered.tagged else "layout"
    losses = ["fonts, colours and positions"]
    if content.vertical:
        losses.append("the vertical setting")
    if content.readings:
        losses.append(f"{content.readings} small letters beside the columns (readings)")
    if content.store.lost:
        losses.append(
            f"{content.store.lost} pictures that are too large, damaged or not where the tags say"
        )
    if recovered.undescribed:
        losses.append(f"nothing says what {recovered.undescribed} pictures show")
    return Finding(
        rule="convert.pdf-layout",
        severity=Severity.INFO,
        message=f"The EPUB was made from the PDF's {basis}; lost: {'; '.join(losses)}.",
        remedy="Send the manuscript or an EPUB for a better one.",
    )
