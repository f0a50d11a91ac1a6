"""What a picture book must not say: our classes of content, and rules for children's books.

Words in context, told as findings; whether something is meant so, a person judges, as every book
made here waits for one.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ebook_pipeline.books.judging import appropriateness
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.picture_books.brief import Language
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.toml_files import toml_beside

_MOST_YEARS = 6
"""The age that our classes may suggest for a picture book's words, in years."""
_AROUND = 30
"""Letters to each side of what a finding quotes."""


class _Rule(NamedTuple):
    name: str
    says: str
    pattern: re.Pattern[str]


def unsafe(pages: Sequence[Sequence[str]], language: Language) -> list[Finding]:
    """What the pages say that no children's book may; places are page numbers from 1."""
    found = [finding for number, page in enumerate(pages, 1) for finding in _by_rules(page, number)]
    return found + list(_by_classes(pages, language))


def _by_rules(page: Sequence[str], number: int) -> Iterator[Finding]:
    text = " ".join(page)
    for rule in _rules():
        for match in rule.pattern.finditer(text):
            yield Finding(
                rule=f"child.{rule.name}",
                severity=Severity.ERROR,
                message=f"The text {rule.says}: “{match[0]}”",
                place=f"page {number}",
                passage=text[max(0, match.start() - _AROUND) : match.end() + _AROUND],
                remedy="Say it another way, or leave it out.",
            )


def _by_classes(pages: Sequence[Sequence[str]], language: Language) -> Iterator[Finding]:
    """Our content classes, which know English; German has the rules alone."""
    chapters = [_chapter(number, page) for number, page in enumerate(pages, 1)]
    result = appropriateness.check(chapters, language)
    age = result.score.evidence.get("suggested_age")
    if isinstance(age, int) and age > _MOST_YEARS:
        for finding in result.findings:
            yield finding.model_copy(update={"severity": Severity.ERROR})


def _chapter(number: int, page: Sequence[str]) -> ParsedChapter:
    text = "\n".join(page)
    return ParsedChapter(f"page {number}", text, text, len(page), 0, (), shows=True)


@cache
def _rules() -> tuple[_Rule, ...]:
    table = toml_beside(__file__, "child_rules.toml")
    return tuple(
        _Rule(name, rule["says"], _pattern(name, rule["words"])) for name, rule in table.items()
    )


def _pattern(name: str, words: list[str]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    if name == "contact":
        return re.compile(alternatives, re.IGNORECASE)
    return re.compile(rf"\b(?:{alternatives})\w{{0,4}}\b", re.IGNORECASE)
