"""What earlier releases have stored: its data versions hold, and its documents are read."""

import json
from decimal import Decimal

from ebook_pipeline.books.describing.statements import Statement
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.records import (
    Accessibility,
    Audience,
    Contributor,
    Embedding,
    Extent,
    Genre,
    Identifier,
    Origin,
    Price,
    Product,
    Provenance,
    Readability,
    RelatedBook,
    Series,
    Subject,
    TocEntry,
)
from ebook_pipeline.books.records.description import BibliographicFields, BookDescription
from ebook_pipeline.foundation.findings import Finding, Severity

WHOLE = Product(
    title="Frankenstein",
    subtitle="Or, the Modern Prometheus",
    creators=(Contributor(name="Mary Shelley", roles=("aut",), file_as="Shelley, Mary"),),
    contributors=(Contributor(name="Ann Example", roles=("edt",)),),
    languages=("en-GB",),
    identifiers=(
        Identifier(
            value="urn:isbn:9780141439471", scheme="isbn", unique=True, isbn13="9780141439471"
        ),
    ),
    subjects=(Subject(term="FKB", scheme="thema", code="FKB"),),
    publishers=("Example House",),
    published="1818-01-01",
    modified="2026-01-02T03:04:05Z",
    description="A student makes a man.",
    rights="Public domain.",
    series=(Series(name="Classics", position="3"),),
    price=Price(amount=Decimal("9.90"), currency="EUR"),
    edition="Second edition",
    original_title="Frankenstein",
    first_published="1818",
    copyright_year="1831",
    printed_isbns=("9780141439471",),
    toc=(TocEntry(title="Letter 1", href="a.xhtml", level=1),),
    accessibility=Accessibility(access_modes=("textual",), features=("tableOfContents",)),
    word_count=75000,
    pages=280,
    genres=(Genre(code="FKB", term="Horror", confidence=0.8),),
    keywords=("ice",),
    audience=Audience(code="01", age_from=14),
    summary=("It was on a dreary night of November.",),
    people=("Victor",),
    places=("Geneva",),
    reading=Readability(minutes=300, ease=61.5),
    extent=Extent(characters=420000, documents=28),
    meaning=Embedding.of("model", [0.6, 0.8]),
    kin=(RelatedBook(book="dracula", relation="same-work", likeness=1),),
    provenance={
        "title": Provenance(origin=Origin.FILE),
        "genres": Provenance(origin=Origin.MODEL, model="m", confidence=0.8),
    },
    findings=(Finding(rule="metadata.isbn", severity=Severity.WARNING, message="m"),),
)


def test_a_product_s_data_version_is_the_one_that_earlier_releases_gave_it() -> None:
    assert WHOLE.data_version == "816a099dd339eea3b1646d1ff5ca2540aae400ac1e754798da7ca46e72e78578"
    bare = Product(title="Emma")
    assert bare.data_version == "f55bbe14ae5959ce7ff056fd8fdf959692d7b7a38f322774caf9d6e4796fa054"


def test_a_product_is_read_back_from_its_document() -> None:
    document = json.loads(WHOLE.model_dump_json())
    assert Product.upgrade(document, version=2) == WHOLE


def test_what_a_file_a_source_and_the_product_say_alike_stands_in_one_base() -> None:
    fields = set(BibliographicFields.model_fields)
    for record in (PackageDocument, Statement, Product):
        assert issubclass(record, BibliographicFields)
        assert not fields & set(record.__annotations__)
    described = set(BookDescription.model_fields)
    assert not described & set(Statement.__annotations__)
    assert described & set(Product.__annotations__) == {"title"}  # a product has one
