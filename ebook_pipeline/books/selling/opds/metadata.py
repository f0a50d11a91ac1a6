"""A product as metadata of a Readium manifest, https://readium.org/webpub-manifest/contexts/default"""

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

import langcodes

from ebook_pipeline.books.records import Accessibility, Contributor, Product, Series, Subject
from ebook_pipeline.books.selling.age_advice import typical_age_range
from ebook_pipeline.books.selling.opds import vocabulary
from ebook_pipeline.books.selling.opds.vocabulary import Json, without_empty

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_WCAG = re.compile(r"wcag[\s-]*(2)\.?([012])(?:\s*level|-)?[\s-]*(aaa|aa|a)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?")


def metadata(book: str, product: Product, modified: datetime) -> Json:
    """All that is known of the book which the vocabulary has a word for."""
    return without_empty(
        {
            "@type": vocabulary.BOOK,
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
            vocabulary.CREDIT: _credit(product),
            "numberOfPages": product.pages or None,
            "typicalAgeRange": typical_age_range(product.audience),
            "readingProgression": vocabulary.PROGRESSIONS.get(product.page_progression),
            "belongsTo": without_empty({"series": [_series(series) for series in product.series]}),
            "accessibility": _accessibility(product.accessibility),
        }
    )


def identifier(book: str, product: Product) -> str:
    """The ISBN, else another name of the work that is a URI, else one made of our own id."""
    isbn = next(
        (identifier.isbn13 for identifier in product.identifiers if identifier.isbn13), None
    )
    if isbn:
        return f"urn:isbn:{isbn}"
    for value in (identifier.value.strip() for identifier in product.identifiers):
        if value.lower().startswith("doi:10."):
            value = f"https://doi.org/{value[4:]}"
        if _URI.fullmatch(value):
            return value
    return uuid.uuid5(uuid.NAMESPACE_URL, f"ebook-pipeline:{book}").urn


def _people(product: Product) -> Json:
    people: dict[str, list[Json]] = {"author": [_person(creator) for creator in product.creators]}
    for contributor in product.contributors:
        named = [role for role in contributor.roles if role in vocabulary.ROLES]
        for role in named:
            people.setdefault(vocabulary.ROLES[role], []).append(_person(contributor))
        if not named:
            people.setdefault("contributor", []).append(_person(contributor, contributor.roles))
    return dict(people)


def _person(contributor: Contributor, roles: Iterable[str] = ()) -> Json:
    return without_empty(
        {"name": contributor.name, "sortAs": contributor.file_as, "role": list(roles)}
    )


def _subjects(product: Product) -> Iterator[Json]:
    """Each subject once, coded ones with their scheme; then keywords, which have none."""
    seen: set[tuple[str, str | None]] = set()
    words = (Subject(term=word) for word in product.keywords)
    for subject in (*product.subjects_told, *words):
        scheme = vocabulary.SCHEMES.get(subject.scheme or "") if subject.code else None
        code = subject.code if scheme else None
        if subject.term and (code or subject.term, scheme) not in seen:
            seen.add((code or subject.term, scheme))
            yield without_empty({"name": subject.term, "scheme": scheme, "code": code})


def _credit(product: Product) -> str | None:
    """Whoever reads the feed must be able to tell which subjects no person said."""
    made = product.subjects_made
    return f"Subjects made by a model: {', '.join(sorted(made))}." if made else None


def _series(series: Series) -> Json:
    position = _NUMBER.fullmatch((series.position or "").strip())
    return without_empty(
        {"name": series.name, "position": float(position[0]) if position else None}
    )


def _day(stated: str | None) -> str | None:
    """The day, where one is stated: a year alone is no date here, and none is made up."""
    try:
        return date.fromisoformat((stated or "")[:10]).isoformat()
    except ValueError:
        return None


def _accessibility(stated: Accessibility) -> Json:
    return without_empty(
        {
            "conformsTo": list(dict.fromkeys(_conformance(stated))),
            "accessMode": _known(stated.access_modes, vocabulary.ACCESS_MODES),
            "accessModeSufficient": list(_sufficient(stated)),
            "feature": _known(stated.features, vocabulary.FEATURES),
            "hazard": _known(stated.hazards, vocabulary.HAZARDS),
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
        if set(modes) <= vocabulary.SUFFICIENT_MODES:
            yield modes


def _known(words: Iterable[str], vocabulary: frozenset[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word in vocabulary]
