"""For whom a book is suited by a classifier of passages, in languages that have one.

A model tells which kinds of content a passage has, not how grave it is: each such passage counts
for the mildest tier of its kind, of the words that were read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ebook_pipeline.books.judging.appropriateness import DIMENSION
from ebook_pipeline.books.judging.appropriateness.content_words import (
    ContentCategory,
    content_categories,
)
from ebook_pipeline.books.judging.content_passages import ContentPassage
from ebook_pipeline.books.judging.dimension import DimensionResult, dimension_result, info
from ebook_pipeline.foundation.findings import Finding

TOLD = 0.5
"""How likely (0 to 1) a kind has to be for a passage to have it."""
_QUOTED = 240
FEWEST_WORDS = 1000
"""Words; ages of a shorter sample are drawn as of one this long."""


class JudgedPassage(NamedTuple):
    """A passage, and how likely it has each kind of content, by the kind's name."""

    passage: ContentPassage
    shares: Mapping[str, float]


def kinds_called() -> dict[str, str]:
    """What the kinds of content are called, by name."""
    return {kind.name: kind.says for kind in content_categories()}


def with_model(
    measured: DimensionResult, read: Sequence[JudgedPassage], language: str
) -> DimensionResult:
    """`measured` with what a model told of the passages that it `read`.

    Where words were counted too, the greater age holds.
    """
    words = max(FEWEST_WORDS, sum(len(one.passage.text.split()) for one in read))
    ages, rates = dict[str, int](), dict[str, float]()
    for kind in content_categories():
        count = sum(one.shares.get(kind.name, 0) >= TOLD for one in read)
        ages[kind.name] = kind.age_of({kind.sense[0].tier: count}, 1e4 / words)
        rates[kind.name] = round(1e4 * count / words, 2)
    if measured.score.value is None:
        evidence: dict[str, float | int | str] = {"checked": language}
        figures = evidence | _figures(ages, rates)
        return dimension_result(DIMENSION, 1, figures, _findings(read))
    before = measured.score.evidence
    counted = {name: _age(before.get(f"{name}_age")) for name in ages}
    greater = {name: max(age, counted[name]) for name, age in ages.items()}
    evidence = {**before, **_figures(greater, {})}
    score = measured.score.model_copy(update={"evidence": evidence})
    return replace(measured, score=score, findings=(*measured.findings, *_findings(read)))


def _figures(ages: Mapping[str, int], rates: Mapping[str, float]) -> dict[str, float | int | str]:
    figures: dict[str, float | int | str] = {"suggested_age": max(ages.values(), default=0)}
    figures |= {f"{name}_age": age for name, age in ages.items()}
    return figures | {f"{name}_per_10000": rate for name, rate in rates.items()}


def _age(figure: float | int | str | None) -> int:
    return figure if isinstance(figure, int) else 0


def _findings(read: Sequence[JudgedPassage]) -> Iterator[Finding]:
    """The likeliest first."""
    for kind in content_categories():
        having = [one for one in read if one.shares.get(kind.name, 0) >= TOLD]
        for one in sorted(having, key=lambda one: -one.shares[kind.name])[:20]:
            yield _finding(kind, one)


def _finding(kind: ContentCategory, one: JudgedPassage) -> Finding:
    quoted = " ".join(one.passage.text.split())[:_QUOTED]
    message = f"{kind.says.capitalize()}, as a model tells ({one.shares[kind.name]:.0%})."
    return info(f"appropriateness.{kind.name}", message, one.passage.place, passage=quoted)
