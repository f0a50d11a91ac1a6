"""A product as search engines read it."""

import json

from ebook_pipeline.books.records import (
    Accessibility,
    Audience,
    Contributor,
    Identifier,
    Origin,
    Price,
    Product,
    Provenance,
    Readability,
    Series,
    Subject,
)
from ebook_pipeline.books.selling import json_ld


def test_a_product_is_a_book_of_schema_org() -> None:
    product = Product(
        title="The Wind in the Willows",
        creators=(Contributor(name="Kenneth Grahame", roles=("aut",)),),
        contributors=(Contributor(name="Paul Bransom", roles=("ill", "cov")),),
        identifiers=(Identifier(value="urn:isbn:9780000000019", isbn13="9780000000019"),),
        subjects=(Subject(term="Animal stories", scheme="thema", code="YFP"),),
        published="1908-10-08T00:00:00Z",
        series=(Series(name="Classics", position="3"),),
        price=Price(amount="4.90", currency="EUR"),
        audience=Audience(code="02", age_from=0, age_to=12),
        reading=Readability(minutes=250),
        accessibility=Accessibility(access_modes_sufficient=("textual,visual", "textual")),
    )
    said = json.loads(json.dumps(json_ld.book_json_ld(product, "https://shop.example/willows")))
    assert said["@type"] == "Book"
    assert said["author"] == [{"@type": "Person", "name": "Kenneth Grahame"}]
    bransom = {"@type": "Person", "name": "Paul Bransom"}
    assert said["illustrator"] == [bransom]
    assert said["contributor"] == [{"@type": "Role", "roleName": "cover", "contributor": bransom}]
    assert (said["isbn"], said["datePublished"]) == (["9780000000019"], "1908-10-08")
    assert said["about"][0]["termCode"] == "YFP"
    assert said["isPartOf"][0]["position"] == "3"
    assert said["offers"] == {"@type": "Offer", "price": "4.90", "priceCurrency": "EUR"}
    assert said["audience"]["suggestedMinAge"] == 0
    assert said["accessModeSufficient"][0]["itemListElement"] == ["textual", "visual"]
    assert said["timeRequired"] == "PT250M"


def test_people_stand_under_what_they_did() -> None:
    product = Product(
        title="Tales",
        creators=(
            Contributor(name="Ann", roles=("edt",)),
            Contributor(name="Bob"),
            Contributor(name="Cy", roles=("aut", "ill")),
        ),
        contributors=(
            Contributor(name="Dee", roles=("wpr",)),
            Contributor(name="Eve", roles=("trl",)),
            Contributor(name="Fay"),
            Contributor(name="calibre (3.4)", roles=("bkp",)),
        ),
    )
    said = json_ld.book_json_ld(product)
    names = {
        key: [
            one.get("name") or f"{one['roleName']}: {one['contributor']['name']}"
            for one in said[key]
        ]
        for key in ("author", "editor", "illustrator", "translator", "contributor")
    }
    assert names == {
        "author": ["Bob", "Cy"],
        "editor": ["Ann"],
        "illustrator": ["Cy"],
        "translator": ["Eve"],
        "contributor": ["foreword: Dee", "Fay"],
    }


def test_what_is_not_known_is_left_out() -> None:
    said = json_ld.book_json_ld(Product(title="Untitled"))
    assert set(said) == {"@context", "@type", "bookFormat", "name"}


def test_what_a_model_made_is_credited_to_it() -> None:
    made = Provenance(origin=Origin.MODEL, model="minilm", confidence=0.7)
    product = Product(title="A", keywords=("moles",), provenance={"keywords": made})
    assert "keywords" in json_ld.book_json_ld(product)["creditText"]
