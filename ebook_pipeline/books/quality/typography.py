"""Traces of careless typesetting: empty paragraphs, mixed quotation marks, doubled spaces."""

import re
from collections.abc import Sequence

from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.quality.chapters import Chapter
from ebook_pipeline.books.quality.part import Part, info, part

DIMENSION = "typography"
FEWEST_QUOTES = 20
MIXED = 0.05
"""The share of the rarer kind of quotation mark from which two kinds are no accident."""
_STRAIGHT = re.compile(r"\"|(?<=\w)'(?=\w)")
_CURLY = re.compile(r"[“”„«»]|(?<=\w)’(?=\w)")
_DOUBLED = re.compile(r"(?<=[^\s\u00a0])(?:  +|\u00a0[ \u00a0]+)(?=[^\s\u00a0])")


def check(chapters: Sequence[Chapter]) -> Part:
    """1 for a clean book; each kind of trace takes up to a third."""
    paragraphs = sum(chapter.paragraphs for chapter in chapters)
    empty = sum(chapter.empty_paragraphs for chapter in chapters) / max(1, paragraphs)
    mixed = _mixed(chapters)
    words = sum(len(chapter.text) for chapter in chapters) / 6
    doubled = sum(len(_DOUBLED.findall(chapter.source)) for chapter in chapters)
    rate = 1000 * doubled / max(1000.0, words)
    faults = min(1, 2 * empty) + min(1, 4 * mixed) + min(1, rate / 50)
    evidence: dict[str, float | int | str] = {
        "empty_paragraphs": round(empty, 4),
        "mixed_quotes": round(mixed, 4),
        "doubled_spaces_per_1000_words": round(rate, 2),
    }
    return part(DIMENSION, 1 - faults / 3, evidence, _findings(chapters, mixed))


def _mixed(chapters: Sequence[Chapter]) -> float:
    """The share of the rarer kind among all quotation marks and apostrophes."""
    straight = sum(len(_STRAIGHT.findall(chapter.text)) for chapter in chapters)
    curly = sum(len(_CURLY.findall(chapter.text)) for chapter in chapters)
    if straight + curly < FEWEST_QUOTES:
        return 0.0
    return min(straight, curly) / (straight + curly)


def _findings(chapters: Sequence[Chapter], mixed: float) -> list[Finding]:
    found = [
        info(
            "typography.empty-paragraphs",
            f"{chapter.empty_paragraphs} of {chapter.paragraphs} paragraphs are empty.",
            chapter.place,
            "Make room with margins in the style sheet.",
        )
        for chapter in chapters
        if chapter.empty_paragraphs > max(2, chapter.paragraphs / 10)
    ]
    if mixed >= MIXED:
        message = f"Straight and curly quotation marks are mixed: {mixed:.0%} are of the rarer kind"
        found.append(info("typography.mixed-quotes", f"{message}.", "", "Use one kind throughout."))
    return found
