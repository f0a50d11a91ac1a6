"""Marks and spaces: each place that departs from what the book itself does."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import info, passage, warning
from ebook_pipeline.books.judging.typography import quote_styles
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.findings import Finding

FEWEST = 10
"""Fewer uses of a mark show no custom."""
CUSTOM = 0.95
"""The share of one form from which the others are strays, not a second custom."""
_SILENT = "\u2060\u200a\u2009\u202f\u00a0\u200b\ufeff"
"""Joiners and thin spaces, which typesetters put beside marks."""
_QUOTES = re.compile("[“”„«»‹›‘「」『』]")
_MARKS = frozenset("“”„«»‹›‘’「」『』")
_WIDE = "，。、！？：；…"
"""Marks of Chinese and Japanese, which have no space behind them."""
_OPEN_SIDE = frozenset("([{“„«‹‘「『（： \n")
_SHUT_SIDE = frozenset(f".,;:!?…)]}}”»›’」』） \n{_WIDE}।؟،؛")
_SPOKEN = f".,;:!?…)—–）{_WIDE}।॥؟،؛"
"""What may stand before a closing mark, beside letters and digits."""
_DASHES = re.compile(r"(?<=[^\W\d_])(?: - | ?--(?!-) ?| ?[–—] ?)(?=[^\W\d_])")
_ELLIPSES = re.compile(r"\.(?: ?\.){2,}|…")
_CLIPPED = {
    "en": re.compile(r"‘(?=(?:tis|twas|twere|twill|em|til|cause)\b)", re.IGNORECASE),
    "nl": re.compile(r"‘(?=[stnkmr]\b)", re.IGNORECASE),
}
CLIPPED_IN = frozenset(_CLIPPED)
_SPACED = re.compile(r"(?<=\w)[ \u00a0\u202f\u2009]?[;:!?؛؟।](?=\s|$)", re.MULTILINE)
_STRAIGHT = re.compile(r'"(?![\u05d0-\u05ea])|(?<![\u05d0-\u05ea])"')
"""Between two Hebrew letters it stands for gershayim, U+05F4, the mark of an abbreviation."""
_LEFT_HYPHEN = re.compile(r"\b([^\W\d_]{2,})- ([^\W\d_]{2,})\b")


def _letters(is_one: Callable[[str], bool]) -> str:
    """Those of Latin, Greek, Cyrillic and Armenian, as a class of a pattern."""
    codes = (*range(0x41, 0x590), *range(0x1E00, 0x2000))
    return "".join(letter for letter in map(chr, codes) if letter.isalpha() and is_one(letter))


_SMALL, _LARGE = _letters(str.islower), _letters(str.isupper)
_GLUED = re.compile(
    rf"\b[{_SMALL}]{{2,}}"
    rf"(?:[,;!?][{_SMALL}{_LARGE}]{{2,}}|\.[{_LARGE}][{_SMALL}]+|[{_LARGE}][{_SMALL}]{{2,}})\b"
)
_GLUED_ENGLISH = re.compile(
    r"\b(?:of|in|to|and|on|at|from|for|by|with|was|is|that|as|all|had|he|she)"
    r"(?:the|that|which|was|were|this|his|her)\b"
)
_REAL = frozenset({"hewas", "hehis", "asthe", "into"})
_ADDRESS = re.compile(
    r"(?<![\w.+-])(?:[\w.+-]*+(?:://|@)|www\.)\S*+|\b\w++\.(?:com|org|net|txt|html?|epub|pdf)\b\S*"
)


@dataclass(frozen=True)
class MarkUse:
    """A mark of some `form` in a chapter's text."""

    form: str
    chapter: ParsedChapter
    span: tuple[int, int]

    @property
    def mark(self) -> str:
        return self.chapter.text[slice(*self.span)]

    @property
    def words(self) -> str:
        return passage(self.chapter.text, *self.span)


@dataclass(frozen=True)
class MarksOfBook:
    """All uses by kind, a name in `NAMED`; quotation marks whose `form` is the side they take.

    `sides` is by mark the side that it has in this book, None where it shows no custom.
    """

    uses: Mapping[str, Sequence[MarkUse]]
    sided: Sequence[MarkUse]
    sides: Mapping[str, str | None]


NAMED = {
    "spaces": "marks ; : ! ?",
    "quotes": "quotation marks",
    "dashes": "dashes",
    "ellipses": "ellipses",
}
"""Kinds of marks of which a book uses one form, and what people call them."""


def read_marks(chapters: Sequence[ParsedChapter]) -> MarksOfBook:
    """The marks of a book, each with its form and place."""
    sided = [
        MarkUse(side, chapter, match.span())
        for chapter in chapters
        for match in _QUOTES.finditer(chapter.text)
        if (side := _side(chapter.text, match.start()))
    ]
    times = Counter((use.mark, use.form) for use in sided)
    uses = {
        "spaces": _uses(chapters, _SPACED, _space),
        "quotes": _quote_uses(chapters),
        "dashes": _dash_uses(chapters),
        "ellipses": _uses(chapters, _ELLIPSES, _dots),
    }
    return MarksOfBook(
        {kind: list(found) for kind, found in uses.items()},
        sided,
        {mark: _custom(mark, times) for mark, _ in times},
    )


def findings(
    chapters: Sequence[ParsedChapter],
    marks: MarksOfBook,
    vocabulary: Container[str],
    language: str = "en",
) -> Iterator[Finding]:
    """Every doubtful mark of a book in `language`; `vocabulary` are its words in lower case."""
    primary = primary_tag(language)
    yield from misplaced_quotes(marks)
    yield from left_out_letters(chapters, primary)
    yield from quote_styles.findings(chapters, language)
    for kind in NAMED:
        yield from _strays(kind, marks.uses[kind])
    yield from left_hyphens(chapters, vocabulary)
    yield from glued_words(chapters, primary)


def misplaced_quotes(marks: MarksOfBook) -> Iterator[Finding]:
    """Marks that close where one should open, or the other way round, by the book's own custom."""
    for use in marks.sided:
        if marks.sides[use.mark] not in (None, use.form):
            message = f"The quotation mark {use.mark} stands where one {use.form}s."
            place = use.chapter.place
            yield warning("typography.misplaced-quote", message, place, "Turn it.", use.words)


def left_out_letters(chapters: Sequence[ParsedChapter], language: str) -> Iterator[Finding]:
    """*‘Tis*, *‘s avonds*: an opening quotation mark for an apostrophe."""
    clipped = _CLIPPED.get(language)
    for use in _uses(chapters, clipped, str) if clipped else ():
        message = "A letter is left out here: an apostrophe belongs before it, no quotation mark."
        yield info("typography.apostrophe", message, use.chapter.place, "Write ’.", use.words)


def _side(text: str, at: int) -> str:
    """``open`` or ``close`` where the neighbours tell; empty where they do not."""
    before, after = _neighbour(text, at, -1), _neighbour(text, at, 1)
    if after.isalpha() and (before in _OPEN_SIDE or before in "—–-"):
        return "open"
    if after in _SHUT_SIDE and (before.isalnum() or before in _SPOKEN):
        return "close"
    return ""


def _neighbour(text: str, at: int, step: int) -> str:
    """The next character that is no joiner; a space between two marks is none either."""
    there = at + step
    while 0 <= there < len(text) and text[there] in _SILENT:
        there += step
    if not 0 <= there < len(text):
        return "\n"
    beyond = there + step
    if text[there] == " " and 0 <= beyond < len(text) and text[beyond] in _MARKS:
        return text[beyond]
    return text[there]


def _custom(mark: str, times: Counter[tuple[str, str]]) -> str | None:
    opens, closes = times[mark, "open"], times[mark, "close"]
    if mark == "‘":
        return "open" if opens >= FEWEST else None
    if opens + closes < FEWEST or 3 * min(opens, closes) > opens + closes:
        return None
    return "open" if opens > closes else "close"


def left_hyphens(
    chapters: Sequence[ParsedChapter], vocabulary: Container[str]
) -> Iterator[Finding]:
    """Words that are still broken as some printed line was: *some- thing*."""
    for chapter in chapters:
        for match in _LEFT_HYPHEN.finditer(chapter.text):
            left, right = match[1].lower(), match[2].lower()
            both_strange = left not in vocabulary and right not in vocabulary
            if left + right in vocabulary or both_strange:
                message = f"A word is broken as at the end of a line: “{match[0]}”."
                words = passage(chapter.text, *match.span())
                remedy = "Join its parts."
                yield warning("typography.line-end-hyphen", message, chapter.place, remedy, words)


def glued_words(chapters: Sequence[ParsedChapter], language: str = "en") -> Iterator[Finding]:
    """Words without a space between them: *end.The*, *yes,he*, and in English *ofthe*."""
    patterns = (_GLUED, _GLUED_ENGLISH) if language == "en" else (_GLUED,)
    for chapter in chapters:
        text = _ADDRESS.sub(lambda match: " " * len(match[0]), chapter.text)
        for match in (match for pattern in patterns for match in pattern.finditer(text)):
            if match[0] not in _REAL:
                message = f"Words run together: “{match[0]}”."
                words = passage(chapter.text, *match.span())
                yield info("typography.glued-words", message, chapter.place, "Part them.", words)


def _quote_uses(chapters: Sequence[ParsedChapter]) -> Iterator[MarkUse]:
    yield from _uses(chapters, _STRAIGHT, lambda _: "straight")
    yield from _uses(chapters, re.compile("[“”„]"), lambda _: "curly")
    yield from _uses(chapters, re.compile("[«»]"), lambda _: "pointed")
    yield from _uses(chapters, re.compile("[「」『』]"), lambda _: "cornered")


def _dash_uses(chapters: Sequence[ParsedChapter]) -> Iterator[MarkUse]:
    """A spaced and a closed em dash are one form: books set both, by the place."""
    names = {"—": "em dash", "–": "en dash", "--": "double hyphen", "-": "spaced hyphen"}
    return _uses(chapters, _DASHES, lambda mark: names[mark.strip()])


def _space(mark: str) -> str:
    return "without space" if len(mark) == 1 else "behind a space"


def _dots(mark: str) -> str:
    return mark if mark == "…" else "dots"


def _uses(
    chapters: Sequence[ParsedChapter], pattern: re.Pattern[str], form: Callable[[str], str]
) -> Iterator[MarkUse]:
    for chapter in chapters:
        for match in pattern.finditer(chapter.text):
            yield MarkUse(form(match[0]), chapter, match.span())


def _strays(kind: str, used: Sequence[MarkUse]) -> Iterator[Finding]:
    """Uses of another form than nearly all; one finding where two forms are both customs."""
    named = NAMED[kind]
    times = Counter(use.form for use in used)
    if len(times) < 2 or len(used) < FEWEST:
        return
    (main, most), *others = times.most_common()
    if most < CUSTOM * len(used):
        listed = ", ".join(f"{number} {form}" for form, number in (times.most_common()))
        first = next(use for use in used if use.form == others[0][0])
        message = f"The {named} are of several kinds: {listed}."
        rule = f"typography.mixed-{kind}"
        yield info(rule, message, first.chapter.place, "Use one kind throughout.", first.words)
        return
    for use in used:
        if use.form != main:
            message = f"Nearly all {named} of the book are {main}; here it is {use.form}."
            rule = f"typography.stray-{kind}"
            yield info(rule, message, use.chapter.place, "Use one kind throughout.", use.words)
