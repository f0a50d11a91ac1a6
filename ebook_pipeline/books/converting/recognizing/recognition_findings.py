"""What people are told of scans that a machine has read, or could not read."""

import statistics
from collections.abc import Sequence

from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedPage, Scans
from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted, listed

UNSURE_WORD = 0.7
"""Confidence of a word's least likely sign, 0 to 1, below which it is doubtful; chosen, and not
yet measured against errors."""
UNSURE_SHARE = 0.05
"""Share of a page's words, 0 to 1, that are doubtful, from which a person should look at it."""
_SHOWN_WORDS = 6
"""Doubtful words that a finding quotes."""


def of_pages(
    pages: Sequence[RecognizedPage], unread: Sequence[int], scans: Scans, engine: str
) -> tuple[Finding, ...]:
    """Who has read what, where it is doubtful, and which pages could not be read."""
    said = [_read(pages, scans, engine)] if pages else []
    unsure = [page for page in pages if unsure_share(page) >= UNSURE_SHARE]
    if unsure:
        said.append(_unsure(unsure))
    if unread:
        said.append(
            pdf_findings.warning(
                "convert.unread-pages",
                f"{counted(len(unread), 'scanned page')} could not be read within the limits.",
                "Scan them anew, or send the text.",
                pdf_findings.page_ranges(number + 1 for number in unread),
            )
        )
    return tuple(said)


def unsure_share(page: RecognizedPage) -> float:
    """Which share of the page's words is doubtful."""
    words = page.words
    return sum(word.confidence < UNSURE_WORD for word in words) / len(words) if words else 0.0


def _read(pages: Sequence[RecognizedPage], scans: Scans, engine: str) -> Finding:
    words = [word.confidence for page in pages for word in page.words]
    text = (
        f"{counted(len(pages), 'scanned page')} of {scans.total} were read by a machine"
        f" ({engine}): {counted(len(words), 'word')}, at a mean confidence of"
        f" {statistics.fmean(words or [0.0]):.2f}."
    )
    if scans.known_share is not None:
        text += (
            " The text that came with the scan was not used: its language knows only"
            f" {scans.known_share:.0%} of its words."
        )
    return pdf_findings.info("convert.recognised", text)


def _unsure(pages: Sequence[RecognizedPage]) -> Finding:
    words = [word.text for page in pages for word in page.words if word.confidence < UNSURE_WORD]
    shown = listed([f"“{word}”" for word in dict.fromkeys(words)][:_SHOWN_WORDS])
    return pdf_findings.warning(
        "convert.unsure-words",
        f"{counted(len(words), 'word')} on {counted(len(pages), 'page')} were read without"
        f" confidence: {shown}.",
        "Compare these pages of the EPUB with the scan, in the PDF.",
        pdf_findings.page_ranges(page.number + 1 for page in pages),
    )


def pictures(scans: Scans) -> Finding:
    """The pages are drawings or photographs."""
    return pdf_findings.info(
        "convert.picture-book",
        f"The {counted(len(scans.pages), 'scanned page')} hold pictures more than text: they were"
        " left as they are.",
    )


def no_engine(scans: Scans, language: str) -> Finding:
    """Nobody reads these letters."""
    named = f"in the language “{language}”" if language else "in a language that nobody has named"
    return pdf_findings.warning(
        "convert.not-recognised",
        f"{counted(len(scans.pages), 'scanned page')} {named} could not be read by a machine.",
        "State the book's language; other alphabets than Latin, Chinese and Japanese need Tesseract"
        " with that language.",
    )


def too_many(scans: Scans, most: int) -> Finding:
    """More scans than are read of one book."""
    return pdf_findings.warning(
        "convert.not-recognised",
        f"The book has {len(scans.pages)} scanned pages; up to {most} of a book are read.",
        "Send it in volumes, or with its text.",
    )
