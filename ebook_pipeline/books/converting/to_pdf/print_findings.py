"""The findings on what a reader of the PDF misses; warnings send the book to a person."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator

from ebook_pipeline.books.converting.to_pdf.spine_part import PrintLosses
from ebook_pipeline.foundation.findings import Finding, Severity

LEAST_SHARE = 0.98
"""Share of a book's letters, 0 to 1, that its PDF must show."""
_FEWEST_LETTERS = 50
"""Letters of a book, below which the share tells nothing."""
_MOST_NAMED = 5


def loss_findings(losses: PrintLosses) -> Iterator[Finding]:
    """What had to be left out when the book became one document."""
    if losses.remote:
        text = f"Not in the PDF, for it lies outside the book: {_some(sorted(losses.remote))}."
        yield _warning("convert.remote", text, "Put the resource into the book.")
    if losses.media:
        yield _note(
            "convert.media",
            f"{losses.media} sounds or films are not in the PDF; what the book offers instead is.",
        )
    for name in losses.repaired:
        message = "The document is not well-formed: it was read as far as it goes."
        yield _note("convert.repaired", message, name)


def size_findings(narrowed: int, cut: bool) -> Iterator[Finding]:
    """Things wider or higher than the page."""
    if narrowed:
        message = f"{narrowed} tables, pictures or formulas were made smaller to fit the page."
        yield _note("convert.narrowed", message)
    if cut:
        yield _warning(
            "convert.wide",
            "Something in the book is wider than the page, even at its smallest.",
            "Give wide parts no fixed width, or break them into several.",
        )


def link_findings(dangling: int) -> Iterator[Finding]:
    """Links and entries of the table of contents without a place to lead to."""
    if dangling:
        yield _warning(
            "convert.links",
            f"{dangling} links lead to places that are not in the reading order of the book: "
            "in the PDF they lead to the start of the chapter, or nowhere.",
            "Correct the links, or put the documents that they name into the spine.",
        )


def letter_findings(wanted: Counter[str], shown: Counter[str]) -> Iterator[Finding]:
    """Text that did not get onto the pages: a book's letters against those of its PDF."""
    share = share_found(wanted, shown)
    if share < LEAST_SHARE:
        yield _warning(
            "convert.text-lost",
            f"Only {share:.1%} of the book's letters are on the PDF's pages.",
            "Look for text that the style sheet hides, or that lies outside a fixed page.",
        )


def share_found(wanted: Counter[str], shown: Counter[str]) -> float:
    """The share of the letters and digits `wanted` that is among those `shown`, whatever case.

    It is 1 for books of a few letters: their text is in pictures.
    """
    book, pdf = _letters(wanted), _letters(shown)
    total = book.total()
    return (book & pdf).total() / total if total >= _FEWEST_LETTERS else 1.0


def font_findings(unembedded: Collection[str]) -> Iterator[Finding]:
    """Fonts that a reader's machine would have to have."""
    if unembedded:
        message = f"Fonts are not embedded in the PDF: {_some(sorted(unembedded))}."
        yield _warning("convert.font-not-embedded", message, "Use a font that may be embedded.")


def _letters(texts: Counter[str]) -> Counter[str]:
    letters: Counter[str] = Counter()
    for text, count in texts.items():
        for letter in unicodedata.normalize("NFKD", text).casefold():
            if letter.isalnum():
                letters[letter] += count
    return letters


def _some(names: list[str]) -> str:
    named = ", ".join(name[:200] for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{named}{more}"


def _warning(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, message=message, remedy=remedy)


def _note(rule: str, message: str, place: str = "") -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=message, place=place)
