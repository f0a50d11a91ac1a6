"""A product as metadata of a Readium manifest, https://readium.org/webpub-manifest/contexts/default"""

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

import langcodes

from ebook_pipeline.books.records import Accessibility, Contributor, Product, Series, Subject
from ebook_pipeline.books.selling.opds import terms
from ebook_pipeline.books.selling.opds.terms import Json, filled

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_WCAG = re.compile(r"wcag[\s-]*(2)\.?([012])(?:\s*level|-)?[\s-]*(aaa|aa|a)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?")


def metadata(book: str, product: Product, modified: datetime) -> Json:
    """All that is known of the book which the vocabulary has a word for."""
    return filled(
        {
            "@type": terms.BOOK,
            "identifier": identifier(book, product),
            "title": product.title,
            "subtitle": product.subtitle,
            **_people(product),
            "publisher": [{"name": name} for name in product.publishers],
            "language": [tag for tag in product.languages if langcodes.tag_is_valid(tag)],
            "published": _day(product.published),
            "modified": modified.astimezone(UTC).isoformat(timespec="seconds"),
            "description": product.description,
            "subject": list(_subjects(product)),
            "numberOfPages": product.pages or None,
            "readingProgression": terms.PROGRESSIONS.get(product.page_progression),
            "belongsTo": filled({"series": [_series(one) for one in product.series]}),
            "accessibility": _accessibility(product.accessibility),
        }
    )


def identifier(book: str, product: Product) -> str:
    """The ISBN, else another name of the work that is a URI, else one made of our own id."""
    isbn = next((one.isbn13 for one in product.identifiers if one.isbn13), None)
    if isbn:
        return f"urn:isbn:{isbn}"
    for value in (one.value.strip() for one in product.identifiers):
        if value.lower().startswith("doi:10."):
            value = f"https://doi.org/{value[4:]}"
        if _URI.fullmatch(value):
            return value
    return uuid.uuid5(uuid.NAMESPACE_URL, f"ebook-pipeline:{book}").urn


def _people(product: Product) -> Json:
    found: dict[str, list[Json]] = {"author": [_person(one) for one in product.creators]}
    for one in product.contributors:
        named = [role for role in one.roles if role in terms.ROLES]
        for role in named:
            found.setdefault(terms.ROLES[role], []).append(_person(one))
        if not named:
            found.setdefault("contributor", []).append(_person(one, one.roles))
    return dict(found)


def _person(one: Contributor, roles: Iterable[str] = ()) -> Json:
    return filled({"name": one.name, "sortAs": one.file_as, "role": list(roles)})


def _subjects(product: Product) -> Iterator[Json]:
    """Each subject once, coded ones with their scheme; then keywords, which have none."""
    given = (Subject(term=one.term, scheme="thema", code=one.code) for one in product.genres)
    seen: set[tuple[str, str | None]] = set()
    words = (Subject(term=word) for word in product.keywords)
    for one in (*product.subjects, *given, *words):
        scheme = terms.SCHEMES.get(one.scheme or "") if one.code else None
        code = one.code if scheme else None
        if one.term and (code or one.term, scheme) not in seen:
            seen.add((code or one.term, scheme))
            yield filled({"name": one.term, "scheme": scheme, "code": code})


def _series(series: Series) -> Json:
    position = _NUMBER.fullmatch((series.position or "").strip())
    return filled({"name": series.name, "position": float(position[0]) if position else None})


def _day(stated: str | None) -> str | None:
    """The day, where one is stated: a year alone is no date here, and none is made up."""
    try:
        return date.fromisoformat((stated or "")[:10]).isoformat()
    except ValueError:
        return None


def _accessibility(stated: Accessibility) -> Json:
    return filled(
        {
            "conformsTo": list(dict.fromkeys(_conformance(stated))),
            "accessMode": _known(stated.access_modes, terms.ACCESS_MODES),
            "accessModeSufficient": list(_sufficient(stated)),
            "feature": _known(stated.features, terms.FEATURES),
            "hazard": _known(stated.hazards, terms.HAZARDS),
            "summary": stated.summary,
        }
    )


def _conformance(stated: Accessibility) -> Iterator[str]:
    """URIs: EPUB Accessibility 1.1 states prose, https://www.w3.org/TR/epub-a11y-11/#sec-conf-reporting"""
    for claim in stated.conforms_to:
        wcag = _WCAG.search(claim)
        if _URI.fullmatch(claim.strip()):
            yield claim.strip()
        elif wcag:
            level = f"wcag-{wcag[1]}.{wcag[2]}-{wcag[3].lower()}"
            yield f"https://www.w3.org/TR/epub-a11y-11#{level}"


def _sufficient(stated: Accessibility) -> Iterator[list[str]]:
    for together in stated.access_modes_sufficient:
        modes = [mode.strip() for mode in together.split(",")]
        if set(modes) <= terms.SUFFICIENT_MODES:
            yield modes


def _known(words: Iterable[str], vocabulary: frozenset[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word in vocabulary]
