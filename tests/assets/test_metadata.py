"""What people see of a description: what a model made is said to be made, doubts are shown."""

from ebook_pipeline.assets.metadata import show_product
from ebook_pipeline.books.records import (
    Audience,
    Genre,
    Origin,
    Product,
    Provenance,
    RelatedBook,
    TocEntry,
)

MADE = Provenance(origin=Origin.MODEL, model="m", confidence=0.6)


def test_generated_fields_are_marked_and_suggestions_show_their_doubt() -> None:
    product = Product(
        title="A Tale",
        genres=(
            Genre(code="FL", term="Science fiction", confidence=0.9),
            Genre(code="FM", term="Fantasy", confidence=0.3),
        ),
        keywords=("moles",),
        audience=Audience(code="02", age_from=5, age_to=9),
        provenance={"genres": MADE, "audience": MADE, "keywords": Provenance(origin=Origin.PERSON)},
    )
    shown = {name: getattr(value, "md_str", value) for name, value in show_product(product).items()}
    assert shown["genres"] == (
        "*(made by a model)* Science fiction (FL, 90%); Fantasy (FM, 30%, suggested)"
    )
    assert shown["keywords"] == "moles"
    assert shown["audience"] == "*(made by a model)* children, ages 5 to 9"
    assert "summary" not in shown


def test_kin_are_shown_where_there_are_any() -> None:
    product = Product(title="A")
    assert "in_the_catalogue" not in show_product(product)
    kin = (RelatedBook(book="b", relation="near-duplicate", likeness=0.91),)
    (row,) = show_product(product.model_copy(update={"kin": kin}))["in_the_catalogue"].records
    assert row.data == {"book": "b", "relation": "near-duplicate", "likeness": "91%"}


def test_long_contents_are_shown_as_far_as_they_stay_in_place() -> None:
    toc = tuple(TocEntry(title=f"Chapter the {n}th of this book") for n in range(200))
    shown = show_product(Product(title="A", toc=toc))["contents"].md_str
    assert len(shown) < 1000
    assert shown.startswith("- Chapter the 0th of this book\n- ")
    assert shown.endswith("\n\n… and 170 more")


def test_a_books_words_are_shown_as_words() -> None:
    product = Product(
        title="A", summary=("<script>alert(1)</script>",), provenance={"summary": MADE}
    )
    assert "<script>" not in show_product(product)["summary"].md_str
