"""Pictures, links, notes, tables, formulas, languages: the book has what the source has."""

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from ebook_pipeline.books.converting.text_comparison.source_text import SourceText
from ebook_pipeline.books.converting.text_comparison.words import plain, word_spans
from ebook_pipeline.foundation.findings import Finding, Severity

_MOST_NAMED = 5
"""Addresses, descriptions or languages that a finding names."""
_LONGEST_NAME = 80
"""Characters of each."""
_SAID_ALREADY = {"picture": frozenset({"convert.missing-picture", "convert.damaged-picture"})}
"""Findings of a conversion that tell of the same loss."""
_COUNTED = (
    ("picture", "pictures", "pictures"),
    ("inner-link", "inner_links", "links within the book"),
    ("note", "notes", "notes"),
    ("table", "tables", "tables"),
    ("formula", "formulas", "formulas"),
)


def parts_findings(
    source: SourceText, book: SourceText, said: Iterable[Finding]
) -> Iterator[Finding]:
    """A warning for each sort of thing that the book has less of; what `said` tells, left out."""
    rules = {finding.rule for finding in said}
    for name, field, words in _COUNTED:
        ours, theirs = getattr(source, field), getattr(book, field)
        known = _SAID_ALREADY.get(name, frozenset()) & rules
        if ours is not None and theirs is not None and theirs < ours and not known:
            yield _lost(name, f"The source has {ours:,} {words}, the book {theirs:,}.")
    yield from _named("link", "Links lead nowhere in the book", _lost_addresses(source, book))
    yield from _named("alternative", "Descriptions of pictures", _lost_alternatives(source, book))
    languages = (source.languages or frozenset()) - (book.languages or frozenset())
    yield from _named("language", "The marks of languages", sorted(languages))


def _named(name: str, what: str, lost: Iterable[str]) -> Iterator[Finding]:
    names = [one[:_LONGEST_NAME] for one in lost]
    if names:
        shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
        yield _lost(name, f"{what} were lost ({len(names):,}): {shown}.")


def _lost_addresses(source: SourceText, book: SourceText) -> list[str]:
    kept = {_address(address) for address in book.addresses or ()}
    return sorted(one for one in source.addresses or () if _address(one) not in kept)


def _address(address: str) -> str:
    """`address` as it is compared: case, escapes and a last slash make no difference."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return address.strip()
    path = "".join(unquote(parts.path).split()).rstrip("/")
    query, fragment = unquote(parts.query), unquote(parts.fragment)
    return f"{parts.scheme.lower()}:{parts.netloc.lower()}{path}?{query}#{fragment}"


def _lost_alternatives(source: SourceText, book: SourceText) -> list[str]:
    if book.alternatives is None:
        return []
    wanted = Counter(map(_said, source.alternatives or ()))
    lost = wanted - Counter(map(_said, book.alternatives))
    within = f" {' '.join(map(_said, book.alternatives))} "
    return [text for text in lost if text and f" {text} " not in within]


def _said(text: str) -> str:
    plainly = plain(text)
    return " ".join(plainly[start:end].casefold() for start, end in word_spans(plainly))


def _lost(name: str, message: str) -> Finding:
    return Finding(
        rule=f"convert.{name}-lost",
        severity=Severity.WARNING,
        message=message,
        remedy="Compare the book with the manuscript before it is released.",
    )
