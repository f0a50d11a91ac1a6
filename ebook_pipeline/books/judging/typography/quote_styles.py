"""Quotation marks by language: which a book in it may use, which it does, and whether they pair.

The styles are those of CLDR 46 (`delimiters`, https://cldr.unicode.org) and of the language's own
handbooks where books use more than one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import info, passage
from ebook_pipeline.foundation.findings import Finding

FEWEST = 10
"""Marks of a book from which its style is told."""
_MAIN_SHARE = 0.6
"""Share of all opening marks, 0 to 1, that are of the style which is the book's."""


class QuoteStyle(NamedTuple):
    """What opens and what closes a quotation; the same sign in Swedish and Finnish."""

    opens: str
    closes: str

    def __str__(self) -> str:
        return f"{self.opens} {self.closes}"


ENGLISH, SINGLE = QuoteStyle("“", "”"), QuoteStyle("‘", "’")
GERMAN, POLISH = QuoteStyle("„", "“"), QuoteStyle("„", "”")
GUILLEMETS, INWARD = QuoteStyle("«", "»"), QuoteStyle("»", "«")
SWEDISH, RIGHTWARD = QuoteStyle("”", "”"), QuoteStyle("»", "»")
CORNERS, WHITE_CORNERS = QuoteStyle("「", "」"), QuoteStyle("『", "』")
TITLES = QuoteStyle("《", "》")
STYLES: dict[str, tuple[QuoteStyle, ...]] = {
    "en": (ENGLISH, SINGLE),
    "de": (GERMAN, INWARD),
    "fr": (GUILLEMETS, ENGLISH),
    "es": (GUILLEMETS, ENGLISH),
    "it": (GUILLEMETS, ENGLISH),
    "pt": (GUILLEMETS, ENGLISH),
    "nl": (ENGLISH, SINGLE, POLISH),
    "pl": (POLISH, GUILLEMETS, INWARD),
    "ru": (GUILLEMETS, GERMAN),
    "uk": (GUILLEMETS, GERMAN),
    "sv": (SWEDISH, RIGHTWARD, GUILLEMETS),
    "fi": (SWEDISH, RIGHTWARD),
    "da": (INWARD, GERMAN, ENGLISH, SWEDISH),
    "no": (GUILLEMETS, GERMAN),
    "nb": (GUILLEMETS, GERMAN),
    "cs": (GERMAN, INWARD),
    "sk": (GERMAN, INWARD),
    "hu": (POLISH, INWARD),
    "el": (GUILLEMETS, ENGLISH),
    "ja": (CORNERS, WHITE_CORNERS),
    "zh": (ENGLISH, CORNERS, WHITE_CORNERS, TITLES),
    "ko": (ENGLISH, SINGLE, CORNERS),
    "ar": (GUILLEMETS, ENGLISH),
    "he": (POLISH, ENGLISH, SWEDISH),
    "hi": (ENGLISH, SINGLE),
    "th": (ENGLISH,),
    "tr": (ENGLISH, GUILLEMETS, SINGLE),
    "vi": (ENGLISH, SINGLE),
    "fa": (GUILLEMETS,),
    "bn": (ENGLISH, SINGLE),
    "ta": (ENGLISH, SINGLE),
    "te": (ENGLISH, SINGLE),
    "mr": (ENGLISH, SINGLE),
    "gu": (ENGLISH, SINGLE),
    "kn": (ENGLISH, SINGLE),
    "ml": (ENGLISH, SINGLE),
    "pa": (ENGLISH, SINGLE),
    "id": (ENGLISH, SINGLE),
    "ms": (ENGLISH, SINGLE),
    "bg": (GERMAN, GUILLEMETS),
    "be": (GUILLEMETS, GERMAN),
    "mk": (GERMAN, GUILLEMETS),
    "sr": (GERMAN, POLISH, INWARD, GUILLEMETS),
    "hr": (POLISH, INWARD, GERMAN),
    "sl": (GERMAN, INWARD),
    "ro": (POLISH, GUILLEMETS),
    "et": (GERMAN, GUILLEMETS),
    "lv": (GUILLEMETS, GERMAN, ENGLISH),
    "lt": (GERMAN, GUILLEMETS),
    "is": (GERMAN,),
    "ca": (GUILLEMETS, ENGLISH),
    "gl": (GUILLEMETS, ENGLISH),
    "eu": (GUILLEMETS, ENGLISH),
    "ka": (GERMAN, GUILLEMETS),
    "hy": (GUILLEMETS,),
    "kk": (GUILLEMETS, ENGLISH),
    "sq": (GERMAN, GUILLEMETS),
    "eo": (ENGLISH, GERMAN, GUILLEMETS),
}
"""By primary tag, the usual one first. Straight marks are no style: `stray-quotes` tells them."""
_NATIONAL = {"de-ch": (GUILLEMETS, GERMAN), "pt-br": (ENGLISH, GUILLEMETS)}
_MARKS = re.compile("[“”„«»「」『』《》]")
_WIDE, _WIDE_ENDS = frozenset("「『《"), frozenset("」』》")
_BEFORE_OPENING = re.compile(r"(?:^|[\s(\[{—–\-¿¡‘‚‹›'\u2060])$")


def styles_of(language: str) -> tuple[QuoteStyle, ...]:
    """The styles that a book in `language`, a tag of BCP 47, may use; none where nobody listed."""
    tag = language.lower()
    return _NATIONAL.get(tag) or STYLES.get(tag.split("-")[0], ())


def used_style(chapters: Sequence[ParsedChapter]) -> QuoteStyle | None:
    """The style of most quotations; None where there are few, or several are used alike."""
    opening = Counter(mark for chapter in chapters for mark in _opening(chapter.text))
    if opening.total() < FEWEST:
        return None
    mark, times = opening.most_common(1)[0]
    if times < _MAIN_SHARE * opening.total():
        return None
    closing = Counter(mark for chapter in chapters for mark in _closing(chapter.text))
    ends = {style.closes for style in _ALL if style.opens == mark}
    best = max(sorted(ends), key=lambda end: closing[end], default="")
    return QuoteStyle(mark, best) if best and closing[best] else None


_ALL = frozenset(style for styles in STYLES.values() for style in styles)


def _opening(text: str) -> Iterator[str]:
    """Marks before a word and behind a space, or at a line's start."""
    for match in _MARKS.finditer(text):
        if match[0] in _WIDE or _is_opening(text, match.start()):
            yield match[0]


def _is_opening(text: str, at: int) -> bool:
    before = text[max(0, at - 1) : at]
    return bool(_BEFORE_OPENING.search(before)) and _opens_word(text, at)


def _opens_word(text: str, at: int) -> bool:
    """French books have a space within: *« Voilà »*."""
    behind = text[at + 1 : at + 3].lstrip("\u00a0\u202f\u2009\u200a\u2060 ¿¡—–…‘'")
    spaced = text[at + 1 : at + 2] in ("", "\n")
    return bool(behind) and not spaced and (behind[0].isalnum() or behind[0] in "“„«»‹›")


def _closing(text: str) -> Iterator[str]:
    for match in _MARKS.finditer(text):
        if _is_closing(text, match.start()):
            yield match[0]


def _is_closing(text: str, at: int) -> bool:
    """Behind a word or its point, and before none: a note's number follows some."""
    before = text[max(0, at - 2) : at].rstrip("\u00a0\u202f\u2009 ")
    ends = bool(before) and (before[-1].isalnum() or before[-1] in ".,;:!?…。！？、—–’)")
    return ends and (text[at] in _WIDE_ENDS or not text[at + 1 : at + 2].isalnum())


def findings(chapters: Sequence[ParsedChapter], language: str) -> Iterator[Finding]:
    """A style that is none of the language's, told once; quotations that do not pair."""
    style, known = used_style(chapters), styles_of(language)
    if style is None:
        return
    if known and style not in known:
        yield _foreign(chapters, style, known)
    if style.opens != style.closes:
        yield from unpaired(chapters, style)


def _foreign(
    chapters: Sequence[ParsedChapter], style: QuoteStyle, known: Sequence[QuoteStyle]
) -> Finding:
    chapter = next(chapter for chapter in chapters if style.opens in chapter.text)
    at = chapter.text.index(style.opens)
    listed = " or ".join(map(str, known))
    return info(
        "typography.foreign-quotes",
        f"Quotations stand between {style}; books in this language use {listed}.",
        chapter.place,
        "Use the marks of the language, if it is no choice.",
        passage(chapter.text, at, at + 1),
    )


def unpaired(chapters: Sequence[ParsedChapter], style: QuoteStyle) -> Iterator[Finding]:
    """Quotations that are opened twice or closed unopened.

    A quotation of several paragraphs opens again with each of them, and verse goes over lines.
    """
    marks = re.compile(f"[{style.opens}{style.closes}]")
    for chapter in chapters:
        text, inside = chapter.text, False
        for match in marks.finditer(text):
            at, opens = match.start(), match[0] == style.opens
            begins = at == 0 or text[at - 1] in "\n(‘‹›\"'"
            if _is_sided(text, at, opens=opens) and opens == inside and not (opens and begins):
                message = f"A quotation is {'opened inside another' if opens else 'closed only'}."
                words = passage(text, *match.span())
                remedy = "Add its other quotation mark."
                yield info("typography.unbalanced-quote", message, chapter.place, remedy, words)
            inside = opens


def _is_sided(text: str, at: int, *, opens: bool) -> bool:
    """Whether its neighbours leave no doubt that the mark opens, or closes."""
    if text[at] in _WIDE | _WIDE_ENDS:
        return True
    return _is_opening(text, at) if opens else _is_closing(text, at)
