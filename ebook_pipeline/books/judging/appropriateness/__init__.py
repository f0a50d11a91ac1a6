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
    unchecked,
    warning,
)
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import Product
from ebook_pipeline.books.text import is_mostly_ascii
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "appropriateness"
FEWEST_WORDS = 1000
"""Words; ages of a shorter book are drawn as of one this long."""
LEAST_WORDS_OF_RATES = 5000
"""Words; so that one word of a short book is no rate that its policy looks at."""
WORST_GAP = 12
"""Years between the declared and the suggested age at which the score is 0."""


def check(chapters: Sequence[ParsedChapter], language: str) -> DimensionResult:
    """Rates of every kind and the suggested age; 1 until `against` compares it with an audience.

    Unchecked in another language than English.

    The passages are findings `appropriateness.<kind>`: twenty of each at most, gravest tier first.
    """
    if primary_tag(language) != "en":
        return unchecked(DIMENSION, f"only English is, this is {language or 'unknown'}")
    if not is_mostly_ascii("".join(chapter.text for chapter in chapters)):
        return unchecked(DIMENSION, "there is no text in the letters of English")
    used_words = list(word_uses(chapters))
    total = sum(chapter.words for chapter in chapters)
    scale = 1e4 / max(FEWEST_WORDS, total)
    ages = {kind.name: kind.age(used_words, scale) for kind in content_categories()}
    evidence: dict[str, float | int | str] = {
        "checked": "en",
        "suggested_age": max(ages.values(), default=0),
    }
    for kind in content_categories():
        uses = sum(use.kind == kind.name for use in used_words)
        evidence[f"{kind.name}_per_10000"] = round(1e4 * uses / max(LEAST_WORDS_OF_RATES, total), 2)
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

    Where nobody declares an audience the age is ``undeclared_age`` too, for a policy to ask for.
    """
    age = measured.score.evidence.get("suggested_age")
    if not isinstance(age, int):
        return measured
    if product.declared_audience is None:
        return _with_evidence(measured, measured.score.value, undeclared_age=age)
    oldest = product.declared_audience.oldest
    if age <= oldest:
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
    value = round(max(0.0, 1 - (age - oldest) / WORST_GAP), 4)
    told = _with_evidence(measured, value, declared_age=oldest)
    return replace(told, findings=(finding, *measured.findings))


def _with_evidence(
    measured: DimensionResult, value: float | None, **figures: int
) -> DimensionResult:
    evidence = {**measured.score.evidence, **figures}
    score = measured.score.model_copy(update={"value": value, "evidence": evidence})
    return replace(measured, score=score)
