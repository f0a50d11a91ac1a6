"""Traces of careless typesetting: marks, spaces, paragraphs, headings, styles, links."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import DimensionResult, dimension_result, info, passage
from ebook_pipeline.books.judging.typography import (
    checkable,
    punctuation,
    quote_styles,
    structure,
)
from ebook_pipeline.books.text import words
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "typography"
FEWEST_QUOTES = 20
_FEW_QUOTES = f"not checked: fewer than {FEWEST_QUOTES} quotation marks and apostrophes"
FEWEST_WORDS = 1000
"""Rates of a shorter book are those of one this long."""
TRACES = {
    "misplaced-quote": 20.0,
    "unbalanced-quote": 60.0,
    "apostrophe": 60.0,
    "stray-quotes": 60.0,
    "stray-dashes": 60.0,
    "stray-spaces": 60.0,
    "stray-ellipses": 60.0,
    "mixed-dashes": 10.0,
    "mixed-spaces": 10.0,
    "mixed-ellipses": 10.0,
    "line-end-hyphen": 20.0,
    "glued-words": 30.0,
    "split-paragraph": 20.0,
    "heading-skipped": 20.0,
    "several-h1": 20.0,
    "bold-heading": 20.0,
    "scene-break": 20.0,
    "chapter-order": 5.0,
    "chapter-numbers": 10.0,
    "dead-link": 20.0,
}
"""Findings per 10,000 words of each kind that take a third of the score."""
_STRAIGHT = re.compile(r"\"|(?<=\w)'(?=\w)")
_CURLY = re.compile(r"[“”„«»]|(?<=\w)’(?=\w)")
_DOUBLED = re.compile(r"(?<=[^\s\u00a0])(?:  +|\u00a0[ \u00a0]+)(?=[^\s\u00a0])")


@dataclass(frozen=True)
class ContainerFiles:
    """What the documents refer to: style sheets as text, and the names in the container."""

    sheets: Sequence[str] = ()
    files: Container[str] = field(default_factory=frozenset)


def check(
    chapters: Sequence[ParsedChapter],
    around: ContainerFiles | None = None,
    language: str = "en",
) -> DimensionResult:
    """1 for a clean book; each kind of trace takes up to a third.

    Marks go by the book's own custom; whether that is one of `language`, its styles tell. Traces
    that its script or language does not show count for nothing, and the evidence says why.

    Without `around`, styles are not looked at and links only inside these chapters.
    """
    known = around or ContainerFiles(files={chapter.place for chapter in chapters})
    vocabulary = {word for chapter in chapters for word in words(chapter.text.lower())}
    spoken = sum(chapter.words for chapter in chapters)
    marks = punctuation.read_marks(chapters)
    findings = [
        *punctuation.findings(chapters, marks, vocabulary, language),
        *structure.findings(chapters, known.files),
    ]
    empty = _share_of_empty(chapters)
    mixed = _mixed(chapters)
    doubled = 1000 * sum(map(_doubled, chapters)) / max(FEWEST_WORDS, spoken)
    style = quote_styles.used_style(chapters)
    untold = checkable.untold(chapters, language, style, marks)
    per_10_000 = _rates(findings, spoken)
    faults = min(1, 2 * empty) + min(1, 4 * (mixed or 0)) + min(1, doubled / 50)
    told = (name for name in TRACES if name not in untold)
    faults += sum(min(1, per_10_000[name] / TRACES[name]) for name in told)
    rates = per_10_000 | {name: f"not checked: {why}" for name, why in untold.items()}
    evidence: dict[str, float | int | str] = {
        "quotes": str(style or ""),
        "quotes_of_language": _styles_told(language),
        "empty_paragraphs": round(empty, 4),
        "mixed_quotes": _FEW_QUOTES if mixed is None else round(mixed, 4),
        "doubled_spaces_per_1000_words": round(doubled, 2),
        **{f"{name.replace('-', '_')}_per_10000": rates[name] for name in TRACES},
    }
    minor = structure.styles(chapters, known.sheets) if known.sheets else ()
    rest = [*_empty(chapters), *_spaces(chapters), *minor]
    return dimension_result(DIMENSION, 1 - faults / 3, evidence, [*findings, *rest])


def _styles_told(language: str) -> str:
    """Which quotation marks are looked for; that nobody listed them is told too."""
    known = quote_styles.styles_of(language)
    return ", ".join(map(str, known)) or f"not checked: no list for {language or 'unknown'}"


def _rates(findings: Sequence[Finding], number_of_words: int) -> dict[str, float]:
    """Findings of each kind in 10,000 words."""
    times = Counter(finding.rule.partition(".")[2] for finding in findings)
    scale = 1e4 / max(FEWEST_WORDS, number_of_words)
    return {name: round(scale * times[name], 2) for name in TRACES}


def _share_of_empty(chapters: Sequence[ParsedChapter]) -> float:
    paragraphs = sum(chapter.paragraphs for chapter in chapters)
    return sum(chapter.empty_paragraphs for chapter in chapters) / max(1, paragraphs)


def _mixed(chapters: Sequence[ParsedChapter]) -> float | None:
    """The share of the rarer kind among all quotation marks and apostrophes; None of few."""
    straight = sum(len(_STRAIGHT.findall(chapter.text)) for chapter in chapters)
    curly = sum(len(_CURLY.findall(chapter.text)) for chapter in chapters)
    if straight + curly < FEWEST_QUOTES:
        return None
    return min(straight, curly) / (straight + curly)


def _doubled(chapter: ParsedChapter) -> int:
    return len(_DOUBLED.findall(chapter.source))


def _empty(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    for chapter in chapters:
        if chapter.empty_paragraphs > max(2, chapter.paragraphs / 10):
            yield info(
                "typography.empty-paragraphs",
                f"{chapter.empty_paragraphs} of {chapter.paragraphs} paragraphs are empty.",
                chapter.place,
                "Make room with margins in the style sheet.",
            )


def _spaces(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    """One finding a chapter: doubled spaces come by the hundred, and readers' screens hide them."""
    for chapter in chapters:
        first = _DOUBLED.search(chapter.source)
        if first is not None:
            message = f"Spaces are doubled, {_doubled(chapter)} times in this file."
            place = " ".join(passage(chapter.source, *first.span()).split())
            remedy = "Make them single."
            yield info("typography.doubled-spaces", message, chapter.place, remedy, place)
