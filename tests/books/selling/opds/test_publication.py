"""A book as an OPDS publication: all that is known of it, nothing made up."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ebook_pipeline.books.records import (
    Accessibility,
    BlobRef,
    CatalogEntry,
    Contributor,
    Distribution,
    Genre,
    Identifier,
    Price,
    Product,
    Protection,
    ReleaseFile,
    Series,
    Subject,
)
from ebook_pipeline.books.selling.opds import Offer, ShopUrls, publication
from tests.support.opds_schema import faults

SHOP = ShopUrls(
    "https://shop.example/opds/", "https://shop.example", "https://edge.example/{}".format
)
CHANGED = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
WILLOWS = Product(
    title="The Wind in the Willows",
    subtitle="A <Tale> & more",
    creators=(Contributor(name="Kenneth Grahame", roles=("aut",), file_as="Grahame, Kenneth"),),
    contributors=(
        Contributor(name="Paul Bransom", roles=("ill", "tyg")),
        Contributor(name="Ann Übersetzerin", roles=("trl",)),
        Contributor(name="A Typesetter", roles=("tyg",)),
        Contributor(name="Somebody"),
    ),
    languages=("en-GB", "de", "no such tag"),
    identifiers=(
        Identifier(value="internal 7"),
        Identifier(value="urn:isbn:9780000000019", isbn13="9780000000019"),
    ),
    subjects=(
        Subject(term="Children's fiction", scheme="thema", code="YFB"),
        Subject(term="Moles", scheme="lcsh", code="sh85086569"),
        Subject(term="Moles"),
    ),
    genres=(
        Genre(code="YFB", term="Children's fiction", confidence=0.8),
        Genre(code="FBC", term="Classic fiction", confidence=0.8),
    ),
    keywords=("river", "Moles"),
    publishers=("The River Press",),
    published="1908-10-08",
    description="Mole, Rat,\nToad and Badger.",
    series=(Series(name="Classics", position="3"), Series(name="Rivers", position="first")),
    price=Price(amount="4.99", currency="EUR"),
    accessibility=Accessibility(
        access_modes=("textual", "smell"),
        access_modes_sufficient=("textual, visual", "smell"),
        features=("tableOfContents", "alternativeText", "ownInvention"),
        hazards=("noFlashingHazard",),
        summary="Every picture is described.",
        conforms_to=("EPUB Accessibility 1.1 - WCAG 2.2 Level AA", "what we like"),
    ),
    page_progression="ltr",
    pages=214,
)

TOLD = {
    "@type": "http://schema.org/Book",
    "identifier": "urn:isbn:9780000000019",
    "title": "The Wind in the Willows",
    "subtitle": "A <Tale> & more",
    "author": [{"name": "Kenneth Grahame", "sortAs": "Grahame, Kenneth"}],
    "illustrator": [{"name": "Paul Bransom"}],
    "translator": [{"name": "Ann Übersetzerin"}],
    "contributor": [{"name": "A Typesetter", "role": ["tyg"]}, {"name": "Somebody"}],
    "publisher": [{"name": "The River Press"}],
    "language": ["en-GB", "de"],
    "published": "1908-10-08",
    "modified": "2026-11-21T08:00:00+00:00",
    "description": "Mole, Rat,\nToad and Badger.",
    "subject": [
        {
            "name": "Children's fiction",
            "scheme": "https://ns.editeur.org/thema/",
            "code": "YFB",
        },
        {"name": "Moles"},
        {"name": "Classic fiction", "scheme": "https://ns.editeur.org/thema/", "code": "FBC"},
        {"name": "river"},
    ],
    "numberOfPages": 214,
    "readingProgression": "ltr",
    "belongsTo": {"series": [{"name": "Classics", "position": 3.0}, {"name": "Rivers"}]},
    "accessibility": {
        "conformsTo": ["https://www.w3.org/TR/epub-a11y-11#wcag-2.2-aa"],
        "accessMode": ["textual"],
        "accessModeSufficient": [["textual", "visual"]],
        "feature": ["tableOfContents", "alternativeText"],
        "hazard": ["noFlashingHazard"],
        "summary": "Every picture is described.",
    },
}


def file(rel: str, kind: str, width: int | None = None, height: int | None = None) -> ReleaseFile:
    blob = BlobRef(sha256="a" * 64, length=10, media_type=kind)
    return ReleaseFile(rel=rel, path=f"public/{rel}", blob=blob, width=width, height=height)


FILES = (
    file("publication", "application/epub+zip"),
    file("preview", "application/epub+zip"),
    file("cover", "image/png", 1600, 2560),
    file("thumbnail", "image/jpeg", 125, 200),
)


def offered(product: Product, protection: Protection = Protection.LCP) -> dict[str, Any]:
    entry = CatalogEntry(book="willows", edition=1, release="willows-1", title=product.title)
    distribution = Distribution(release="willows-1", files=FILES, protection=protection)
    return publication(Offer(entry, product, distribution, CHANGED), SHOP)


def test_everything_known_is_told_in_the_words_of_the_vocabulary() -> None:
    said = offered(WILLOWS)
    assert faults(said) == []
    assert said["metadata"] == TOLD


def test_a_book_is_bought_sampled_and_seen() -> None:
    lcp, epub = "application/vnd.readium.lcp.license.v1.0+json", "application/epub+zip"
    said = offered(WILLOWS)
    itself, buy, sample = said["links"]
    assert itself["href"] == "https://shop.example/opds/books/willows.json"
    assert buy == {
        "rel": "http://opds-spec.org/acquisition/buy",
        "href": "https://shop.example/books/willows",
        "type": "text/html",
        "properties": {
            "price": {"currency": "EUR", "value": 4.99},
            "indirectAcquisition": [{"type": lcp, "child": [{"type": epub}]}],
        },
    }
    assert (sample["href"], sample["type"]) == ("https://edge.example/public/preview", epub)
    cover, small = said["images"]
    assert cover == {
        "href": "https://edge.example/public/cover",
        "type": "image/png",
        "width": 1600,
        "height": 2560,
    }
    assert small["height"] == 200


def test_without_a_licence_one_gets_the_file_itself() -> None:
    properties = offered(WILLOWS, Protection.SOCIAL)["links"][1]["properties"]
    assert properties["indirectAcquisition"] == [{"type": "application/epub+zip"}]


def test_a_book_of_which_only_the_title_is_known_is_a_publication() -> None:
    said = offered(Product(title="Untold"))
    assert faults(said) == []
    assert set(said["metadata"]) == {"@type", "identifier", "title", "modified"}


@pytest.mark.parametrize("date", ["1908", "1908-10", "c. 1908", "1908-13-01", None])
def test_a_day_is_never_made_up(date: str | None) -> None:
    assert "published" not in offered(Product(title="Old", published=date))["metadata"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("doi:10.1000/182", "https://doi.org/10.1000/182"),
        ("urn:uuid:0b5b8f3e-4c1a-4c8e-9a57-95fb1c6e3e4e", None),
        ("https://example.org/books/7", None),
    ],
)
def test_a_name_that_is_a_uri_is_the_identifier(value: str, told: str | None) -> None:
    product = Product(title="Named", identifiers=(Identifier(value=value),))
    assert offered(product)["metadata"]["identifier"] == (told or value)


def test_a_book_without_one_has_an_identifier_that_stays() -> None:
    product = Product(title="Named", identifiers=(Identifier(value="not a: uri"),))
    first, again = (offered(product)["metadata"]["identifier"] for _ in range(2))
    assert first == again
    assert first.startswith("urn:uuid:")


def test_the_rules_do_find_faults() -> None:
    said = offered(WILLOWS)
    assert faults({**said, "images": []}) != []
    assert faults({**said, "links": said["links"][:1]}) != []
    assert faults({**said, "metadata": {**said["metadata"], "published": "1908"}}) != []
