"""Text that came out wrong: misread by a machine, or decoded with the wrong table of signs."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.judging import lexicon
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import info, passage, warning
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.findings import Finding

COMMON = 3.5
"""Zipf frequency (log10 per thousand million words) from which a word may have been printed."""
RARE = 2
"""Misread words are rare in their book; what comes more often is a name or dialect."""
FEWEST_WORDS = 500
"""Words below which a chapter's rate of misread words is not told."""
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LINE_WITH_DIGIT = re.compile(r"^[^0-9\n]*+[0-9].*", re.MULTILINE)
_MIXED = re.compile(
    r"(?<![^\W\d_])(?:[^\W\d_]+\d+[^\W\d_]+|[^\W\d_]{2,}\d)|(?<!\d)\d+[^\W\d_]{3,}", re.ASCII
)
_HONEST = re.compile(
    r"\d+(?i:st|nd|rd|th|s|d|mo|vo|to|am|pm|min|bis|ter|[kMG]?Hz|[kcm]?m[23]?|[kmd]g|ml|lbs?|px|pt)"
    r"|[A-Z]+\d+[A-Z]*(?:\d+[A-Z]*)?|[a-z]\d{1,2}[a-z]?|\d+[A-Z]+"
)
_SIGN_INSIDE = re.compile(r"\b[a-z]+[|\\^~}{\]\[*=<>][a-z]+\b|\b[a-z]{2,}[;:!][a-z]{2,}\b")
_MISREAD = (
    ("rn", "m"), ("m", "rn"), ("c", "e"), ("e", "c"), ("h", "b"), ("b", "h"), ("l", "i"),
    ("i", "l"), ("cl", "d"), ("d", "cl"), ("li", "h"), ("h", "li"), ("vv", "w"), ("ii", "u"),
    ("u", "n"), ("n", "u"), ("f", "t"), ("t", "f"), ("tl", "d"), ("ri", "n"), ("o", "a"),
    ("a", "o"), ("s", "f"), ("f", "s"), ("in", "m"), ("m", "in"), ("nn", "m"), ("tli", "th"),
    ("lh", "th"), ("ll", "h"), ("v", "y"), ("g", "q"), ("q", "g"),
)  # fmt: skip
"""(as a machine reads it, as it was printed)"""
_REST = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_GARBLED = re.compile(
    f"[\u00c2-\u00df]{_REST}|[\u00e0-\u00ef]{_REST}{{2}}|[\u00f0-\u00f4]{_REST}{{3}}|\ufffd+|ï¿½"
)
"""Sequences of UTF-8 (RFC 3629 §3) as Windows-1252 shows their bytes."""
_DIGITS = str.maketrans("015", "ols")


@dataclass(frozen=True)
class _Word:
    """A word that was misread, at its place in a chapter; `meant` where that is known."""

    chapter: ParsedChapter
    span: tuple[int, int]
    meant: str

    @property
    def finding(self) -> Finding:
        text = self.chapter.text
        read = text[slice(*self.span)]
        meant = f" It may be “{self.meant}”." if self.meant else ""
        message = f"“{read}” looks misread by a machine.{meant}"
        words = passage(text, *self.span)
        return info("plausibility.misread", message, self.chapter.place, "Proofread it.", words)


@dataclass(frozen=True)
class MisreadWords:
    """Misread words: findings, their rate in 10,000 words, and the worst chapter's."""

    findings: tuple[Finding, ...]
    per_10_000: float
    worst: float


def misread(chapters: Sequence[ParsedChapter], language: str, cache: Path | None) -> MisreadWords:
    """What recognition of printed letters leaves: *th1s*, *tbe*, *com|ng*.

    Words are compared with the lexicon of English only; letters among digits tell in any language.
    """
    words = [*_signs(chapters)]
    if primary_tag(language) == "en":
        words += _misread_words(chapters, lexicon.load(cache))
    order = {chapter.place: number for number, chapter in enumerate(chapters)}
    words.sort(key=lambda word: (order[word.chapter.place], word.span))
    per_chapter = Counter(word.chapter.place for word in words)
    worst = max(
        (
            1e4 * per_chapter[chapter.place] / max(FEWEST_WORDS, chapter.words)
            for chapter in chapters
        ),
        default=0.0,
    )
    total = sum(chapter.words for chapter in chapters)
    rate = 1e4 * len(words) / max(FEWEST_WORDS, total)
    return MisreadWords(tuple(word.finding for word in words), round(rate, 2), round(worst, 2))


def _signs(chapters: Sequence[ParsedChapter]) -> Iterator[_Word]:
    for chapter in chapters:
        for line in _LINE_WITH_DIGIT.finditer(chapter.text):
            for match in _TOKEN.finditer(chapter.text, *line.span()):
                if _MIXED.fullmatch(match[0]) and not _HONEST.fullmatch(match[0]):
                    meant = match[0].translate(_DIGITS).lower()
                    yield _Word(chapter, match.span(), meant if meant.isalpha() else "")
        for match in _SIGN_INSIDE.finditer(chapter.text):
            yield _Word(chapter, match.span(), "")


def _misread_words(chapters: Sequence[ParsedChapter], known: lexicon.Lexicon) -> Iterator[_Word]:
    """Unknown rare words that one misread letter makes of a common word."""
    unknown_words = [
        (chapter, match)
        for chapter in chapters
        for match in re.finditer(r"\b[a-z]{2,}\b", chapter.text)
        if match[0] not in known.known
    ]
    times = Counter(match[0] for _, match in unknown_words)
    meant = {word: _meant(word, known) for word, seen in times.items() if seen <= RARE}
    for chapter, match in unknown_words:
        if printed := meant.get(match[0]):
            yield _Word(chapter, match.span(), printed)


def _meant(word: str, known: lexicon.Lexicon) -> str:
    """The commonest word that a machine reads so; empty where there is none."""
    likely = {
        word[:at] + printed + word[at + len(read) :]
        for read, printed in _MISREAD
        for at in range(len(word))
        if word.startswith(read, at)
    }
    common = [other for other in likely if known.zipf.get(other, 0) >= COMMON]
    return max(common, key=lambda other: (known.zipf[other], other), default="")


def garbled(chapters: Sequence[ParsedChapter]) -> Iterator[Finding]:
    """UTF-8 read as Windows-1252 (*â€™*), and signs that were lost altogether."""
    for chapter in chapters:
        for match in _GARBLED.finditer(chapter.text):
            meant = _decoded(match[0])
            if meant is not None:
                read = f"{match[0]} for {meant}" if meant else "a sign is lost"
                message = f"The text was decoded wrongly: {read}"
                words = passage(chapter.text, *match.span())
                remedy = "Read the text as UTF-8."
                yield warning("plausibility.garbled", message, chapter.place, remedy, words)


def _decoded(signs: str) -> str | None:
    """What the signs are as UTF-8: empty for lost ones, None where they are meant as they stand."""
    if signs.startswith(("\ufffd", "ï¿½")):
        return ""
    try:
        read = "".join(_byte(sign) for sign in signs).encode("latin-1").decode()
    except UnicodeError:
        return None
    return read if len(read) < len(signs) and _is_likely(read[0]) else None


def _is_likely(sign: str) -> bool:
    """Western letters, Greek, Cyrillic, punctuation, emoji: others come of marks side by side."""
    blocks = ((0x80, 0xFF), (0x370, 0x45F), (0x2010, 0x2044), (0x20AC, 0x2122), (0x1F300, 0x1FAFF))
    return any(first <= ord(sign) <= last for first, last in blocks)


def _byte(sign: str) -> str:
    """The character of the byte that Windows-1252 shows as `sign`."""
    return sign if ord(sign) < 256 else sign.encode("cp1252").decode("latin-1")
