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
"""Characters of a line that may be a title or a name."""
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
    page = TitlePage("", (), frozenset())
    for index, line in enumerate(front):
        following = _read(line, page, title, authors)
        if following is None:
            if title or authors:
                continue
            break
        page = TitlePage(*following, page.lines | {index})
    return page if page.lines else None


def _read(
    line: str, page: TitlePage, title: str, authors: tuple[str, ...]
) -> tuple[str, tuple[str, ...]] | None:
    """The title and authors with what `line` adds; None where it adds nothing."""
    if not line or len(line) > _LONGEST:
        return None
    labelled, by = _LABELLED.fullmatch(line), _BY.fullmatch(line)
    value = labelled["value"] if labelled else by["name"] if by else line
    if labelled and labelled["name"].lower() == "title" and not page.title:
        return value, page.authors
    if title and not page.title and _same(value, title):
        return title, page.authors
    if authors and not page.authors and _same(value, ", ".join(authors), " and ".join(authors)):
        return page.title, authors
    if not authors and not page.authors and (page.title or title):
        if labelled or by or _NAME.fullmatch(line):
            return page.title, (value,)
        return None
    if not title and not page.title and not by and not line.endswith(_NO_TITLE):
        return line, page.authors
    return None


def _same(text: str, *others: str) -> bool:
    return any(text.casefold() == other.casefold() for other in others)
