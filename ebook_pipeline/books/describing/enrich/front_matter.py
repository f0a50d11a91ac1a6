"""What a title page, a copyright page or a colophon says of the edition, read from the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ebook_pipeline.foundation.identifiers import isbn13

MOST_ISBNS = 10
_HEAD, _TAIL = 15_000, 6_000
_LONGEST_LINE = 600
_YEAR = r"(?P<year>1[4-9]\d\d|20\d\d)"
_PERSON = (
    r"(?P<name>[A-Z][^\W\d_]*\.?(?:[ -](?:(?:de|von|van|du|la|der)[ ])?[A-Z][^\W\d_]*\.?){1,4})"
)
_COPYRIGHT = re.compile(rf"(?:copyright|©|\(c\))[^.\n]{{0,40}}?\b{_YEAR}\b", re.IGNORECASE)
_FIRST = re.compile(
    rf"(?:first|originally)\s+(?:published|printed|issued|appeared)\b[^.\n]{{0,80}}?\b{_YEAR}\b"
    rf"|\bwas (?:first )?(?:published|completed) in (?P<later>1[4-9]\d\d|20\d\d)\b",
    re.IGNORECASE,
)
_TRANSLATED = re.compile(
    rf"\b(?:[Tt]ranslated|TRANSLATED|[Tt]ranslation)\b[^.;\n]{{0,60}}?\b[Bb]y {_PERSON}"
    rf"|\bTranslat(?:or|ion):\s*(?P<other>[A-Z][^\n,;]{{3,60}})"
)
_PUBLISHER = re.compile(
    r"^(?:Published|Printed and published|First published in .{0,40}) by (?:the )?"
    r"(?P<name>[A-Z][^\n.;,(]{2,60})"
)
_EDITION = re.compile(
    r"^(?P<name>(?:(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,2}(?:st|nd|rd|th)|"
    r"new|revised|enlarged|corrected|updated|abridged|expanded|international|anniversary|student)"
    r"(?:,? and |,? )?){1,3}edition)\b",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"\b(?:original(?:ly)? (?:published|title|titled|entitled)(?: in [A-Z][a-z]+)?(?: as|:)|"
    r"published in [A-Z][a-z]+ (?:as|under the title))"
    r"\s*[“\"‘'*_]?(?P<name>[^\n”\"*_,;(]{2,80}[^\s.”\"*_,;(])",
    re.IGNORECASE,
)
_ISBN = re.compile(
    r"(?P<label>\be-?ISBN|\bISBN)(?P<kind>[^\d\n]{0,30}?)(?:[ -]?1[03]\b)?(?P<more>[^\d\n]{0,20}?)"
    r"(?P<number>(?:97[89][ -]?)?(?:\d[ -]?){9}[\dXx])\b(?P<after>\s?\([^()\n]{0,20}\))?",
    re.IGNORECASE,
)
_ELECTRONIC = re.compile(r"e-?isbn|e-?book|epub|electronic|digital|kindle", re.IGNORECASE)


@dataclass(frozen=True)
class FrontMatter:
    """Facts of the edition as printed; empty where the book says nothing."""

    publisher: str = ""
    copyright_year: str = ""
    first_published: str = ""
    translators: tuple[str, ...] = ()
    edition: str = ""
    original_title: str = ""
    isbns: tuple[str, ...] = ()
    ebook_isbn: str = ""
    """The one that is printed as an e-book's; of several, none."""


def read(body: str) -> FrontMatter:
    """What the first and last pages of the plain text `body` say; stories are not searched."""
    lines = list(_lines(body))
    return FrontMatter(
        publisher=_first(_PUBLISHER, lines),
        copyright_year=max((m["year"] for m in _all(_COPYRIGHT, lines)), default=""),
        first_published=min((m["year"] or m["later"] for m in _all(_FIRST, lines)), default=""),
        translators=_translators(lines),
        edition=_first(_EDITION, lines),
        original_title=_first(_ORIGINAL, lines),
        **_isbns(lines),
    )


def _isbns(lines: list[str]) -> dict[str, Any]:
    """Valid numbers, as thirteen digits."""
    numbers: dict[str, bool] = {}
    for match in _all(_ISBN, lines):
        number = isbn13(match["number"])
        if number:
            label = " ".join(filter(None, match.group("label", "kind", "more", "after")))
            numbers[number] = numbers.get(number, False) or _ELECTRONIC.search(label) is not None
    electronic = [number for number, is_electronic in numbers.items() if is_electronic]
    return {
        "isbns": tuple(numbers)[:MOST_ISBNS],
        "ebook_isbn": electronic[0] if len(electronic) == 1 else "",
    }


def _lines(body: str) -> Iterator[str]:
    tail = body[max(_HEAD, len(body) - _TAIL) :]
    for line in f"{body[:_HEAD]}\n{tail}".splitlines():
        plain = " ".join(line.split())
        if 0 < len(plain) <= _LONGEST_LINE:
            yield plain


def _all(pattern: re.Pattern[str], lines: list[str]) -> Iterator[re.Match[str]]:
    return (match for line in lines for match in pattern.finditer(line))


def _first(pattern: re.Pattern[str], lines: list[str]) -> str:
    match = next(_all(pattern, lines), None)
    return " ".join(match["name"].split()) if match else ""


def _translators(lines: list[str]) -> tuple[str, ...]:
    translators = (
        (match["name"] or match["other"]).strip(" .") for match in _all(_TRANSLATED, lines)
    )
    return tuple(dict.fromkeys(translators))[:3]
