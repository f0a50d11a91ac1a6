"""The title and the authors that a manuscript begins with, in its first lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_BY = re.compile(
    r"(?:(?:written\s+)?by|von|par|por|di|door|av|af)\s*:?\s+(?P<name>\S.{1,80})", re.IGNORECASE
)
_LABELLED = re.compile(r"(?P<name>title|author)\s*:\s*(?P<value>\S.{0,200})", re.IGNORECASE)
_NAME = re.compile(r"(?:[^\W\d_][\w.’'-]*\s+){1,4}[^\W\d_][\w.’'-]+")
_LONGEST = 120
_NO_TITLE = (".", ",", ";", ":")


@dataclass(frozen=True)
class TitlePage:
    """What the first lines say; `lines` are the indices of those that say it."""

    title: str
    authors: tuple[str, ...]
    lines: frozenset[int]


def title_page(
    front: Sequence[str], title: str = "", authors: tuple[str, ...] = ()
) -> TitlePage | None:
    """The title page in the lines before the text begins; None where there is none.

    What is known already (`title`, `authors`) is looked for rather than guessed.
    """
    found = TitlePage("", (), frozenset())
    for index, line in enumerate(front):
        following = _read(line, found, title, authors)
        if following is None:
            if title or authors:
                continue
            break
        found = TitlePage(*following, found.lines | {index})
    return found if found.lines else None


def _read(
    line: str, found: TitlePage, title: str, authors: tuple[str, ...]
) -> tuple[str, tuple[str, ...]] | None:
    """The title and authors with what `line` adds; None where it adds nothing."""
    if not line or len(line) > _LONGEST:
        return None
    labelled, by = _LABELLED.fullmatch(line), _BY.fullmatch(line)
    value = labelled["value"] if labelled else by["name"] if by else line
    if labelled and labelled["name"].lower() == "title" and not found.title:
        return value, found.authors
    if title and not found.title and _same(value, title):
        return title, found.authors
    if authors and not found.authors and _same(value, ", ".join(authors), " and ".join(authors)):
        return found.title, authors
    if not authors and not found.authors and (found.title or title):
        if labelled or by or _NAME.fullmatch(line):
            return found.title, (value,)
        return None
    if not title and not found.title and not by and not line.endswith(_NO_TITLE):
        return line, found.authors
    return None


def _same(one: str, *others: str) -> bool:
    return any(one.casefold() == other.casefold() for other in others)
