"""What whoever writes a book's description is given, and what of their answer is accepted."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Protocol

from ebook_pipeline.books.describing.enrich.manner import Manner
from ebook_pipeline.foundation.errors import ServiceError

SHORTEST, LONGEST = 80, 2_000
"""Characters of a description."""
_WHITE = re.compile(r"[ \t\u00a0]+")
_ADDRESS = re.compile(
    r"https?:|www\.|\w@\w+\.\w|\b[\w-]{1,60}\.(?:com|net|org|io|ru|cn)\b", re.IGNORECASE
)
_MARKUP = re.compile(
    r"</?[a-z!][^<>]*>|\]\(|```|\*\*|&#?\w+;|^\s{0,3}(?:#{1,6}\s|[*+-]\s|\d+\.\s|>)",
    re.IGNORECASE | re.MULTILINE,
)
_OF_ITSELF = re.compile(
    r"\bas an? (?:AI|language model|assistant)\b|\bI can(?:not|['’]t) (?:help|assist|provide)|"
    r"\bthe (?:passages|excerpts|JSON)\b|\bhere(?:['’]s| is) (?:a|the|your) (?:description|blurb)",
    re.IGNORECASE,
)
_REFUSED = (("an address", _ADDRESS), ("markup", _MARKUP), ("talk of itself", _OF_ITSELF))


class UnusableAnswer(ServiceError):
    """What was written is no description that can be printed."""


@dataclass(frozen=True)
class Brief:
    """The book to describe; `passages` are its own words, from strangers: data, no orders."""

    title: str
    creators: tuple[str, ...]
    language: str
    genres: tuple[str, ...]
    passages: tuple[str, ...]
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    manner: Manner = field(default_factory=Manner)
    excerpts: tuple[str, ...] = ()
    """Longer passages from before its end, for who makes a summary of them."""


class Copywriter(Protocol):
    """Who writes descriptions; `version` names whatever may change one."""

    @property
    def version(self) -> str: ...

    def author(self, language: str, /) -> str:
        """Of `version` who describes books in `language`, a primary tag."""
        ...

    def describe(self, brief: Brief) -> str:
        """Plain text for `brief`; empty where there is nothing to say.

        Raises UnusableAnswer, Unavailable, ServiceError.
        """
        ...


def checked_description(answer: str) -> str:
    """`answer` as plain paragraphs. Raises UnusableAnswer for whatever no shop should print."""
    text = unicodedata.normalize("NFC", answer).strip().strip('"“”').strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise UnusableAnswer(f"the description has {len(text)} characters")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs") for sign in text if sign != "\n"):
        raise UnusableAnswer("the description holds control characters")
    for what, pattern in _REFUSED:
        if pattern.search(text):
            raise UnusableAnswer(f"the description holds {what}")
    lines = (_WHITE.sub(" ", line).strip() for line in text.splitlines())
    return "\n\n".join(line for line in lines if line)
