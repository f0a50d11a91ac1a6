"""For whom a book is suited: kinds of content by tiered words, with passages; never a verdict.

The words stand in content_words.toml. A person judges: what is told are rates, the age that they
suggest, and whether that is above the declared audience's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ebook_pipeline.books.judging.appropriateness.content_words import (
    WordUse,
    content_categories,
    word_uses,
)
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import (
    DimensionResult,
    dimension_result,
    info,
    passage,
    warning,
)
from ebook_pipeline.books.records import Product
from ebook_pipeline.books.records.description import Audience, Origin
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "appropriateness"
FEWEST_WORDS = 1000
"""Rates of a shorter book are those of one this long."""
CHILDREN, YOUNG = 12, 17
OLDEST = {"02": CHILDREN, "03": YOUNG}
"""The oldest reader of an audience without ages, https://ns.editeur.org/onix/en/28"""
EVERYONE = 99
YEARS = 4
"""How much older than its youngest the oldest reader is, where only the youngest is declared."""


def check(chapters: Sequence[ParsedChapter], language: str) -> DimensionResult:
    """Rates of every kind and the suggested age; 1 until `against` compares it with an audience.

    The passages are findings `appropriateness.<kind>`: twenty of each at most, gravest tier first.
    """
    if language.split("-")[0].lower() != "en":
        reason = f"not checked: only English is, this is {language or 'unknown'}"
        return dimension_result(DIMENSION, 1, {"checked": reason})
    used_words = list(word_uses(chapters))
    scale = 1e4 / max(FEWEST_WORDS, sum(chapter.words for chapter in chapters))
    ages = {kind.name: kind.age(used_words, scale) for kind in content_categories()}
    evidence: dict[str, float | int | str] = {
        "checked": "en",
        "suggested_age": max(ages.values(), default=0),
    }
    for kind in content_categories():
        rate = scale * sum(use.kind == kind.name for use in used_words)
        evidence[f"{kind.name}_per_10000"] = round(rate, 2)
        evidence[f"{kind.name}_age"] = ages[kind.name]
    return dimension_result(DIMENSION, 1, evidence, _findings(used_words, ages))


def _findings(used_words: Sequence[WordUse], ages: Mapping[str, int]) -> Iterator[Finding]:
    """The passages that bear on an age: kinds that suggest none are silent."""
    for kind in content_categories():
        used = [use for use in used_words if use.kind == kind.name and ages[kind.name]]
        for use in sorted(used, key=lambda use: -kind.rank(use.tier)):
            text = use.chapter.text
            message = f"{kind.says.capitalize()} ({use.tier}): “{text[slice(*use.span)]}”."
            words = passage(text, *use.span)
            yield info(f"appropriateness.{kind.name}", message, use.chapter.place, passage=words)


def against(measured: DimensionResult, product: Product) -> DimensionResult:
    """`measured` with a finding, and a lower score, where it suggests older readers than declared.

    An audience that a model guessed declares nothing.
    """
    declared = _declared(product)
    age = measured.score.evidence.get("suggested_age", 0)
    if declared is None or not isinstance(age, int) or age <= (oldest := _oldest(declared)):
        return measured
    named = [
        kind.says
        for kind in content_categories()
        if measured.score.evidence[f"{kind.name}_age"] == age
    ]
    finding = warning(
        "appropriateness.audience",
        f"It is declared for readers up to {oldest}; {', '.join(named)} suggest {age} and older.",
        remedy="Read the passages, and change them or the audience.",
    )
    value = round(max(0.0, 1 - (age - oldest) / CHILDREN), 4)
    evidence = {**measured.score.evidence, "declared_age": oldest}
    score = measured.score.model_copy(update={"value": value, "evidence": evidence})
    return replace(measured, score=score, findings=(finding, *measured.findings))


def _declared(product: Product) -> Audience | None:
    provenance = product.provenance.get("audience")
    guessed = provenance is not None and provenance.origin is Origin.MODEL
    return None if guessed else product.audience


def _oldest(audience: Audience) -> int:
    if audience.age_to is not None:
        return audience.age_to
    if audience.age_from is not None and audience.code in OLDEST:
        return audience.age_from + YEARS
    return OLDEST.get(audience.code, EVERYONE)
