"""What stands where the text should: printers' filler, placeholders, what a machine said."""

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import passage, quote, warning
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.text import words
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import toml_beside

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
_ANY_PLACEHOLDER = (
    r"\b(?-i:(?:TODO|FIXME|TBD|TKTK|TK TK|XXXX+)\b)",
    r"\{\{[^{}\n]{1,60}\}\}",
)
_ANY_MACHINE = (
    r"^#{1,4} (?:Chapter|Part)\b",
    r"(?<!\*)\*\*(?![\s*])[^*\n]{3,60}\*\*(?!\*)",
)


class LanguagePhrases(Record):
    """What one language says for a text that is missing, as patterns."""

    placeholders: tuple[str, ...]
    machine: tuple[str, ...]


@functools.cache
def phrases() -> dict[str, LanguagePhrases]:
    """By primary tag."""
    listed = toml_beside(__file__, "phrases.toml")
    return {tag: LanguagePhrases.model_validate(facts) for tag, facts in listed.items()}


def languages_of_phrases(language: str) -> tuple[str, ...]:
    """Whose phrases are looked for in a book in `language`: its own, and English, which tools use.

    A book in an unknown language is looked through for those of all.
    """
    primary = primary_tag(language)
    return tuple(tag for tag in phrases() if tag in ("en", primary)) if primary else (*phrases(),)


def is_listed(language: str) -> bool:
    """Whether the phrases of `language` are known; of an unknown one those of all are tried."""
    primary = primary_tag(language)
    return not primary or primary in phrases()


class LoremLine(NamedTuple):
    """A line that is mostly the printers' filler, and how many words it has."""

    chapter: ParsedChapter
    line: str
    words: int


def lorem_lines(chapters: Sequence[ParsedChapter]) -> list[LoremLine]:
    """Every such line of the chapters."""
    found = []
    for chapter in chapters:
        for line in chapter.text.splitlines():
            spoken = words(line.lower())
            if len(spoken) >= 5 and sum(map(LOREM.__contains__, spoken)) > len(spoken) / 2:
                found.append(LoremLine(chapter, line, len(spoken)))
    return found


def lorem(lines: Sequence[LoremLine]) -> Iterator[Finding]:
    for chapter, line, _ in lines:
        message = f"Filler instead of text: {quote(line, 0, min(60, len(line)))}"
        remedy = "Put the text in."
        yield warning("plausibility.lorem", message, chapter.place, remedy, line.strip())


@functools.lru_cache(maxsize=32)
def _placeholder(tags: tuple[str, ...]) -> re.Pattern[str]:
    return _any_of(*_ANY_PLACEHOLDER, *(one for tag in tags for one in phrases()[tag].placeholders))


@functools.lru_cache(maxsize=32)
def _machine(tags: tuple[str, ...]) -> re.Pattern[str]:
    return _any_of(*_ANY_MACHINE, *(one for tag in tags for one in phrases()[tag].machine))


def _any_of(*patterns: str) -> re.Pattern[str]:
    """Those that begin at a word's or a line's edge are tried there alone: a fifth of the time."""
    grouped = (_beginning(edge, patterns) for edge in (r"\b", "^"))
    others = (f"(?:{one})" for one in patterns if not one.startswith((r"\b", "^")))
    branches = [group for group in (*grouped, *others) if group]
    return re.compile("|".join(branches), re.IGNORECASE | re.MULTILINE)


def _beginning(edge: str, patterns: Sequence[str]) -> str:
    """Those of `patterns` that begin with `edge`, which are no alternatives, as one."""
    behind = [f"(?:{one.removeprefix(edge)})" for one in patterns if one.startswith(edge)]
    return f"{edge}(?:{'|'.join(behind)})" if behind else ""


def placeholders(chapters: Sequence[ParsedChapter], language: str = "en") -> Iterator[Finding]:
    """What was to be replaced by text, in the words of `language`'s tools and of English ones."""
    pattern = _placeholder(languages_of_phrases(language))
    for chapter in chapters:
        for match in pattern.finditer(chapter.text):
            message = f"A placeholder is left: {quote(chapter.text, *match.span())}"
            spoken = passage(chapter.text, *match.span())
            remedy = "Write what it stands for."
            yield warning("plausibility.placeholder", message, chapter.place, remedy, spoken)


def machine_talk(chapters: Sequence[ParsedChapter], language: str = "en") -> Iterator[Finding]:
    """What an assistant says to whoever asked it for a text, prompts and marks included."""
    pattern = _machine(languages_of_phrases(language))
    for chapter in chapters:
        for match in pattern.finditer(chapter.text):
            message = f"A machine seems to speak: {quote(chapter.text, *match.span())}"
            spoken = passage(chapter.text, *match.span())
            remedy = "Take it out, and read the text around it."
            yield warning("plausibility.machine-talk", message, chapter.place, remedy, spoken)
