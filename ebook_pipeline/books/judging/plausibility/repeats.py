"""Chapters that are empty, there twice, missing by their numbers, or cut off."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from ebook_pipeline.books.describing.sketches import NEAR_DUPLICATE, similarity, sketch
from ebook_pipeline.books.judging import numbering
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import info, warning
from ebook_pipeline.foundation.findings import Finding

FEWEST_WORDS = 100
"""Chapters shorter than this may repeat: half-titles, epigraphs, blank pages of a layout."""
LONG_PASSAGE = 50
"""Words of a paragraph that no author writes twice."""
FEWEST_RUNS = 80
"""Different runs of words below which chapters must be the same altogether: forms, refrains."""
LIKE = NEAR_DUPLICATE
STORY = 300
"""Words from which a chapter is told to be cut off."""
SENTENCE = 60
"""Characters below which a last line is a signature or a stage direction."""
_CUT = re.compile(r"[a-zà-öø-ÿ,;]$")


def empty(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    for chapter in chapters:
        if not chapter.shows and not chapter.words:
            yield info(
                "plausibility.empty-chapter",
                "This part of the book is empty.",
                chapter.place,
                "Take it out of the spine.",
            )


def repeated(chapters: Sequence[ParsedChapter]) -> Iterator[tuple[int, int, float]]:
    """(index of a chapter, index of the one that it repeats, how much of both is the same)"""
    holders: dict[int, list[int]] = defaultdict(list)
    sketches: list[tuple[int, ...]] = []
    for index, chapter in enumerate(chapters):
        long = chapter.words >= FEWEST_WORDS
        sketches.append(sketch(chapter.text) if long else ())
        shared = Counter(holder for value in sketches[-1] for holder in holders.get(value, ()))
        for other, _ in shared.most_common(1):
            likeness = similarity(sketches[-1], sketches[other])
            enough = len(sketches[-1]) >= FEWEST_RUNS
            if likeness == 1 or (enough and likeness >= LIKE):
                yield index, other, likeness
        for value in sketches[-1]:
            holders[value].append(index)


def doubles(
    chapters: Sequence[ParsedChapter], repeats: Sequence[tuple[int, int, float]]
) -> Iterator[Finding]:
    for index, original, likeness in repeats:
        share = "has the text" if likeness == 1 else f"has {likeness:.0%} of the text"
        message = f"This chapter {share} of {chapters[original].place}."
        remedy = "Put the right text in, or take one out."
        words = _first_line(chapters[index])
        yield warning(
            "plausibility.repeated-chapter", message, chapters[index].place, remedy, words
        )


def passages(chapters: Sequence[ParsedChapter], doubled: set[int]) -> Iterator[Finding]:
    """Long paragraphs that stand twice; those of chapters that repeat as a whole left out."""
    first: dict[str, str] = {}
    for index, chapter in enumerate(chapters):
        for line in () if index in doubled else chapter.text.splitlines():
            if line.count(" ") >= LONG_PASSAGE:
                original = first.setdefault(line, chapter.place)
                if original != chapter.place:
                    message = f"This paragraph stands in {original} too."
                    words = " ".join(line.split()[:12])
                    remedy = "Take one out, unless it is meant."
                    yield info(
                        "plausibility.repeated-passage", message, chapter.place, remedy, words
                    )


def missing(headings: Sequence[numbering.Heading]) -> Iterator[tuple[int, Finding]]:
    """(how many are missing, the finding) where the numbers of chapters leave some out.

    Numbers inside one document count only at the outermost level: notes and lists leave some out.
    """
    runs = numbering.sequences(headings)
    outermost = min((chapter.heading.level for run in runs for chapter in run), default=1)
    for run in runs:
        over_documents = len({chapter.heading.place for chapter in run}) > 1
        if over_documents or run[0].heading.level == outermost:
            for gap in numbering.breaks(run):
                if gap.missing:
                    yield len(gap.missing), _missing(gap)


def _missing(gap: numbering.NumberingBreak) -> Finding:
    listed = ", ".join(map(str, gap.missing[:5]))
    message = f"Before {gap.after.label or 'chapter'} {gap.after.number} there is no {listed}."
    heading = gap.after.heading
    remedy = "Put what is missing in, or number anew."
    return warning("plausibility.missing-chapter", message, heading.place, remedy, heading.text)


def cut_off(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    """Chapters whose last paragraph stops in mid-sentence; verse and notes may."""
    for chapter in chapters:
        last = next((block for block in reversed(chapter.blocks) if block.text), None)
        if last is None or chapter.words < STORY or last.name != "p" or not last.prose:
            continue
        if len(last.text) < SENTENCE:
            continue
        if chapter.text.endswith(last.text[-20:]) and _CUT.search(last.text):
            message = "The chapter stops in the middle of a sentence."
            words = last.text[-60:].partition(" ")[2] or last.text[-60:]
            yield warning("plausibility.cut-off", message, chapter.place, "Add its end.", words)


def _first_line(chapter: ParsedChapter) -> str:
    return max(chapter.text.splitlines()[:4], key=len, default="")[:80]
