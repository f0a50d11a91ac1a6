"""Block 1, P.3 to P.13: form, title, contributors, language, extent, subjects, audience."""

import re
from collections.abc import Iterator

import langcodes
from lxml import etree

from ebook_pipeline.books.contributor_roles import ONIX_ROLES
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import (
    Accessibility,
    Audience,
    Contributor,
    Product,
    Series,
    Subject,
)
from ebook_pipeline.books.selling.onix import codes
from ebook_pipeline.books.selling.onix.elements import composite, element
from ebook_pipeline.books.selling.onix.listing import Listing

_DIGITAL, _SINGLE = "EB", "00"
_TITLE, _PRODUCT_LEVEL, _COLLECTION_LEVEL = "01", "01", "02"
_PUBLISHERS_COLLECTION = "10"
_LANGUAGE_OF_TEXT = "01"
_PAGES, _WORDS, _FILE_SIZE = ("10", "03"), ("02", "02"), ("22", "17")
_AUDIENCE_CODE, _INTEREST_AGE, _FROM, _TO = "01", "17", "03", "04"
_ACCESSIBILITY_FEATURE = "09"
_WCAG = re.compile(r"wcag[\s-]*(2)\.?([012])(?:\s*level|-)?[\s-]*(aaa|aa|a)\b", re.IGNORECASE)
_OLD_LEVEL = re.compile(r"accessibility-20170105\.html#wcag-(aa|a)\b", re.IGNORECASE)

_WITH_MAIN = frozenset(codes.CODED_SUBJECTS.values())
"""Schemes whose first subject is the main one: a qualifier is none."""


def descriptive_detail(listing: Listing) -> etree._Element:
    product = listing.product
    return element(
        "DescriptiveDetail",
        *_form(listing),
        *map(_collection, product.series),
        _title(product),
        *_contributors(product),
        *_languages(product),
        *_extents(listing),
        *_subjects(product),
        *_audience(product.audience),
    )


def _form(listing: Listing) -> Iterator[etree._Element]:
    fixed = listing.product.layout == "pre-paginated"
    yield element("ProductComposition", _SINGLE)
    yield element("ProductForm", _DIGITAL)
    yield element("ProductFormDetail", listing.form)
    if listing.form is codes.ProductFormDetail.EPUB:
        detail = codes.ProductFormDetail.FIXED if fixed else codes.ProductFormDetail.REFLOWABLE
        yield element("ProductFormDetail", detail)
    yield from _accessibility(listing.product.accessibility)
    if listing.protection is not None:
        yield element("EpubTechnicalProtection", listing.protection)


def _accessibility(stated: Accessibility) -> Iterator[etree._Element]:
    """List 196; what the book states, no more."""
    if stated.summary:
        yield _feature(codes.ACCESSIBILITY_SUMMARY, stated.summary)
    for code in dict.fromkeys((*_conformance(stated), *_features(stated))):
        yield _feature(code)


def _conformance(stated: Accessibility) -> Iterator[str]:
    for claim in stated.conforms_to:
        old, new = _OLD_LEVEL.search(claim), _WCAG.search(claim)
        if old:
            yield codes.EPUB_ACCESSIBILITY_1_0[old[1].lower()]
        if new:
            yield codes.EPUB_ACCESSIBILITY_1_1
            yield codes.WCAG_VERSIONS[new[1] + new[2]]
            yield codes.WCAG_LEVELS[new[3].lower()]


def _features(stated: Accessibility) -> Iterator[str]:
    for feature in stated.features:
        if feature in codes.ACCESSIBILITY:
            yield codes.ACCESSIBILITY[feature]
    if "textual" in stated.access_modes_sufficient:
        yield codes.WITHOUT_SIGHT


def _feature(code: str, description: str = "") -> etree._Element:
    return element(
        "ProductFormFeature",
        element("ProductFormFeatureType", _ACCESSIBILITY_FEATURE),
        element("ProductFormFeatureValue", code),
        element("ProductFormFeatureDescription", description) if description else None,
    )


def _collection(series: Series) -> etree._Element:
    return element(
        "Collection",
        element("CollectionType", _PUBLISHERS_COLLECTION),
        element(
            "TitleDetail",
            element("TitleType", _TITLE),
            element(
                "TitleElement",
                element("TitleElementLevel", _COLLECTION_LEVEL),
                element("PartNumber", series.position) if series.position else None,
                element("TitleText", series.name),
            ),
        ),
    )


def _title(product: Product) -> etree._Element:
    return element(
        "TitleDetail",
        element("TitleType", _TITLE),
        element(
            "TitleElement",
            element("TitleElementLevel", _PRODUCT_LEVEL),
            element("TitleText", product.title),
            element("Subtitle", product.subtitle) if product.subtitle else None,
        ),
    )


def _contributors(product: Product) -> Iterator[etree._Element]:
    """Creators always, other contributors where the trade has a role for them."""
    named = [(person, _roles(person) or [codes.AUTHOR]) for person in product.creators]
    named += [(person, _roles(person)) for person in product.contributors]
    credited = [(person, roles) for person, roles in named if roles]
    for number, (person, roles) in enumerate(credited, 1):
        yield _contributor(number, person, roles)
    if not credited:
        yield element("NoContributor")


def _contributor(number: int, person: Contributor, roles: list[str]) -> etree._Element:
    inverted = person.file_as if person.file_as and ", " in person.file_as else None
    return element(
        "Contributor",
        element("SequenceNumber", str(number)),
        *(element("ContributorRole", role) for role in roles),
        element("PersonName", person.name),
        element("PersonNameInverted", inverted) if inverted else None,
    )


def _roles(person: Contributor) -> list[str]:
    known = (ONIX_ROLES.get(role) for role in person.roles)
    return list(dict.fromkeys(filter(None, known)))


def _languages(product: Product) -> Iterator[etree._Element]:
    """ISO 639-2/B; a tag that has no such code is left out."""
    for tag in product.languages:
        code = _iso_639_2(tag)
        if code:
            role, language = ("LanguageRole", _LANGUAGE_OF_TEXT), ("LanguageCode", code)
            yield composite("Language", role, language)


def _iso_639_2(tag: str) -> str | None:
    """Every two-letter language has a code there; of the others, those that books are in."""
    language = primary_tag(tag)
    if len(language) == 3:
        return language if language in codes.THREE_LETTER_LANGUAGES.split() else None
    try:
        return langcodes.Language.get(language).to_alpha3(variant="B")
    except (LookupError, ValueError):
        return None


def _extents(listing: Listing) -> Iterator[etree._Element]:
    product = listing.product
    figures = ((_PAGES, product.pages), (_WORDS, product.word_count), (_FILE_SIZE, listing.size))
    for (kind, unit), value in figures:
        if value:
            yield composite(
                "Extent", ("ExtentType", kind), ("ExtentValue", str(value)), ("ExtentUnit", unit)
            )


def _subjects(product: Product) -> Iterator[etree._Element]:
    """Codes first, the first of each scheme as its main subject; all else is keywords.

    Whoever reads the message must be able to tell what no person said.
    """
    main: dict[codes.SubjectScheme, Subject] = {}
    words = []
    made = product.subjects_made
    for subject in product.subjects_told:
        scheme = codes.scheme_of(subject.scheme, subject.code)
        if scheme and subject.code:
            first = scheme in _WITH_MAIN and main.setdefault(scheme, subject) is subject
            told = _subject(scheme, subject.code, main=first)
            if subject.code in made:
                told.set("sourcename", f"Made by a model: {_maker(product, subject.code)}")
            yield told
        else:
            words.append(subject.term)
    if words or product.keywords:
        yield composite(
            "Subject",
            ("SubjectSchemeIdentifier", codes.SubjectScheme.KEYWORDS),
            ("SubjectHeadingText", "; ".join(dict.fromkeys((*words, *product.keywords)))),
        )


def _maker(product: Product, code: str) -> str:
    field = "qualifiers" if code[0].isdigit() else "genres"
    return product.provenance[field].model


def _subject(scheme: codes.SubjectScheme, code: str, *, main: bool) -> etree._Element:
    return element(
        "Subject",
        element("MainSubject") if main else None,
        element("SubjectSchemeIdentifier", scheme),
        element("SubjectCode", code),
    )


def _audience(audience: Audience | None) -> Iterator[etree._Element]:
    if audience is None:
        return
    yield composite(
        "Audience", ("AudienceCodeType", _AUDIENCE_CODE), ("AudienceCodeValue", audience.code)
    )
    ages = [(_FROM, audience.age_from), (_TO, audience.age_to)]
    bounds = [(precision, str(age)) for precision, age in ages if age is not None]
    if bounds:
        parts = [("AudienceRangeQualifier", _INTEREST_AGE)]
        for precision, age in bounds:
            parts += [("AudienceRangePrecision", precision), ("AudienceRangeValue", age)]
        yield composite("AudienceRange", *parts)
