"""ONIX messages, judged by EDItEUR's schemas through onixcheck, and read back."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import onixcheck
import pytest
from lxml import etree

from ebook_pipeline.books.describing.product import DescriptionSources, describe
from ebook_pipeline.books.records import (
    Accessibility,
    Audience,
    Claims,
    Contributor,
    Genre,
    Identifier,
    Origin,
    Price,
    Product,
    Provenance,
    Series,
    Subject,
)
from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.selling.onix.codes import EpubTechnicalProtection, ProductAvailability
from ebook_pipeline.books.selling.onix.updates import state_of, update
from ebook_pipeline.books.selling.opds.metadata import metadata as opds_metadata
from ebook_pipeline.books.selling.opds.vocabulary import CREDIT
from tests.support.corpus import named, needs_corpus

SENT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
SENDER = onix.OnixSender("The River Press", "trade@example.com")
NS = {"o": "http://ns.editeur.org/onix/3.0/reference"}
WILLOWS = Product(
    title="The Wind in the Willows",
    subtitle="A <Tale> & more",
    creators=(Contributor(name="Kenneth Grahame", roles=("aut",), file_as="Grahame, Kenneth"),),
    contributors=(
        Contributor(name="Paul Bransom", roles=("ill",)),
        Contributor(name="Some Typesetter", roles=("tyg",)),
    ),
    languages=("en-GB", "de", "qqq"),
    identifiers=(Identifier(value="urn:isbn:9780000000019", isbn13="9780000000019"),),
    subjects=(
        Subject(term="Children's fiction", scheme="thema", code="YFB"),
        Subject(term="Animal stories", scheme="thema", code="YFP"),
        Subject(term="FIC004000", scheme="bisac", code="FIC004000"),
        Subject(term="Moles", scheme="lcsh", code="sh85086569"),
    ),
    genres=(Genre(code="FBC", term="Classic fiction", confidence=0.8),),
    keywords=("river", "toad"),
    publishers=("The River Press",),
    published="1908-10",
    description="Mole, Rat, Toad \x0b and Badger.",
    series=(Series(name="Classics", position="3"),),
    price=Price(amount="4.99", currency="EUR"),
    accessibility=Accessibility(
        access_modes_sufficient=("textual",),
        features=("tableOfContents", "alternativeText", "ownInvention"),
        summary="Every picture is described.",
        conforms_to=("EPUB Accessibility 1.1 - WCAG 2.2 Level AA",),
    ),
    audience=Audience(code="02", age_from=8, age_to=12),
    word_count=59_450,
    pages=214,
)
ON_SALE = onix.Listing(
    "the-wind-in-the-willows",
    WILLOWS,
    protection=EpubTechnicalProtection.READIUM_LCP,
    availability=ProductAvailability.AVAILABLE,
    size=812_345,
    cover="https://edge.example/cover.jpg",
)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[bytes], list[str]]:
    """What the schemas (XSD and RNG, code lists included) say against a message."""

    def told(body: bytes) -> list[str]:
        (tmp_path / "message.xml").write_bytes(body)
        found = onixcheck.validate(str(tmp_path / "message.xml"), schemas=("xsd", "rng"))
        return [message.short for message in found]

    return told


def read(body: bytes) -> Callable[[str], list[str]]:
    root = etree.fromstring(body)

    def texts(path: str) -> list[str]:
        return [str(node.text) for node in root.iterfind(f".//{path}", NS)]

    return texts


@pytest.mark.parametrize(
    "listing",
    [ON_SALE, onix.Listing("bare", Product(title="Untitled"))],
    ids=["everything", "hardly anything"],
)
def test_a_message_is_valid_by_the_schemas(
    judged: Callable[[bytes], list[str]], listing: onix.Listing
) -> None:
    assert judged(onix.message([listing], SENDER, SENT)) == []


def test_what_changed_is_told_by_block_and_what_is_gone_as_a_whole(
    judged: Callable[[bytes], list[str]],
) -> None:
    product = onix.product(ON_SALE, SENDER)
    before = state_of(product)
    assert update(product, before) is None
    dearer = replace(ON_SALE, availability=ProductAvailability.NOT_AVAILABLE)
    told = update(onix.product(dearer, SENDER), before)
    assert told is not None
    stream = io.BytesIO()
    onix.write_products(stream, iter([told]), SENDER, SENT)
    assert judged(stream.getvalue()) == []
    names = [etree.QName(child).localname for child in told]
    assert names == ["RecordReference", "NotificationType", *names[2:-1], "ProductSupply"]
    assert set(names[2:-1]) == {"ProductIdentifier"}
    assert read(stream.getvalue())("o:NotificationType") == ["04"]
    bare = onix.product(replace(ON_SALE, product=Product(title="Untitled")), SENDER)
    assert update(bare, before) is bare
    assert update(product, None) is product


def test_the_judges_do_find_faults(judged: Callable[[bytes], list[str]]) -> None:
    body = onix.message([ON_SALE], SENDER, SENT).replace(b"<ProductForm>EB", b"<ProductForm>QQ")
    assert judged(body) != []


@pytest.mark.parametrize(
    ("origin", "order", "marked"),
    [(Origin.MODEL, ["YFB", "FF"], ["FF"]), (Origin.PERSON, ["FF", "YFB"], [])],
)
def test_a_subject_that_a_person_confirmed_leads_and_a_models_is_marked(
    origin: Origin, order: list[str], marked: list[str], judged: Callable[[bytes], list[str]]
) -> None:
    product = Product(
        title="A",
        subjects=(Subject(term="Children's fiction", scheme="thema", code="YFB"),),
        genres=(
            Genre(code="FF", term="Crime", confidence=0.9),
            Genre(code="FL", term="Science fiction", confidence=0.3),
        ),
        provenance={"genres": Provenance(origin=origin, model="m-1")},
    )
    body = onix.message([replace(ON_SALE, product=product)], SENDER, SENT)
    told = read(body)
    assert told("o:SubjectCode") == order
    assert told("o:Subject[o:MainSubject]/o:SubjectCode") == order[:1]
    assert told("o:Subject[@sourcename]/o:SubjectCode") == marked
    assert judged(body) == []
    listed = opds_metadata("a", product, SENT)
    assert [one["code"] for one in listed["subject"]] == order
    assert (CREDIT in listed) == bool(marked)


def test_a_product_is_told_as_it_is_described() -> None:
    told = read(onix.message([ON_SALE], SENDER, SENT))
    assert told("o:TitleElement/o:TitleText") == ["Classics", "The Wind in the Willows"]
    assert told("o:Subtitle") == ["A <Tale> & more"]
    assert told("o:PersonNameInverted") == ["Grahame, Kenneth"]
    assert told("o:ContributorRole") == ["A01", "A12"]
    assert told("o:LanguageCode") == ["eng", "ger"]
    assert told("o:ProductIdentifier/o:IDValue") == ["the-wind-in-the-willows", "9780000000019"]
    assert told("o:SubjectCode") == ["YFB", "YFP", "FIC004000", "FBC"]
    assert told("o:SubjectHeadingText") == ["Moles; river; toad"]
    assert told("o:ExtentValue") == ["214", "59450", "812345"]
    assert told("o:AudienceRangeValue") == ["8", "12"]
    assert told("o:AudienceRangePrecision") == ["03", "04"]  # from, to: list 31
    assert told("o:AudienceRangeQualifier") == ["17"]  # interest age, years: list 30
    assert told("o:Text") == ["Mole, Rat, Toad  and Badger."]
    assert (told("o:Date"), told("o:PriceAmount")) == (["190810"], ["4.99"])


def test_accessibility_is_told_as_the_book_states_it() -> None:
    told = read(onix.message([ON_SALE], SENDER, SENT))
    assert told("o:ProductFormFeatureValue") == ["00", "04", "82", "85", "11", "14", "52"]


def test_a_description_that_a_model_made_says_so(judged: Callable[[bytes], list[str]]) -> None:
    made = Provenance(origin=Origin.MODEL, model="llama 3")
    product = Product(title="A", description="Moles.", provenance={"description": made})
    body = onix.message([onix.Listing("a", product)], SENDER, SENT)
    assert read(body)("o:TextSourceCorporate") == ["Made by a model: llama 3"]
    assert judged(body) == []


def test_a_thousand_products_are_one_message() -> None:
    listings = (onix.Listing(f"book-{number}", WILLOWS) for number in range(1000))
    told = read(onix.message(listings, SENDER, SENT))
    assert told("o:RecordReference") == [f"book-{number}" for number in range(1000)]


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    [
        "novels/jane-austen_pride-and-prejudice.epub",
        "novels/treasure-island-epub2.epub",
        "samples/haruko-html-jpeg.epub",
        "hostile/metadata-injection.epub",
    ],
)
def test_a_real_book_becomes_a_valid_message(
    judged: Callable[[bytes], list[str]], name: str, tmp_path: Path
) -> None:
    (tmp_path / "book.txt").write_text("Chapter 1")
    product = describe(DescriptionSources(named(name), tmp_path / "book.txt", Claims()))
    assert judged(onix.message([onix.Listing("book", product)], SENDER, SENT)) == []
