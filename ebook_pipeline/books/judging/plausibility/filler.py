"""What stands where the text should: printers' filler, placeholders, what a machine said."""

import re
from collections.abc import Iterator, Sequence

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import passage, quote, warning
from ebook_pipeline.books.text import words
from ebook_pipeline.foundation.findings import Finding

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
    r"\b(?:TODO|FIXME|TBD|TKTK|TK TK)\b|\bXXXX+\b|\{\{[^{}\n]{1,60}\}\}|"
    r"(?i:[\[<](?:insert|add|put|your)\b[^\]>\n]{0,60}[\]>]|"
    r"\b(?:insert|your|chapter) (?:text|title|name) here\b|"
    r"\bplaceholder (?:text|image|chapter|title)\b|\bclick here to (?:enter|add) text\b)"
)
_MACHINE = re.compile(
    r"(?i:\bas an ai(?: language)? model\b|\bas a large language model\b|"
    r"\bi(?:['’]m| am) (?:just )?an ai\b|\bmy (?:training data|knowledge cutoff)\b|"
    r"\bi(?:['’]m sorry, but i)? can(?:not|['’]t) (?:fulfill|comply with|assist with) "
    r"(?:this|that|your) request\b|\bregenerate response\b|"
    r"\bwould you like me to (?:continue|write|expand|revise)\b|"
    r"\b(?:write|generate|continue) (?:a|an|the) (?:\w+[- ]){0,4}(?:chapter|scene|story|novel) "
    r"(?:about|where|in which|of (?:about )?\d)|"
    r"\[(?:chapter|story|scene) continues\]|\bword count:? ?\d[\d,]*)|"
    r"^(?:Certainly|Sure|Of course|Absolutely)[!,.] (?:Here(?:['’]s| is| are)|I['’]d be happy)|"
    r"^(?:Here(?:['’]s| is) (?:a|an|the|your) (?:\w+ ){0,3}(?:chapter|scene|draft|version)\b)|"
    r"^I hope this helps|^#{1,4} (?:Chapter|Part)\b|(?<!\*)\*\*(?![\s*])[^*\n]{3,60}\*\*(?!\*)",
    re.MULTILINE,
)


def lorem_words(chapters: Sequence[ParsedChapter]) -> int:
    """Words in lines that are mostly the printers' filler."""
    return sum(
        len(filler_words) for chapter in chapters for _, filler_words in _lorem_lines(chapter.text)
    )


def lorem(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    for chapter in chapters:
        for line, _ in _lorem_lines(chapter.text):
            message = f"Filler instead of text: {quote(line, 0, min(60, len(line)))}"
            remedy = "Put the text in."
            yield warning("plausibility.lorem", message, chapter.place, remedy, line.strip())


def placeholders(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    for chapter in chapters:
        for match in _PLACEHOLDER.finditer(chapter.text):
            message = f"A placeholder is left: {quote(chapter.text, *match.span())}"
            spoken = passage(chapter.text, *match.span())
            remedy = "Write what it stands for."
            yield warning("plausibility.placeholder", message, chapter.place, remedy, spoken)


def machine_talk(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    """What an assistant says to whoever asked it for a text, prompts and marks included."""
    for chapter in chapters:
        for match in _MACHINE.finditer(chapter.text):
            message = f"A machine seems to speak: {quote(chapter.text, *match.span())}"
            spoken = passage(chapter.text, *match.span())
            remedy = "Take it out, and read the text around it."
            yield warning("plausibility.machine-talk", message, chapter.place, remedy, spoken)


def _lorem_lines(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.splitlines():
        line_words = words(line.lower())
        if len(line_words) >= 5 and sum(word in LOREM for word in line_words) > len(line_words) / 2:
            yield line, line_words
