"""Whether this is a book at all: chapters with content, once each, no filler, in its language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.judging import numbering
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import DimensionResult, dimension_result, partly_checked
from ebook_pipeline.books.judging.plausibility import filler, ocr_and_encoding, repeats
from ebook_pipeline.books.judging.plausibility.library_text import LibraryText, library_text
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "plausibility"
WORDS_PER_PICTURE = 50
MISREAD_RATE = 400.0
"""Misread words in 10,000 at which the score is 0."""


@dataclass(frozen=True)
class _Faults:
    """What was found in a book: misread words, missing numbers, what is counted, shares of text."""

    misread: ocr_and_encoding.MisreadWords
    gaps: Sequence[tuple[int, Finding]]
    kinds: Mapping[str, Sequence[Finding]]
    shares: Mapping[str, float]

    @property
    def figures(self) -> dict[str, float | int | str]:
        return {
            "missing_chapters": sum(number for number, _ in self.gaps),
            **{name: len(findings) for name, findings in self.kinds.items()},
            **{name: round(share, 4) for name, share in self.shares.items()},
        }

    @property
    def weight(self) -> float:
        """What they take from a score of 1."""
        alone = [len(found) for name, found in self.kinds.items() if name not in self.shares]
        misread = self.misread.per_10_000 / MISREAD_RATE
        return sum(self.shares.values()) + misread + 0.1 * (len(self.gaps) + sum(alone))


def check(
    chapters: Sequence[ParsedChapter],
    language: str = "",
    cache: Path | None = None,
    contents: Sequence[numbering.Heading] = (),
    library: LibraryText | None = None,
) -> DimensionResult:
    """1 for a book without filler; `content` counts words, a page that shows something as 50.

    Without a score where nobody listed what machines say in `language`.

    `contents` are the lines of the table of contents; `cache` is the lexicon's folder. What a
    digital library says (`library`, found in `chapters` if unset) is no filler and no machine's.
    """
    library = library or library_text(chapters)
    total = sum(chapter.words for chapter in chapters)
    shown = sum(chapter.shows for chapter in chapters)
    doubled = list(repeats.repeated(chapters))
    misread = ocr_and_encoding.misread(chapters, language, cache)
    kinds = _kinds(chapters, library.own, language)
    empty = len(kinds["empty_chapters"]) / max(1, len(chapters))
    filled, repeated = filler.lorem_lines(chapters), {at for at, _, _ in doubled}
    shares = {"empty_chapters": empty, **_shares(chapters, repeated, filled)}
    faults = _Faults(misread, _gaps(chapters, contents), kinds, shares)
    evidence: dict[str, float | int | str] = {
        **_content(total, shown, len(chapters)),
        "phrases_of": " ".join(filler.languages_of_phrases(language)),
        **faults.figures,
        **_misread(misread, language),
    }
    findings = [
        *library.findings,
        *filler.lorem(filled),
        *(finding for group in kinds.values() for finding in group),
        *repeats.doubles(chapters, doubled),
        *repeats.passages(chapters, repeated),
        *(finding for _, finding in faults.gaps),
        *misread.findings,
    ]
    value = 1 - faults.weight if total or shown else 0.0
    measured = dimension_result(DIMENSION, value, evidence, findings)
    return measured if filler.is_listed(language) else _unlisted(measured, language)


def _misread(found: ocr_and_encoding.MisreadWords, language: str) -> dict[str, float | str]:
    """How they are told, and how many; English alone has a lexicon to compare with."""
    is_english = primary_tag(language) == "en"
    return {
        "misread_words": "all" if is_english else "letters among digits and signs alone",
        "misread_per_10000": found.per_10_000,
        "misread_in_worst_chapter": found.worst,
    }


def _unlisted(measured: DimensionResult, language: str) -> DimensionResult:
    return partly_checked(measured, f"nobody listed what machines say in {primary_tag(language)}")


def _content(words: int, shown: int, chapters: int) -> dict[str, int]:
    return {
        "words": words,
        "pages_with_pictures": shown,
        "content": words + WORDS_PER_PICTURE * shown,
        "chapters": chapters,
    }


def _shares(
    chapters: Sequence[ParsedChapter], doubled: set[int], filled: Sequence[filler.LoremLine]
) -> dict[str, float]:
    """Of all words, those that stand twice, and those that are filler."""
    total = max(1, sum(chapter.words for chapter in chapters))
    return {
        "repeated": sum(chapters[at].words for at in sorted(doubled)) / total,
        "lorem": sum(lorem.words for lorem in filled) / total,
    }


def _kinds(
    chapters: Sequence[ParsedChapter], own: Sequence[ParsedChapter], language: str
) -> dict[str, list[Finding]]:
    """Findings that are counted one by one, by the name of their figure; `own` is the book's."""
    return {
        "empty_chapters": list(repeats.empty(chapters)),
        "placeholders": list(filler.placeholders(own, language)),
        "machine_talk": list(filler.machine_talk(own, language)),
        "garbled": list(ocr_and_encoding.garbled(chapters)),
        "cut_off": list(repeats.cut_off(chapters)),
    }


def _gaps(
    chapters: Sequence[ParsedChapter], contents: Sequence[numbering.Heading]
) -> list[tuple[int, Finding]]:
    """Missing numbers of the headings; of the contents where the headings lack none."""
    printed = numbering.headings(chapters)
    return list(repeats.missing(printed)) or list(repeats.missing(contents))
