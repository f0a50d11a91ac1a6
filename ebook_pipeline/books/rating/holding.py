"""What of readers' opinions nobody sees before a person has looked: held, never thrown away.

The words are those that books are judged by (judging/appropriateness); a review is short, so that
single uses count here, and rates do not.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from ebook_pipeline.books.judging.appropriateness.content_words import (
    content_categories,
    word_uses,
)
from ebook_pipeline.books.judging.chapters import ParsedChapter

HELD_FROM = 3
"""Reports of different readers from which an opinion waits for a person."""
_HELD: dict[str, frozenset[str]] = {
    "profanity": frozenset({"strong"}),
    "sexual": frozenset({"explicit"}),
    "hate": frozenset({"slur", "call"}),
}
"""Tiers of content_words.toml. What a book tells of (violence, abuse, drugs) a review may name."""
_CONTACT = re.compile(
    r"https?:|www\.|[\w.+-]{1,64}@[\w-]{1,63}\.[a-z]{2,}|(?:\+|\b00)\d[\d /()-]{7,20}\d", re.I
)
"""A link, a mail address, a telephone number: of spam, or of somebody who should not be named."""


class ReportReason(StrEnum):
    """Why a reader says that an opinion should not stand here."""

    SPAM = "spam"
    HATE = "hate"
    SPOILER = "spoiler"
    PERSONAL_DATA = "personal-data"
    OFF_TOPIC = "off-topic"
    OTHER = "other"


def reasons_to_hold(text: str) -> tuple[str, ...]:
    """What a person should look at in the plain `text`: `coarse language`, `contact`; none: fine.

    Words are looked for in English alone; contacts in any language.
    """
    return tuple(dict.fromkeys(_reasons(text)))


def _reasons(text: str) -> Iterator[str]:
    names = {category.name: category.says for category in content_categories()}
    chapter = ParsedChapter("opinion", text, text, 1, 0, (), shows=False)
    for use in word_uses([chapter]):
        if use.tier in _HELD.get(use.kind, ()):
            yield names[use.kind]
    if _CONTACT.search(text):
        yield "contact"
