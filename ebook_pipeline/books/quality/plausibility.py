"""Whether this is a book at all: chapters with content, once each, no filler, in its language."""

import hashlib
import re
from collections.abc import Iterator, Sequence

from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.quality.chapters import Chapter
from ebook_pipeline.books.quality.part import Part, info, part, passage, quote, warning
from ebook_pipeline.books.text import words

DIMENSION = "plausibility"
FEWEST_WORDS = 100
"""Chapters shorter than this may repeat: half-titles, epigraphs, blank pages of a layout."""
WORDS_PER_PICTURE = 50
LANGUAGE_WORDS = 50
"""Fewer words do not tell their language."""
SAMPLES = 3
SAMPLE_CHARACTERS = 2000
LOREM = frozenset(
    words(
        "lorem ipsum dolor sit amet consectetur consectetuer adipiscing adipisicing elit sed do"
        " eiusmod tempor incididunt ut labore et dolore magna aliqua enim ad minim veniam quis"
        " nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure"
        " in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint"
        " occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id est"
        " laborum vestibulum vivamus pellentesque suspendisse curabitur praesent aenean phasellus"
    )
)
_PLACEHOLDER = re.compile(
    r"\b(?:TODO|FIXME|TBD|TKTK|TK TK)\b|\bXXXX+\b|"
    r"(?i:\[(?:insert|add|put|your)\b[^\]\n]{0,60}\]|"
    r"\b(?:insert|your|chapter) (?:text|title) here\b|"
    r"\bplaceholder (?:text|image|chapter|title)\b|\bclick here to (?:enter|add) text\b)"
)
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "hr": "sh", "sr": "sh", "bs": "sh"}
"""Tags that a guess can't tell apart, or that are one language's old and new name."""


def check(chapters: Sequence[Chapter]) -> Part:
    """1 for a book without filler; `content` counts words, a page that shows something as 50."""
    counts = [len(words(chapter.text)) for chapter in chapters]
    total, shown = sum(counts), sum(chapter.shows for chapter in chapters)
    empty = list(_empty(chapters))
    repeated = dict(_repeated(chapters, counts))
    lorem = sum(_lorem_words(chapter.text) for chapter in chapters) / max(1, total)
    repeated_words = sum(counts[index] for index in repeated) / max(1, total)
    placeholders = [one for chapter in chapters for one in _placeholders(chapter)]
    evidence: dict[str, float | int | str] = {
        "words": total,
        "pages_with_pictures": shown,
        "content": total + WORDS_PER_PICTURE * shown,
        "chapters": len(chapters),
        "empty_chapters": round(len(empty) / max(1, len(chapters)), 4),
        "repeated": round(repeated_words, 4),
        "lorem": round(lorem, 4),
        "placeholders": len(placeholders),
    }
    faults = lorem + repeated_words + len(empty) / max(1, len(chapters)) + 0.1 * len(placeholders)
    value = 1 - faults if total or shown else 0.0
    found = [*_filler(chapters), *placeholders, *empty, *_doubles(chapters, repeated)]
    return part(DIMENSION, value, evidence, found)


def samples(text: str) -> list[str]:
    """Pieces from the inside of `text` that tell its language: front matter often has another."""
    step = len(text) // (SAMPLES + 1)
    if step < SAMPLE_CHARACTERS:
        return [text[: SAMPLES * SAMPLE_CHARACTERS]]
    return [text[step * n : step * n + SAMPLE_CHARACTERS] for n in range(1, SAMPLES + 1)]


def language_finding(declared: Sequence[str], guesses: Sequence[str], text: str) -> Finding | None:
    """A finding where no guess is among the declared languages."""
    known = {_primary(tag) for tag in declared}
    heard = {_primary(tag) for tag in guesses} - {"und"}
    if not known or not heard or known & heard or len(words(text[:10_000])) < LANGUAGE_WORDS:
        return None
    return warning(
        "plausibility.language",
        f"The text reads as {', '.join(sorted(heard))}; declared is {', '.join(declared)}.",
        remedy="Correct the language of the book.",
    )


def _primary(tag: str) -> str:
    bare = tag.split("-")[0].lower()
    return _SAME.get(bare, bare)


def _empty(chapters: Sequence[Chapter]) -> Iterator[Finding]:
    for chapter in chapters:
        if not chapter.shows and not words(chapter.text):
            yield info(
                "plausibility.empty-chapter",
                "This part of the book is empty.",
                chapter.place,
                "Take it out of the spine.",
            )


def _repeated(chapters: Sequence[Chapter], counts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(index of a chapter, index of the one that it repeats)"""
    first: dict[bytes, int] = {}
    for index, chapter in enumerate(chapters):
        if counts[index] >= FEWEST_WORDS:
            plain = " ".join(words(chapter.text.casefold()))
            original = first.setdefault(hashlib.sha256(plain.encode()).digest(), index)
            if original != index:
                yield index, original


def _doubles(chapters: Sequence[Chapter], repeated: dict[int, int]) -> Iterator[Finding]:
    for index, original in repeated.items():
        yield warning(
            "plausibility.repeated-chapter",
            f"This chapter has the text of {chapters[original].place}.",
            chapters[index].place,
            "Put the right text in, or take one out.",
        )


def _lorem_words(text: str) -> int:
    """Words in lines that are mostly the printers' filler."""
    return sum(len(found) for _, found in _lorem_lines(text))


def _lorem_lines(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.splitlines():
        found = words(line.lower())
        if len(found) >= 5 and sum(word in LOREM for word in found) > len(found) / 2:
            yield line, found


def _filler(chapters: Sequence[Chapter]) -> Iterator[Finding]:
    for chapter in chapters:
        for line, _ in _lorem_lines(chapter.text):
            message = f"Filler instead of text: {quote(line, 0, min(60, len(line)))}"
            yield warning(
                "plausibility.lorem", message, chapter.place, "Put the text in.", line.strip()
            )


def _placeholders(chapter: Chapter) -> Iterator[Finding]:
    for match in _PLACEHOLDER.finditer(chapter.text):
        message = f"A placeholder is left: {quote(chapter.text, *match.span())}"
        words = passage(chapter.text, *match.span())
        remedy = "Write what it stands for."
        yield warning("plausibility.placeholder", message, chapter.place, remedy, words)
