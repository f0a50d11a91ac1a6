"""Grammar: what a checker says of passages spread over the book, and words set twice anywhere.

Here: which passages are read, what counts, the score. The checkers stand in
`resources.models.grammar_checker`. Literature breaks rules on purpose, above all when people
speak: a fault that speech is full of counts in narration only.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import (
    DimensionResult,
    dimension_result,
    info,
    passage,
    quote,
    unchecked,
    warning,
)
from ebook_pipeline.books.text import words
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "grammar"
WORST_RATE = 100.0
"""Faults per 10,000 words read at which the score is 0."""
PASSAGES = 24
PASSAGE_WORDS = 270
"""So many passages of about so many words are read; a book with fewer words is read whole.

Of a clean book with 5 faults in 10,000 words that tells the rate to 2.8 more or less, where 400
words each told it to 2.3 for half more time; from 30 on a person is asked.
"""
PASSAGE_CHARACTERS = 10_000
"""At which a passage ends, however few words it has: its paragraphs are checked outside."""
LONGEST_PARAGRAPH = 6000
"""Characters; longer ones are no prose, and cost more than they tell."""
FEWEST_WORDS = 8
"""Shorter lines are headings, verse and exclamations."""
_SENTENCE_ENDS = tuple(".!?…:;”’\"')")
_ON_PURPOSE = (
    "ah bye co dear do far ha had haw he her hey ho hush in is it knock la long many more my no"
    " now oh on out over pooh so ta tap tat that there tut twit up very well yes you"
)
_TWICE_ON_PURPOSE = frozenset(_ON_PURPOSE.split())
_DOUBLED = re.compile(r"(?<![\w'’-])([^\W\d_]{1,20})((?: \1)+)(?![\w'’-])", re.IGNORECASE)
_SPEECH = re.compile(r"“[^“”\n]*(?:”|$)|\"[^\"\n]*(?:\"|$)|(?<!\w)‘[^‘\n]*?(?:’(?!\w)|$)", re.M)


@dataclass(frozen=True)
class GrammarFault:
    """What a checker found in ``text[start:end]``; `suggestion` is empty where it has none.

    `spoken`: people who speak break this rule so often that it says nothing within speech.
    """

    start: int
    end: int
    rule: str
    message: str
    suggestion: str = ""
    spoken: bool = False


class GrammarChecker(Protocol):
    """One contract for every implementation; calls from any thread.

    `version` names whatever may change an answer.
    """

    @property
    def version(self) -> str: ...

    def knows(self, language: str) -> bool:
        """Whether text in `language` (a tag of BCP 47) is checked. Raises as `check`."""
        ...

    def check(self, text: str, language: str) -> list[GrammarFault]:
        """The faults of `text`, whose paragraphs are parted by blank lines, in order.

        Spelling and style are left to others. Raises BookError (LimitExceeded) for text that the
        checker fails on, ServiceError and Unavailable for a service that does not answer.
        """
        ...


@dataclass(frozen=True)
class ProsePassage:
    """Some paragraphs of the chapter at `place`, parted by blank lines."""

    place: str
    text: str


@dataclass(frozen=True)
class GrammarSample:
    """What is to be checked of a book of `words` words; `doubled` are words set twice in it.

    `passages` are taken from `there`, which are all of the book's, at equal distances.
    """

    words: int
    there: int
    passages: tuple[ProsePassage, ...]
    doubled: tuple[Finding, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(passage.text for passage in self.passages)

    @property
    def read(self) -> int:
        """Words of the passages."""
        return sum(len(words(passage.text)) for passage in self.passages)

    @property
    def which(self) -> str:
        """*40 of 312 passages: 2 of chapter-1.xhtml, 1 of …*; the whole prose is just *all*."""
        if len(self.passages) == self.there:
            return "all"
        places = Counter(passage.place for passage in self.passages)
        named = (f"{number} of {place.rpartition('/')[2]}" for place, number in places.items())
        return f"{len(self.passages)} of {self.there} passages: {', '.join(named)}"


def sample_passages(chapters: Sequence[ParsedChapter]) -> GrammarSample:
    """Passages of prose from all over the book: the same for the same book."""
    prose = [passage for chapter in chapters for passage in _passages(chapter)]
    step = max(1.0, len(prose) / PASSAGES)
    chosen = [prose[int(step * (at + 0.5))] for at in range(min(PASSAGES, len(prose)))]
    total = sum(chapter.spaced_words for chapter in chapters)
    doubled = tuple(finding for chapter in chapters for finding in _doubled(chapter))
    return GrammarSample(total, len(prose), tuple(chosen), doubled)


def check_grammar(
    read: GrammarSample | None, language: str, checker: GrammarChecker | None
) -> DimensionResult:
    """What `checker` says of the sample; unchecked where it does not check it.

    A checker that a text ends or detains has not checked it: the book is judged without, and a
    finding says so. Raises ServiceError and Unavailable as the checker does.
    """
    if read is None:
        return unchecked(DIMENSION, "the book could not be read to its end")
    if checker is None:
        return unchecked(DIMENSION, "no checker")
    if not checker.knows(language):
        return unchecked(DIMENSION, f"not a language of the checker: {language or 'unknown'}")
    try:
        return score_grammar(read, checker.check(read.text, language), language)
    except BookError as error:
        doubt = warning("grammar.unchecked", f"The grammar could not be checked: {error}")
        return unchecked(DIMENSION, "the checker failed", [doubt])


def score_grammar(
    read: GrammarSample, faults: Sequence[GrammarFault], language: str
) -> DimensionResult:
    """1 for a book without faults: those of the `read` sample, and words set twice."""
    if not read.read:
        return unchecked(DIMENSION, "no passage reads as prose", read.doubled)
    text = read.text
    counting = list(counting_faults(text, faults))
    rate = 1e4 * len(counting) / max(1, read.read)
    doubled = 1e4 * len(read.doubled) / max(1, read.words)
    evidence: dict[str, float | int | str] = {
        "checked": language,
        "words_read": read.read,
        "share_read": round(read.read / max(1, read.words), 4),
        "faults": len(counting),
        "spoken_faults": len(faults) - len(counting),
        "per_10000": round(rate, 2),
        "doubled_words": len(read.doubled),
        "read": read.which,
    }
    findings = (*read.doubled, *_findings(read, text, counting))
    return dimension_result(DIMENSION, 1 - (rate + doubled) / WORST_RATE, evidence, findings)


def counting_faults(text: str, faults: Sequence[GrammarFault]) -> Iterator[GrammarFault]:
    """Those of narration; within speech those only that speech is not full of."""
    speech = [match.span() for match in _SPEECH.finditer(text)]
    begins = [start for start, _ in speech]
    for fault in faults:
        at = bisect_right(begins, fault.start) - 1
        spoken = at >= 0 and fault.start < speech[at][1]
        if not (spoken and fault.spoken):
            yield fault


def doubled_words(text: str) -> Iterator[tuple[int, int]]:
    """Where a word is set twice in prose and nobody means to."""
    for match in _DOUBLED.finditer(text):
        begins = text.rfind("\n", 0, match.start()) + 1
        line = text[begins : begins + LONGEST_PARAGRAPH].partition("\n")[0]
        meant = match[1].lower() in _TWICE_ON_PURPOSE or match[2].count(" ") > 1
        if match[2].islower() and not meant and _prose_words(line):
            yield match.span()


def _passages(chapter: ParsedChapter) -> Iterator[ProsePassage]:
    """The prose of a chapter in pieces of about `PASSAGE_WORDS` words, as near as its lines end."""
    lines: list[str] = []
    count = characters = 0
    for line in chapter.text.splitlines():
        number = _prose_words(line)
        if number and lines and count + number / 2 > PASSAGE_WORDS:
            yield ProsePassage(chapter.place, "\n\n".join(lines))
            lines, count, characters = [], 0, 0
        if number:
            lines.append(line)
            count += number
            characters += len(line)
        if count >= PASSAGE_WORDS or characters >= PASSAGE_CHARACTERS:
            yield ProsePassage(chapter.place, "\n\n".join(lines))
            lines, count, characters = [], 0, 0
    if lines:
        yield ProsePassage(chapter.place, "\n\n".join(lines))


def _prose_words(line: str) -> int:
    """How many words a line of prose has; 0 of any other."""
    if len(line) > LONGEST_PARAGRAPH or not line.rstrip().endswith(_SENTENCE_ENDS):
        return 0
    number = len(words(line))
    return number if number >= FEWEST_WORDS else 0


def _doubled(chapter: ParsedChapter) -> Iterator[Finding]:
    for span in doubled_words(chapter.text):
        yield info(
            "grammar.doubled-word",
            f"A word stands twice: {quote(chapter.text, *span)}",
            chapter.place,
            "Delete one of them, if that is not meant.",
            passage(chapter.text, *span),
        )


def _findings(read: GrammarSample, text: str, faults: Sequence[GrammarFault]) -> Iterator[Finding]:
    begins, at = [], 0
    for prose in read.passages:
        begins.append(at)
        at += len(prose.text) + 2
    for fault in faults:
        place = read.passages[bisect_right(begins, fault.start) - 1].place
        span = fault.start, fault.end
        remedy = f"Perhaps: {fault.suggestion}" if fault.suggestion else ""
        message = f"{fault.message} {quote(text, *span)}"
        yield info("grammar.fault", message, place, remedy, passage(text, *span))
