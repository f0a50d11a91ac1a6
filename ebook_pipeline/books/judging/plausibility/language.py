"""Whether the text, and each chapter of it, is in the language that the book declares."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import warning
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.text import words
from ebook_pipeline.foundation.findings import Finding

LANGUAGE_WORDS = 50
"""Fewer words do not tell their language."""
CHAPTER_WORDS = 150
SAMPLES = 3
SAMPLE_CHARACTERS = 2000
_SAME = {
    "nb": "no", "nn": "no", "iw": "he", "in": "id", "hr": "sh", "sr": "sh", "bs": "sh", "grc": "el",
}  # fmt: skip
"""Tags that a guess can't tell apart (Greek with breathings reads as ancient), or that are one
language's old and new name."""


@dataclass(frozen=True)
class LanguageSample:
    """Pieces of one chapter that tell its language, and those that its document declares."""

    place: str
    pieces: tuple[str, ...]
    declared: tuple[str, ...]


def samples(text: str) -> list[str]:
    """Pieces from the inside of `text` that tell its language: front matter often has another."""
    step = len(text) // (SAMPLES + 1)
    if step < SAMPLE_CHARACTERS:
        return [text[: SAMPLES * SAMPLE_CHARACTERS]]
    return [text[step * n : step * n + SAMPLE_CHARACTERS] for n in range(1, SAMPLES + 1)]


def chapter_samples(chapters: Sequence[ParsedChapter]) -> tuple[LanguageSample, ...]:
    """Two pieces of 500 characters of every chapter that is long enough."""
    return tuple(
        LanguageSample(
            chapter.place, _pieces(chapter.text), (chapter.language, *_marked_up([chapter]))
        )
        for chapter in chapters
        if chapter.words >= CHAPTER_WORDS
    )


def marked_languages(chapters: Sequence[ParsedChapter]) -> tuple[str, ...]:
    """Languages besides the documents' own in which much is marked up: a bilingual edition's."""
    return tuple(_marked_up(chapters))


def home_language(chapters: Sequence[ParsedChapter]) -> str:
    """What most words' documents say that they are in; empty where they say nothing."""
    words_in = Counter[str]()
    for chapter in chapters:
        words_in[chapter.language] += chapter.words
    return words_in.most_common(1)[0][0] if words_in else ""


def _marked_up(chapters: Sequence[ParsedChapter]) -> Iterator[str]:
    foreign = Counter[str]()
    for chapter in chapters:
        foreign.update(chapter.foreign)
    yield from (tag for tag, number in foreign.items() if number >= LANGUAGE_WORDS)


def _pieces(text: str) -> tuple[str, ...]:
    third = len(text) // 3
    return text[third : third + 500], text[2 * third : 2 * third + 500]


def language_finding(
    declared: Sequence[str], guesses: Sequence[str], text: str, marked: Sequence[str] = ()
) -> Finding | None:
    """A finding where no guess is among the languages that are declared, or `marked` up."""
    known = {_primary(tag) for tag in declared}
    heard = {_primary(tag) for tag in guesses} - {"und", *map(_primary, marked)}
    if not known or not heard or known & heard or len(words(text[:10_000])) < LANGUAGE_WORDS:
        return None
    return warning(
        "plausibility.language",
        f"The text reads as {', '.join(sorted(heard))}; declared is {', '.join(declared)}.",
        remedy="Correct the language of the book.",
    )


def foreign_chapters(
    declared: Sequence[str], heard: Sequence[LanguageSample], guess: Callable[[str], str]
) -> list[Finding]:
    """Chapters all of whose pieces are in one language that neither book nor document declares.

    None where most chapters are: then it is the book's language that is declared wrongly.
    """
    findings = []
    for sample in heard:
        known = {_primary(tag) for tag in (*declared, *sample.declared)}
        spoken = {_primary(guess(piece)) for piece in sample.pieces}
        if len(spoken) == 1 and declared and not spoken & {*known, "und"}:
            language = spoken.pop()
            message = f"This chapter reads as {language}; declared is {', '.join(declared)}."
            remedy = f'Mark it up with xml:lang="{language}", or put the right text in.'
            place = " ".join(sample.pieces[0].split("\n")[0].split(" ")[1:9])
            rule = "plausibility.chapter-language"
            findings.append(warning(rule, message, sample.place, remedy, place))
    return findings if 2 * len(findings) <= len(heard) else []


def _primary(tag: str) -> str:
    bare = primary_tag(tag)
    return _SAME.get(bare, bare)
