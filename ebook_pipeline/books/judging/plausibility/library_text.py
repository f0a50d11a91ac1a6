"""What a digital library put around a book: named, and told apart from what the book says."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ebook_pipeline.books.boilerplate import boilerplate_lines
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import info
from ebook_pipeline.foundation.findings import Finding

_LONGEST_QUOTED = 60


@dataclass(frozen=True)
class LibraryText:
    """The chapters without a library's text, and a finding for each library."""

    own: tuple[ParsedChapter, ...]
    findings: tuple[Finding, ...] = ()


def library_text(chapters: Sequence[ParsedChapter]) -> LibraryText:
    """What of `chapters` is a library's; chapters of nothing else are none of the book."""
    lines = [chapter.text.splitlines() for chapter in chapters]
    foreign = boilerplate_lines([line for chapter in lines for line in chapter])
    if not foreign:
        return LibraryText(tuple(chapters))
    own: list[ParsedChapter] = []
    seen: list[tuple[ParsedChapter, str, str]] = []
    start = 0
    for chapter, text in zip(chapters, lines, strict=True):
        theirs = {
            at - start: foreign[at] for at in range(start, start + len(text)) if at in foreign
        }
        seen += [(chapter, text[at], name) for at, name in theirs.items()]
        own += [_without(chapter, text, theirs)] if len(theirs) < len(text) or not text else []
        start += len(text)
    return LibraryText(tuple(own), tuple(_findings(seen)))


def _without(
    chapter: ParsedChapter, lines: Sequence[str], theirs: Mapping[int, str]
) -> ParsedChapter:
    """`chapter` without the lines numbered in `theirs`."""
    if not theirs:
        return chapter
    text = "\n".join(line for at, line in enumerate(lines) if at not in theirs)
    if chapter.prose is None:
        return replace(chapter, text=text)
    words = {lines[at].strip() for at in theirs}
    prose = (line for line in chapter.prose[0].splitlines() if line.strip() not in words)
    return replace(chapter, text=text, prose=("\n".join(prose), chapter.prose[1]))


def _findings(seen: Sequence[tuple[ParsedChapter, str, str]]) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    first: dict[str, tuple[ParsedChapter, str]] = {}
    for chapter, line, name in seen:
        counts[name] += len(line.split())
        if line.strip():
            first.setdefault(name, (chapter, line.strip()))
    for name, (chapter, line) in first.items():
        quoted = line if len(line) <= _LONGEST_QUOTED else f"{line[:_LONGEST_QUOTED]}…"
        yield info(
            "plausibility.boilerplate",
            f"Text of {name}, {counts[name]:,} words, stands around the book: “{quoted}”.",
            chapter.place,
            "Take it out, or let the policy leave it out (`boilerplate`).",
            line,
        )
