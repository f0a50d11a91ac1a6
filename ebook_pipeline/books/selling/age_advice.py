"""For whom a book is sold: as declared, unless what is in it suggests older readers.

What quality found is advice to shops too. Only a person's own word stands against it
(``ebooks lock BOOK audience``): an approved review says that the book may be sold, not to whom.
"""

from ebook_pipeline.books.records import Audience, Product, QualityReport
from ebook_pipeline.books.records.description import Origin, Provenance

UNDECLARED_FROM = 16
"""Years; the suggested age that is told of a book for which nobody declares an audience.

The policy's rule about undeclared ages asks a person from the same age on.
"""
_GROWN = 18
_YOUNG_ADULT, _GENERAL = "03", "01"
"""ONIX list 28, https://ns.editeur.org/onix/en/28"""


def with_age_advice(product: Product, report: QualityReport) -> Product:
    """`product` for readers as old as its content suggests, marked as a model's word."""
    age = suggested_age(report)
    source = product.provenance.get("audience")
    if source is not None and source.origin is Origin.PERSON:
        return product
    declared = product.declared_audience
    if age < UNDECLARED_FROM if declared is None else age <= declared.oldest:
        return product
    advised = Audience(code=_GENERAL if age >= _GROWN else _YOUNG_ADULT, age_from=age)
    told = Provenance(origin=Origin.MODEL, model=_judge(report))
    provenance = {**product.provenance, "audience": told}
    return product.model_copy(update={"audience": advised, "provenance": provenance})


def suggested_age(report: QualityReport) -> int:
    """Years; 0 where nothing suggests any, or where it is unchecked."""
    for score in report.scores:
        if score.dimension == "appropriateness":
            return int(score.evidence.get("suggested_age", 0))
    return 0


def typical_age_range(audience: Audience | None) -> str | None:
    """*8-12*, *16-*, *-12*: https://schema.org/typicalAgeRange; None where no age is told."""
    if audience is None or (audience.age_from is None and audience.age_to is None):
        return None
    start, end = audience.age_from, audience.age_to
    return f"{'' if start is None else start}-{'' if end is None else end}"


def _judge(report: QualityReport) -> str:
    return next((model for model in report.models if model.startswith("quality-")), "")
