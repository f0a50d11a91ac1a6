"""Where and when a book is set, as far as its names and years tell: qualifiers with evidence."""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary
from ebook_pipeline.books.records import Audience, Genre
from ebook_pipeline.books.text import words
from ebook_pipeline.books.thema_qualifiers import ThemaQualifier, qualifiers

# Judged by the labels of benchmarks/metadata_tables/labelled_qualifiers.tsv (`--only qualifiers`).
_FEWEST_NAMES, _NAMES_PER_10_000 = 5, 1.0
"""Uses of a country's names from which a book may be set there: in all, and in 10,000 words."""
_LEAST_SHARE = 0.25
"""Share (0 to 1) of all names of places from which a country is suggested; told from `ASSIGNED`."""
_WITHIN = 0.6
"""Share of a country's names from which a part of it is told for it."""
_MOST_PLACES = 2
_FEWEST_YEARS = 3
_SAME_TIME = 0.7
"""Share of a text's years from which a century is that of the book."""
_SAME_PART = 0.9
"""The same of a half or a decade of the century."""
_SURE = 0.95
_TOLD_BY = 4
_MONTHS = (
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|May|June|July|August|September|October|November|December|"
    "Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember|janvier|février|mars|avril|mai|juin|juillet|"
    "août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    "septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|"
    "ottobre|dicembre|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
_BEFORE = (
    "in|of|since|until|till|before|after|from|about|year|summer|autumn|winter|spring|im|jahre?|seit|"
    "um|sommer|herbst|frühjahr|en|de|année|depuis|été|hiver|año|desde|nel|dal|anno|w|roku|году|в"
)
_COUNTED = "feet|miles|men|people|pounds|dollars|francs|metres|mann|meter|menschen"
_YEAR = re.compile(
    r"(?<=\s)(?:1\d{3}|20[0-4]\d|1[4-9](?=—|⸺|⸻|––|--|__))"
    rf"(?![\d,.]*\d|\s*(?:{_COUNTED}))",
    re.IGNORECASE,
)
_BEFORE_YEAR = re.compile(
    rf"\b(?:(?:{_MONTHS})\.?,?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?|(?:{_BEFORE})\s+(?:the\s+year\s+)?)\Z",
    re.IGNORECASE,
)
"""A year where a month or a word before it says that it is one; *17—* is a century's."""
_LONGEST_BEFORE = 60
"""Characters before a year that are looked at."""


@dataclass(frozen=True)
class SettingUses:
    """What a text names: places by code and name with their uses, years with theirs, its words."""

    places: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    years: tuple[tuple[str, int], ...] = ()
    words: int = 0


def setting_uses(parts: Sequence[str], vocabulary: Vocabulary) -> SettingUses:
    """Of the author's `parts`; years count where a word or month before them says that they are."""
    years = Counter(year for part in parts for year in _years(part))
    named = _long_names(parts, vocabulary) | vocabulary.printed
    places = (
        (code, tuple((name, named[name]) for name in place.names if named[name]))
        for code, place in qualifiers().items()
    )
    return SettingUses(
        places=tuple((code, found) for code, found in places if found),
        years=tuple(sorted(years.items(), key=lambda use: (-use[1], use[0]))),
        words=vocabulary.total,
    )


def _years(part: str) -> Iterator[str]:
    """The years of a text, in order; its digits are looked for first, for few texts have many."""
    for match in _YEAR.finditer(part):
        if _BEFORE_YEAR.search(part, max(0, match.start() - _LONGEST_BEFORE), match.start()):
            yield match[0]


def _long_names(parts: Sequence[str], vocabulary: Vocabulary) -> Counter[str]:
    """Names of several words, which a vocabulary has not, of places whose first word it has."""
    names = [name for name, first in _several_words().items() if vocabulary.printed[first]]
    there = [re.escape(name) for name in names if any(name in part for part in parts)]
    if not there:
        return Counter()
    pattern = re.compile(rf"\b(?:{'|'.join(there)})\b")
    return Counter(match for part in parts for match in pattern.findall(part))


@functools.cache
def _several_words() -> dict[str, str]:
    """Names of several words in order, with the first of them."""
    names = {name for place in qualifiers().values() for name in place.names if " " in name}
    return {name: words(name)[0] for name in sorted(names, key=re.escape)}


def places(uses: SettingUses) -> tuple[Genre, ...]:
    """The countries, or parts of them, whose names a text has most, with its names as evidence."""
    own = {code: Counter(dict(found)) for code, found in uses.places}
    whole = {root: _united(own, root) for root in _roots(own)}
    total = sum(named.total() for named in whole.values())
    fewest = max(_FEWEST_NAMES, _NAMES_PER_10_000 * uses.words / 10_000)
    ranked = sorted(whole, key=lambda root: (-whole[root].total(), root))[:_MOST_PLACES]
    return tuple(
        _told(code, share, _united(own, code).most_common(_TOLD_BY))
        for root in ranked
        if whole[root].total() >= fewest
        and (share := whole[root].total() / total) >= _LEAST_SHARE
        and (code := _within(own, root))
    )


def times(uses: SettingUses) -> tuple[Genre, ...]:
    """The century of most years, or the part of it that nearly all are in."""
    years = Counter({_year(written): number for written, number in uses.years})
    vague = {year for year, _ in uses.years if len(year) == len("18")}
    if years.total() < _FEWEST_YEARS:
        return ()
    century = max(_centuries(), key=lambda period: _within_years(period, years))
    found = _within_years(century, years)
    if found < max(_FEWEST_YEARS, _SAME_TIME * years.total()):
        return ()
    parts = [period for period in _periods() if period.code.startswith(century.code)]
    narrow = [period for period in parts if _within_years(period, years) >= _SAME_PART * found]
    best = century if vague else max(narrow, key=lambda period: len(period.code))
    told = [(written, number) for written, number in uses.years if _is_in(_year(written), century)]
    return (_told(best.code, found / years.total(), told[:_TOLD_BY]),)


def interest_age(audience: Audience | None, confidence: float, by: str) -> tuple[Genre, ...]:
    """The age from which a book for the young is of interest; `by` says who told the audience."""
    if audience is None or audience.age_from is None or audience.code not in ("02", "03"):
        return ()
    ages = [one for one in qualifiers().values() if one.age is not None]
    fits = [one for one in ages if (one.age or 0) <= audience.age_from]
    if not fits:
        return ()
    code = max(fits, key=lambda one: one.age or 0).code
    return (_made(code, confidence, f"audience from {audience.age_from}, by {by}"),)


def original_language(tag: str, words: str) -> tuple[Genre, ...]:
    """The language that a book says it was translated from, in `words` of its front matter."""
    known = (one.code for one in qualifiers().values() if one.language == tag)
    return tuple(_made(code, _SURE, words) for code in known)


def _roots(own: Iterable[str]) -> set[str]:
    """The codes above all others of their country."""
    known = [code for code, one in qualifiers().items() if one.names]
    return {min((one for one in known if code.startswith(one)), key=len) for code in own}


def _united(own: dict[str, Counter[str]], code: str) -> Counter[str]:
    """Each name of a place and of what is within it once."""
    named = Counter[str]()
    for inner, counted in own.items():
        if inner.startswith(code):
            named |= counted
    return named


def _within(own: dict[str, Counter[str]], code: str) -> str:
    """The smallest part of a country that most of its names are of."""
    inside = [one for one in own if one != code and one.startswith(code)]
    for part in sorted(inside, key=lambda one: (len(one), one)):
        if _united(own, part).total() >= _WITHIN * _united(own, code).total():
            return _within(own, part)
    return code


@functools.cache
def _periods() -> tuple[ThemaQualifier, ...]:
    return tuple(one for one in qualifiers().values() if one.years)


@functools.cache
def _centuries() -> tuple[ThemaQualifier, ...]:
    codes = {one.code for one in _periods()}
    return tuple(
        one
        for one in _periods()
        if not any(one.code != other and one.code.startswith(other) for other in codes)
    )


def _within_years(period: ThemaQualifier, years: Counter[int]) -> int:
    return sum(number for year, number in years.items() if _is_in(year, period))


def _is_in(year: int, period: ThemaQualifier) -> bool:
    first, last = period.years or (0, 0)
    return first <= year <= last


def _year(written: str) -> int:
    """The year, or the first of a century that is written as *17—*."""
    return int(written.ljust(4, "0"))


def _told(code: str, share: float, uses: Iterable[tuple[str, int]]) -> Genre:
    """Sure as its share is large; what tells it with how often it stands in the text."""
    listed = ", ".join(f"{_whole(name)} {number}" for name, number in uses)
    return _made(code, share, f"in the text: {listed}")


def _whole(name: str) -> str:
    return f"{name}—" if name.isdecimal() and len(name) == len("18") else name


def _made(code: str, confidence: float, evidence: str) -> Genre:
    term = qualifiers()[code].heading()
    sure = round(min(_SURE, confidence), 2)
    return Genre(code=code, term=term, confidence=sure, evidence=evidence)


_FROM = re.compile(
    r"(?:[Tt]ranslated|TRANSLATED) (?:into English )?(?:by [^.\n]{2,60} )?(?:from the|FROM THE) "
    r"(?:original )?(\w+)"
    r"|[Aa]us dem (\w+?)(?:ischen?|en)? (?:von|übersetzt|übertragen)"
    r"|[Tt]raduit (?:de l[’']|du )(\w+)"
)
_CALLED = {
    "french": "fr", "german": "de", "italian": "it", "spanish": "es", "russian": "ru",
    "danish": "da", "norwegian": "no", "swedish": "sv", "dutch": "nl", "polish": "pl",
    "portuguese": "pt", "latin": "la", "arabic": "ar", "chinese": "zh", "japanese": "ja",
    "korean": "ko", "engl": "en", "französ": "fr", "italien": "it", "span": "es", "russ": "ru",
    "norweg": "no", "dän": "da", "schwed": "sv", "niederländ": "nl", "poln": "pl",
    "portugies": "pt", "latein": "la", "arab": "ar", "chines": "zh", "japan": "ja",
    "anglais": "en", "allemand": "de", "russe": "ru", "espagnol": "es", "polonais": "pl",
    "suédois": "sv", "danois": "da", "norvégien": "no", "chinois": "zh", "japonais": "ja",
}  # fmt: skip


def translated_from(front: str) -> Iterator[tuple[str, str]]:
    """(tag of the language, the words that say it) in the first pages of a book."""
    for match in _FROM.finditer(front):
        name = next(filter(None, match.groups())).lower()
        if name in _CALLED:
            yield _CALLED[name], " ".join(match[0].split())
            return
