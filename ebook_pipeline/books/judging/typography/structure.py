"""Paragraphs, headings, scene breaks, styles and links: how the pages are built."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

from ebook_pipeline.books.judging import numbering
from ebook_pipeline.books.judging.chapters import ParsedChapter, TextBlock
from ebook_pipeline.books.judging.dimension import info, warning
from ebook_pipeline.books.text import is_unspaced, word_count
from ebook_pipeline.foundation.findings import Finding

OUR_SHEET = "/* ebook-pipeline */"
"""Begins the style sheet of books that are made of manuscripts and PDFs."""
FEWEST_BOLD = 3
FEWEST_NUMBERS = 3
"""Numbered headings of one kind that show how a book writes its numbers."""
LONGEST_HEADING = 12
"""Words that a heading has at most."""
LONG_LINE = 60
"""Characters from which a line without end is prose, no verse."""
_BREAK = re.compile(r"(?:[*#~•·⁂✻❦–—_-]\s*){1,9}|\*(?:\s*\*){2,}")
_COMMAS = ",،、，"
_CSS_NOISE = re.compile(r"""/\*.*?(?:\*/|\Z)|"[^"\n]*"|'[^'\n]*'|url\([^)]*\)""", re.DOTALL)
_CSS_CLASS = re.compile(r"\.(-?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)")
_NO_CLASS = re.compile(r"\{[^{}]*\}")


def findings(chapters: Sequence[ParsedChapter], files: Container[str]) -> Iterator[Finding]:
    """What is built carelessly; `files` are the names in the container."""
    for chapter in chapters:
        yield from _headings(chapter)
        yield from _split_paragraphs(chapter)
    yield from _bold_headings(chapters)
    yield from _scene_breaks(chapters)
    yield from _numbers(chapters)
    yield from _dead_links(chapters, files)


def _headings(chapter: ParsedChapter) -> Iterator[Finding]:
    headings = [block for block in chapter.blocks if block.level]
    for before, after in pairwise(headings):
        if after.level > before.level + 1:
            message = f"A heading of level {after.level} follows one of level {before.level}."
            remedy = "Use the levels in order."
            yield info("typography.heading-skipped", message, chapter.place, remedy, after.text)
    first = [block for block in headings if block.level == 1]
    if len(first) > 1:
        message = f"The file has {len(first)} headings of level 1."
        remedy = "Keep one: the others are below it."
        yield info("typography.several-h1", message, chapter.place, remedy, first[1].text)


def _bold_headings(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    bold = [
        (chapter, block)
        for chapter in chapters
        for block in chapter.blocks
        if block.name == "p" and block.bold and _reads_as_heading(block.text)
    ]
    for chapter, block in bold if len(bold) >= FEWEST_BOLD else ():
        message = f"A bold paragraph seems to be a heading: “{block.text}”."
        remedy = "Mark it up as one."
        yield info("typography.bold-heading", message, chapter.place, remedy, block.text)


def _reads_as_heading(text: str) -> bool:
    words = word_count(text) if is_unspaced(text) else len(text.split())
    return words <= LONGEST_HEADING and text[-1].isalnum() and not text[0].islower()


def _split_paragraphs(chapter: ParsedChapter) -> Iterator[Finding]:
    """A paragraph without end before one without beginning."""
    for before, after in pairwise(chapter.blocks):
        if after.follows and _is_split(before, after):
            message = "A paragraph is broken in the middle of a sentence."
            words = " ".join(after.text.split()[:8])
            remedy = "Join it to the one before."
            yield info("typography.split-paragraph", message, chapter.place, remedy, words)


def _is_split(before: TextBlock, after: TextBlock) -> bool:
    if not (before.name == after.name == "p" and before.prose and after.prose):
        return False
    long = len(before.text) >= LONG_LINE
    unfinished = before.text[-1:].islower() or before.text[-1:] in _COMMAS
    return long and after.text[:1].islower() and unfinished


def scene_breaks(chapters: Sequence[ParsedChapter]) -> list[tuple[ParsedChapter, TextBlock]]:
    """Rules, and paragraphs of marks alone, in order."""
    return [
        (chapter, block)
        for chapter in chapters
        for block in chapter.blocks
        if block.name == "hr" or (block.name == "p" and _BREAK.fullmatch(block.text))
    ]


def _scene_breaks(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    uses = [
        (chapter, "a rule" if block.name == "hr" else block.text, block.text)
        for chapter, block in scene_breaks(chapters)
    ]
    times = Counter(form for _, form, _ in uses)
    main = times.most_common(1)[0][0] if times else ""
    for chapter, form, words in uses:
        if form != main:
            message = f"Scenes are parted by {form} here, elsewhere by {main}."
            remedy = "Part all scenes alike."
            yield info("typography.scene-break", message, chapter.place, remedy, words)


def _numbers(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    for run in numbering.sequences(numbering.headings(chapters)):
        for gap in numbering.breaks(run):
            if not gap.missing and gap.before is not None:
                place = "twice" if gap.is_double else f"after number {gap.before.number}"
                message = f"Number {gap.after.number} stands {place}."
                yield _numbered("typography.chapter-order", message, gap.after)
        main = Counter(heading.form for heading in run).most_common(1)[0][0]
        for other in run:
            if other.form != main and len(run) >= FEWEST_NUMBERS:
                message = f"The number is written in {other.form}; the others are in {main}."
                yield _numbered("typography.chapter-numbers", message, other)


def _numbered(rule: str, message: str, heading: numbering.NumberedHeading) -> Finding:
    return info(rule, message, heading.heading.place, "Number them alike.", heading.heading.text)


def _dead_links(chapters: Sequence[ParsedChapter], files: Container[str]) -> Iterator[Finding]:
    ids = {chapter.place: chapter.ids for chapter in chapters}
    for chapter in chapters:
        for link in dict.fromkeys(chapter.links):
            path, _, fragment = link.partition("#")
            if path not in files or (fragment and fragment not in ids.get(path, (fragment,))):
                message = f"The link to {link} leads nowhere."
                yield warning("typography.dead-link", message, chapter.place, "Mend it.")


def styles(chapters: Sequence[ParsedChapter], sheets: Sequence[str]) -> Iterator[Finding]:
    """Classes that no sheet defines, that are used once only, or that nothing uses.

    None where the sheet is ours: of a manuscript the submitter chose no class.
    """
    if any(sheet.startswith(OUR_SHEET) for sheet in sheets):
        return
    used = Counter(name for chapter in chapters for name in chapter.classes)
    defined = {name for sheet in sheets for name in _defined(sheet)}
    kinds = {
        "undefined-styles": ("used, but defined by no style sheet", used.keys() - defined),
        "single-styles": ("used once only", {name for name in used if used[name] == 1}),
        "unused-styles": ("defined, but never used", defined - used.keys()),
    }
    for rule, (problem, names) in kinds.items():
        if names:
            listed = ", ".join(sorted(names)[:10]) + (", …" if len(names) > 10 else "")
            yield info(f"typography.{rule}", f"Classes {problem} ({len(names)}): {listed}.")


def _defined(sheet: str) -> Iterator[str]:
    selectors = _NO_CLASS.sub(" ", _CSS_NOISE.sub(" ", sheet))
    yield from _CSS_CLASS.findall(selectors)
