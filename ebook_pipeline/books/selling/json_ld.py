"""A product as a schema.org Book in JSON-LD: what search engines read. https://schema.org/Book"""

from collections.abc import Iterable
from typing import Any

from ebook_pipeline.books.records import Audience, Contributor, Product, Series, Subject
from ebook_pipeline.books.selling.age_advice import typical_age_range

_PEOPLE = {
    "edt": "editor",
    "ill": "illustrator",
    "trl": "translator",
    "nrt": "readBy",
}
"""Properties of Book by MARC relator; all other roles are contributors, with the role's name."""
_AUTHORS = frozenset({"aut", "cre", "dub"})
_ROLE_NAMES = {
    "adp": "adaptation",
    "aft": "afterword",
    "ann": "annotations",
    "art": "art",
    "aui": "introduction",
    "clr": "colours",
    "cmp": "music",
    "com": "compilation",
    "cov": "cover",
    "dsr": "design",
    "pht": "photographs",
    "win": "introduction",
    "wpr": "foreword",
}
_MADE_THE_FILE = frozenset({"bkp", "mrk", "pfr", "mfr"})


def book_json_ld(product: Product, url: str | None = None) -> dict[str, Any]:
    """`product` as JSON; `url` is where the shop shows it. What is not known is left out."""
    properties = {
        "@context": "https://schema.org",
        "@type": "Book",
        "@id": url,
        "url": url,
        "bookFormat": "https://schema.org/EBook",
        "name": product.title,
        "alternativeHeadline": product.subtitle,
        **_people(product),
        "inLanguage": list(product.languages),
        **_identifiers(product),
        "publisher": [{"@type": "Organization", "name": name} for name in product.publishers],
        "datePublished": (product.published or "")[:10],
        "dateModified": product.modified,
        "description": product.description,
        "copyrightNotice": product.rights,
        "about": [_term(subject) for subject in product.subjects],
        "genre": [genre.term for genre in product.genres if genre.assigned],
        "keywords": list(product.keywords),
        "isPartOf": [_series(series) for series in product.series],
        "numberOfPages": product.pages,
        "audience": _audience(product.audience),
        "typicalAgeRange": typical_age_range(product.audience),
        "timeRequired": f"PT{product.reading.minutes}M" if product.reading else None,
        **_accessibility(product),
        "offers": _offer(product),
        "creditText": _credit(product),
    }
    return {name: value for name, value in properties.items() if value}


def _identifiers(product: Product) -> dict[str, list[str]]:
    known = product.identifiers
    return {
        "isbn": [identifier.isbn13 for identifier in known if identifier.isbn13],
        "identifier": [identifier.value for identifier in known if not identifier.isbn13],
    }


def _people(product: Product) -> dict[str, Any]:
    """Each person under the property of each role; a creator without one is an author."""
    people: dict[str, list[Any]] = {"author": []}
    for person, default in (
        *((creator, "aut") for creator in product.creators),
        *((contributor, "") for contributor in product.contributors),
    ):
        for role in dict.fromkeys(person.roles or (default,)):
            if role in _MADE_THE_FILE:
                continue
            name = "author" if role in _AUTHORS else _PEOPLE.get(role, "contributor")
            shown = _in_role(person, role) if name == "contributor" else _person(person)
            people.setdefault(name, []).append(shown)
    return people


def _in_role(person: Contributor, role: str) -> dict[str, Any]:
    """https://schema.org/Role: what somebody did whose property Book lacks."""
    name = _ROLE_NAMES.get(role, role)
    if not name:
        return _person(person)
    return {"@type": "Role", "roleName": name, "contributor": _person(person)}


def _person(contributor: Contributor) -> dict[str, Any]:
    return {"@type": "Person", "name": contributor.name}


def _term(subject: Subject) -> dict[str, Any]:
    properties = {
        "@type": "DefinedTerm",
        "name": subject.term,
        "termCode": subject.code,
        "inDefinedTermSet": subject.scheme,
    }
    return {name: value for name, value in properties.items() if value}


def _series(series: Series) -> dict[str, Any]:
    properties = {"@type": "BookSeries", "name": series.name, "position": series.position}
    return {name: value for name, value in properties.items() if value}


def _audience(audience: Audience | None) -> dict[str, Any] | None:
    if audience is None:
        return None
    properties = {
        "@type": "PeopleAudience",
        "suggestedMinAge": audience.age_from,
        "suggestedMaxAge": audience.age_to,
    }
    return {name: value for name, value in properties.items() if value is not None}


def _accessibility(product: Product) -> dict[str, Any]:
    stated = product.accessibility
    return {
        "accessMode": list(stated.access_modes),
        "accessModeSufficient": [
            _modes(modes.split(",")) for modes in stated.access_modes_sufficient
        ],
        "accessibilityFeature": list(stated.features),
        "accessibilityHazard": list(stated.hazards),
        "accessibilitySummary": stated.summary,
    }


def _modes(modes: Iterable[str]) -> dict[str, Any]:
    return {"@type": "ItemList", "itemListElement": [mode.strip() for mode in modes]}


def _offer(product: Product) -> dict[str, Any] | None:
    if product.price is None:
        return None
    return {
        "@type": "Offer",
        "price": f"{product.price.amount:f}",
        "priceCurrency": product.price.currency,
    }


def _credit(product: Product) -> str | None:
    """Whoever reads the document must be able to tell what no person wrote."""
    made = product.generated
    return f"Made by a model: {', '.join(made)}." if made else None
