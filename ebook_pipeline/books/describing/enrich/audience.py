"""For whom a book is: as somebody declares it, or guessed from headings, genre and language.

Codes of ONIX list 28, https://ns.editeur.org/onix/en/28
"""

import re
from collections.abc import Sequence

from ebook_pipeline.books.records import Audience, Genre, Product

GENERAL, CHILDREN, YOUNG_ADULT, SCHOOL, COLLEGE, PROFESSIONAL = "01", "02", "03", "04", "05", "06"
NAMES = {
    GENERAL: "general readers",
    CHILDREN: "children",
    YOUNG_ADULT: "young adults",
    SCHOOL: "schools",
    COLLEGE: "colleges",
    PROFESSIONAL: "professionals",
}
_CHILD_UNTIL, _GROWN = 12, 18
"""Years: the age at which books are for young adults, and that at which they are for everybody."""
_DECLARED = (
    (YOUNG_ADULT, re.compile(r"young[ -]adult|\bYA\b|teen|adolescent", re.IGNORECASE)),
    (CHILDREN, re.compile(r"child|juvenile|kids|toddler|pre-?school|picture book", re.IGNORECASE)),
    (PROFESSIONAL, re.compile(r"professional|scholar|academic|research", re.IGNORECASE)),
    (COLLEGE, re.compile(r"college|universit|tertiary|higher education", re.IGNORECASE)),
    (SCHOOL, re.compile(r"school|primary education|secondary education", re.IGNORECASE)),
    (GENERAL, re.compile(r"general|trade|adult|everyone|all ages", re.IGNORECASE)),
)
"""The first that is found wins: *young adult* before *adult*."""
_CODE = re.compile(r"0[1-9]")
_AGES = re.compile(r"\b(\d{1,2})\s*(?:-|–|to|until)\s*(\d{1,2})\b")
_FROM_AGE = re.compile(r"\b(\d{1,2})\s*(?:\+|years? and (?:up|over|older)|and (?:up|over|older))")
_JUVENILE = re.compile(
    r"juvenile|children['’]s (?:stor|book|fiction|literature|poetry)|picture books?|"
    r"nursery|young adult|teenage",
    re.IGNORECASE,
)
_GROWN_UP = ("FK", "FH", "FF", "QD", "JP", "DS", "NH")
"""How the codes of genres begin that are seldom for children."""
_KNOWN, _UNKNOWN = 0.95, 0.6
"""How sure it is that a book that does not look like a child's is for everybody."""
_EASY = 75.0
"""Flesch's reading ease from which a text is easy: sixth grade."""
_SHORT_SENTENCE, _LONG_SENTENCE = 14.0, 22.0
"""Words of a sentence, on the average of a book: what small children read, and what none do."""


def audience_text(audience: Audience) -> str:
    """*children, ages 8 to 12*"""
    named = NAMES.get(audience.code, f"ONIX {audience.code}")
    start, end = audience.age_from, audience.age_to
    if start is None and end is None:
        return named
    if end is None:
        return f"{named}, from age {start}"
    return f"{named}, {'up to age' if start is None else f'ages {start} to'} {end}"


def parse_audience(text_given: str | None) -> Audience | None:
    """What a submitter or a file calls the audience: a code, ages, or words; None if unknown."""
    text = (text_given or "").strip()
    ages = _ages(text)
    if _CODE.fullmatch(text):
        return Audience(code=text)
    code = next((code for code, pattern in _DECLARED if pattern.search(text)), None)
    if ages is None:
        return Audience(code=code) if code else None
    start, end = ages
    return Audience(code=code or _by_age(start, end), age_from=start, age_to=end)


def guess_audience(
    product: Product, genres: Sequence[Genre], sentence_words: float | None
) -> tuple[Audience, float]:
    """The likeliest audience and how sure that is, from 0 to 1.

    `sentence_words` is the mean length of a sentence, None where it can't be told.
    """
    child = _childlike(product, genres, sentence_words)
    if child < 0.5:
        sure = _KNOWN if any(genre.assigned for genre in genres) else _UNKNOWN
        return Audience(code=GENERAL), round(sure * (1 - child), 2)
    if any("young adult" in subject.term.lower() for subject in product.subjects):
        return Audience(code=YOUNG_ADULT, age_from=12, age_to=17), round(child, 2)
    start = 5 if _is_easy(product, sentence_words) else 8
    return Audience(code=CHILDREN, age_from=start, age_to=start + 4), round(child, 2)


def _childlike(product: Product, genres: Sequence[Genre], words: float | None) -> float:
    """How likely the book is for children: headings say most, then genre, then language."""
    likely = 0.05
    if any(_JUVENILE.search(subject.term) for subject in product.subjects):
        likely += 0.6
    genre = next((genre.confidence for genre in genres if genre.code.startswith("YF")), 0.0)
    likely += 0.65 * genre
    if genre and product.reading and (product.reading.ease or 0) >= _EASY:
        likely += 0.1
    if words is not None and words > _LONG_SENTENCE:
        likely -= 0.15
    if genres and genres[0].code.startswith(_GROWN_UP) and genres[0].confidence >= 0.5:
        likely -= 0.2
    return min(0.95, max(0.05, likely))


def _is_easy(product: Product, words: float | None) -> bool:
    ease = (product.reading.ease if product.reading else None) or 0
    return ease >= _EASY and words is not None and words <= _SHORT_SENTENCE


def _ages(text: str) -> tuple[int, int | None] | None:
    between, upward = _AGES.search(text), _FROM_AGE.search(text)
    if between and int(between[1]) <= int(between[2]):
        return int(between[1]), int(between[2])
    return (int(upward[1]), None) if upward else None


def _by_age(start: int, end: int | None) -> str:
    if start >= _GROWN or (end is not None and end > _GROWN):
        return GENERAL
    return CHILDREN if start < _CHILD_UNTIL else YOUNG_ADULT
