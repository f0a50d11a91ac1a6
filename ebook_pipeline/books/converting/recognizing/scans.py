"""Which pages of a PDF must be read by a machine: scans without text, or with text that is bad.

That text is bad is measured, not believed: most words of a good one are known to its language.
Runs in the sandbox.
"""

import contextlib
import re
from pathlib import Path

import pypdfium2 as pdfium

from ebook_pipeline.books.converting.recognizing.recognizer import Scans
from ebook_pipeline.books.formats.pdf import opening, text_layer

MOST_LOOKED_AT = 5000
"""Pages."""
_STAMPED_LETTERS = 60
"""Letters on a scan up to which they are a stamp or a page number, and not its text."""
_KNOWN_SHARE = 0.7
"""Share of a text's words, 0 to 1, that its language knows, below which it is bad: in the corpus'
16 novels 0.91 to 0.97, with one letter in ten wrong 0.59 to 0.66."""
_FEWEST_WORDS = 150
"""Words from which such a share tells something."""
_MOST_WORDS = 3000
_WORD = re.compile(r"[^\W\d_]{3,}")


def find_scans(pdf: Path, language: str) -> Scans:
    """The scans of `pdf` that have to be read; `language` is what the submission says, or empty.

    Raises BookError (``pdf.unreadable``).
    """
    document = opening.drawn(pdf)
    try:
        bare, recognised, words = _looked_at(document)
        told = language or _stated_language(pdf)
        share = known_share(words, told) if len(words) >= _FEWEST_WORDS else None
        bad = share is not None and share < _KNOWN_SHARE
        pages = sorted([*bare, *recognised] if bad else bare)
        return Scans(tuple(pages), len(document), told, share if bad else None)
    finally:
        document.close()


def _looked_at(document: pdfium.PdfDocument) -> tuple[list[int], list[int], list[str]]:
    """Scans without text, scans with text, and words of the latter."""
    bare: list[int] = []
    recognised: list[int] = []
    words: list[str] = []
    for number in range(min(len(document), MOST_LOOKED_AT)):
        facts = _facts(document, number)
        if facts is None:
            continue
        if facts.is_recognised and facts.letters > _STAMPED_LETTERS:
            recognised.append(number)
            if len(words) < _MOST_WORDS:
                words += _words(document, number)
        elif facts.is_scan and facts.letters <= _STAMPED_LETTERS:
            bare.append(number)
    return bare, recognised, words


def _facts(document: pdfium.PdfDocument, number: int) -> text_layer.PageFacts | None:
    """What is on a page that may be a scan; its text is read of no other."""
    try:
        with contextlib.closing(document[number]) as page:
            return text_layer.facts_of(page, number) if text_layer.may_show_pictures(page) else None
    except pdfium.PdfiumError:
        return None


def _words(document: pdfium.PdfDocument, number: int) -> list[str]:
    page = document[number]
    text = page.get_textpage()
    try:
        return _WORD.findall(text.get_text_bounded())
    finally:
        text.close()
        page.close()


def known_share(words: list[str], language: str) -> float | None:
    """Which share of `words` its language knows; None where there is no list of its words.

    Without `language` it is told by the words themselves.
    """
    import wordfreq

    from ebook_pipeline.books.language_detection import detected_language

    tag = language.split("-")[0] or detected_language(" ".join(words))
    if tag not in wordfreq.available_languages("small"):
        return None
    known = sum(wordfreq.zipf_frequency(word.lower(), tag, "small") > 0 for word in words)
    return known / len(words)


def _stated_language(pdf: Path) -> str:
    import pikepdf

    from ebook_pipeline.books.formats.pdf import objects, opening
    from ebook_pipeline.books.language_tags import language_tag

    try:
        with opening.opened(pdf) as tree:
            return language_tag(objects.text(tree.Root.get("/Lang")))
    except (pikepdf.PdfError, *objects.UNREADABLE):
        return ""
