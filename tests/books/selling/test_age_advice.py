"""For whom a book is sold: as declared, unless its content suggests older readers."""

from datetime import UTC, datetime

import pytest

from ebook_pipeline.books.records import Audience, Origin, Product, QualityReport, Score, Verdict
from ebook_pipeline.books.records.description import Provenance
from ebook_pipeline.books.selling.age_advice import typical_age_range, with_age_advice
from ebook_pipeline.books.selling.json_ld import book_json_ld
from ebook_pipeline.books.selling.opds.metadata import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHILDREN, GROWN = Audience(code="02", age_from=8, age_to=12), Audience(code="01")


def judged(age: int | None) -> QualityReport:
    evidence: dict[str, float | int | str] = {} if age is None else {"suggested_age": age}
    value = None if age is None else 1.0
    score = Score(dimension="appropriateness", value=value, evidence=evidence)
    models = ("quality-6", "words")
    return QualityReport(verdict=Verdict.PASS, scores=(score,), policy="p", models=models)


def product(audience: Audience | None, origin: Origin = Origin.SUBMITTER) -> Product:
    said = {"audience": Provenance(origin=origin)} if audience else {}
    return Product(title="Any", audience=audience, provenance=said)


@pytest.mark.parametrize(
    ("audience", "origin", "suggested", "sold"),
    [
        (CHILDREN, Origin.SUBMITTER, 16, Audience(code="03", age_from=16)),
        (CHILDREN, Origin.SUBMITTER, 18, Audience(code="01", age_from=18)),
        (CHILDREN, Origin.SUBMITTER, 12, CHILDREN),
        (CHILDREN, Origin.PERSON, 18, CHILDREN),
        (GROWN, Origin.FILE, 18, GROWN),
        (None, Origin.FILE, 16, Audience(code="03", age_from=16)),
        (None, Origin.FILE, 13, None),
        (CHILDREN, Origin.MODEL, 18, Audience(code="01", age_from=18)),
        (CHILDREN, Origin.SUBMITTER, None, CHILDREN),
    ],
)
def test_a_book_is_sold_for_readers_as_old_as_it_suggests(
    audience: Audience | None, origin: Origin, suggested: int | None, sold: Audience | None
) -> None:
    advised = with_age_advice(product(audience, origin), judged(suggested))
    assert advised.audience == sold
    if sold != audience:
        assert advised.provenance["audience"] == Provenance(origin=Origin.MODEL, model="quality-6")


@pytest.mark.parametrize(
    ("audience", "told"),
    [(CHILDREN, "8-12"), (Audience(code="03", age_from=16), "16-"), (GROWN, None), (None, None)],
)
def test_ages_are_told_as_schema_org_tells_them(
    audience: Audience | None, told: str | None
) -> None:
    assert typical_age_range(audience) == told
    assert book_json_ld(product(audience)).get("typicalAgeRange") == told
    assert metadata("any", product(audience), NOW).get("typicalAgeRange") == told
