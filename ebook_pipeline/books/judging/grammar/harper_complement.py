"""Faults of English that Harper does not see, each a pattern that clean classics hardly have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ebook_pipeline.books.judging.grammar import GrammarFault

_BEFORE = 40


@dataclass(frozen=True)
class AgreementRule:
    """`wrong`, unless the words before match `unless`; `right` is what is put instead."""

    name: str
    wrong: re.Pattern[str]
    right: str
    unless: re.Pattern[str] | None = None

    def faults(self, text: str) -> Iterator[GrammarFault]:
        for match in self.wrong.finditer(text):
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            if self.unless is None or not self.unless.search(before):
                message = f"“{match[0]}” does not agree: “{match.expand(self.right)}”?"
                yield GrammarFault(
                    *match.span(), self.name, message, match.expand(self.right), True
                )


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b[^.;:!?\n]*$", re.IGNORECASE)


RULES = (
    AgreementRule("TheyWas", re.compile(r"\b(they|we|They|We) was\b"), r"\1 were"),
    AgreementRule(
        "HeWere",
        re.compile(r"\b(he|she|He|She|I) were\b"),
        r"\1 was",
        _words(
            "if|though|although|unless|whether|that|lest|wish\\w*|would|as|than|till|until|ere"
            "|suppose|and|or|nor|you|only|before|rather|who|what"
        ),
    ),
    AgreementRule(
        "HeHave",
        re.compile(r"\b(he|she|it|He|She|It) have\b"),
        r"\1 has",
        _words(
            "should|would|could|might|must|may|can|shall|will|did|does|do|had|if|that|though"
            "|lest|till|until|ere|unless|whether|let|make|made|and|or|nor|be|ought|see|saw|to"
            "|couldn't|wouldn't|shouldn't|didn't|doesn't|can't|won't|what|who|before"
        ),
    ),
)


def agreement_faults(text: str) -> list[GrammarFault]:
    """In order of the rules; apostrophes of `text` are straight."""
    return [fault for rule in RULES for fault in rule.faults(text)]
