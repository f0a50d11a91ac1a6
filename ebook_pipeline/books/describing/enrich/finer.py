"""Subjects below those that a text is told to belong to: sea stories, comedies, memoirs.

Told where headings, title or enough of its words name them; what told it is its evidence.
"""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ebook_pipeline.books.describing.enrich.labels import any_of, labels, words_of_each
from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary
from ebook_pipeline.books.records import Genre, Product
from ebook_pipeline.foundation.toml_files import toml_beside

_NAMED = 2.0
"""What a heading or the title that names a subject is worth, in rates of words that tell it."""
_MOST_OF_WORDS = 3.0
_TOLD_BY = 4
"""Words that are told as evidence."""
_LONGEST_HEADING = 80


@dataclass(frozen=True)
class FinerSubject:
    """A subject below `parent`; `rate` is how often in 10,000 words its words tell it alone."""

    code: str
    term: str
    parent: str
    named: Any
    titled: Any
    words: frozenset[str]
    stems: tuple[str, ...]
    rate: float


@dataclass(frozen=True)
class SubjectUses:
    """How often in 10,000 words a text uses a subject's words, and the most frequent of them."""

    code: str
    rate: float
    words: tuple[tuple[str, int], ...]


def subject_uses(vocabulary: Vocabulary) -> tuple[SubjectUses, ...]:
    """Of an English text, for every subject that it has words of."""
    return tuple(_uses(vocabulary))


def refined(
    genres: Sequence[Genre], product: Product, uses: Sequence[SubjectUses]
) -> tuple[Genre, ...]:
    """`genres`, before each the subject below it that its evidence is best for, if any is."""
    told = {use.code: use for use in uses}
    return tuple(subject for genre in genres for subject in _refined(genre, product, told))


def _refined(genre: Genre, product: Product, told: dict[str, SubjectUses]) -> Iterator[Genre]:
    below = [finer for finer in finer_subjects() if finer.parent == genre.code]
    weighed = [(_weight(finer, product, told.get(finer.code)), finer) for finer in below]
    weight, best = max(weighed, key=lambda one: one[0], default=(0.0, None))
    if best is not None and weight >= 1:
        evidence = _evidence(best, product, told.get(best.code))
        yield genre.model_copy(update={"code": best.code, "term": best.term, "evidence": evidence})
    yield genre


def _weight(finer: FinerSubject, product: Product, use: SubjectUses | None) -> float:
    weight = _NAMED if _heading(finer, product) or finer.titled.search(product.title) else 0.0
    if use and finer.rate:
        weight += min(_MOST_OF_WORDS, use.rate / finer.rate)
    return weight


def _heading(finer: FinerSubject, product: Product) -> str:
    terms = (subject.term for subject in product.subjects)
    return next((term for term in terms if finer.named.search(term)), "")


def _evidence(finer: FinerSubject, product: Product, use: SubjectUses | None) -> str:
    """*heading: Sea stories; words: captain 213, ship 89*"""
    parts = []
    if heading := _heading(finer, product):
        parts.append(f"heading: {heading[:_LONGEST_HEADING]}")
    elif finer.titled.search(product.title):
        parts.append("title")
    if use:
        parts.append(f"words: {', '.join(f'{word} {times}' for word, times in use.words)}")
    return "; ".join(parts)


def _uses(vocabulary: Vocabulary) -> Iterator[SubjectUses]:
    tables, total = finer_subjects(), vocabulary.total
    words_of = words_of_each([(finer.words, finer.stems) for finer in tables], vocabulary.types)
    for finer, words in zip(tables, words_of, strict=True):
        if words:
            found = [(word, vocabulary.types[word]) for word in words]
            often = sorted(found, key=lambda use: (-use[1], use[0]))[:_TOLD_BY]
            rate = 10_000 * sum(times for _, times in found) / total
            yield SubjectUses(finer.code, round(rate, 2), tuple(often))


@functools.cache
def finer_subjects() -> tuple[FinerSubject, ...]:
    """Every one, in the file's order."""
    return tuple(
        _subject(code, entry) for code, entry in toml_beside(__file__, "finer.toml").items()
    )


def _subject(code: str, entry: dict[str, Any]) -> FinerSubject:
    words = entry.get("words", [])
    known = (label.code for label in labels() if code.startswith(label.code))
    return FinerSubject(
        code=code,
        term=entry["term"],
        parent=entry.get("parent") or max(known, key=len),
        named=any_of(entry.get("subjects", [])),
        titled=any_of(entry.get("titles", [])),
        words=frozenset(word for word in words if not word.endswith("*")),
        stems=tuple(word.removesuffix("*") for word in words if word.endswith("*")),
        rate=float(entry.get("rate", 0)),
    )
