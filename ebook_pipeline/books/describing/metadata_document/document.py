"""One document of what a file states and what its product is, with where each field comes from."""

from collections.abc import Mapping
from typing import Any

from ebook_pipeline.books.records import Contributor, Identifier, Origin, Product, Provenance
from ebook_pipeline.foundation import findings as judged

_LISTS = ("languages", "publishers", "keywords", "people", "places", "summary", "printed_isbns")
_PRINTED = ("edition", "original_title", "first_published", "copyright_year")
_PLAIN = (
    *_PRINTED,
    "title",
    "subtitle",
    "published",
    "modified",
    "description",
    "layout",
    "page_progression",
)
_WORDS = frozenset({*_LISTS, *_PLAIN, "rights", "accessibility"})
"""What somebody says of the book; all else is counted."""
_FILE = Provenance(origin=Origin.FILE)


def metadata_document(file: str, product: Product, stated: Mapping[str, Any]) -> dict[str, Any]:
    """The card of the file called `file`; fields that nobody speaks of are left out.

    What the file states of itself wins over texts and models, which know it at second hand, never
    over the submitter or a person.
    """
    known = {name: value for name, value in _said(product).items() if value}
    facts = {name: value for name, value in stated.items() if not _is_decided(product, name)}
    return {
        "file": file,
        "format": stated["format"],
        **known,
        **facts,
        "generated": [field for field in product.generated if field not in facts],
        "provenance": _provenance(product, facts),
        "findings": [
            finding.model_dump(mode="json") for finding in judged.worst_first(product.findings)
        ],
    }


def _said(product: Product) -> dict[str, Any]:
    return {
        **{name: getattr(product, name) for name in _PLAIN},
        "creators": [_person(creator) for creator in product.creators],
        "contributors": [_person(contributor) for contributor in product.contributors],
        "identifiers": [_identifier(identifier) for identifier in product.identifiers],
        "subjects": [subject.term for subject in product.subjects],
        "genres": [genre.model_dump(mode="json") for genre in product.genres],
        "qualifiers": [told.model_dump(mode="json") for told in product.qualifiers],
        **{name: list(getattr(product, name)) for name in _LISTS},
        "series": [series.model_dump(mode="json") for series in product.series],
        "rights": [product.rights] if product.rights else [],
        "audience": product.audience.model_dump(mode="json") if product.audience else None,
        "reading": product.reading.model_dump(mode="json") if product.reading else None,
        "toc": [entry.model_dump(mode="json") for entry in product.toc],
        "word_count": product.word_count,
        "pages": product.pages,
    }


def _provenance(product: Product, facts: Mapping[str, Any]) -> dict[str, Any]:
    sources = product.provenance | dict.fromkeys(facts.keys() & _WORDS, _FILE)
    return {
        field: source.model_dump(mode="json", exclude_defaults=True)
        for field, source in sorted(sources.items())
    }


def _is_decided(product: Product, field: str) -> bool:
    source = product.provenance.get(field)
    return source is not None and source.origin in (Origin.PERSON, Origin.SUBMITTER)


def _person(person: Contributor) -> dict[str, Any]:
    named = {"name": person.name, "roles": list(person.roles)}
    other = {"also": list(person.also)} if person.also else {}
    return named | ({"file_as": person.file_as} if person.file_as else {}) | other


def _identifier(identifier: Identifier) -> dict[str, Any]:
    known = {"scheme": identifier.scheme, "isbn13": identifier.isbn13, "unique": identifier.unique}
    return {"value": identifier.value} | {name: value for name, value in known.items() if value}
