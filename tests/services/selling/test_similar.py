"""Books about like things: by pgvector's index, by pgvector without it, and without pgvector."""

import random
from typing import Any

import pytest
from sqlalchemy import text

from ebook_pipeline.books.records import CatalogEntry, Distribution, Embedding, Product, RelatedBook
from ebook_pipeline.books.selling.sales_terms import RightType, SalesRight
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing import works
from ebook_pipeline.services.describing.works import other_editions
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.selling import availability, similar
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

MODEL = "meaning-1+fake"


def sell(
    database: Database,
    book: str,
    figures: tuple[float, ...] | None,
    *,
    model: str = MODEL,
    like: tuple[str, ...] = (),
) -> None:
    """Put a book on sale that means `figures` and is the same work as the books `like`."""
    arrive(database, book, key=f"{book}.epub")
    product = Product(
        title=book,
        meaning=Embedding.of(model, figures) if figures else None,
        kin=tuple(RelatedBook(book=one, relation="same-work", likeness=1) for one in like),
    )
    entry = CatalogEntry(book=book, edition=1, release=f"{book}-1", title=book)
    distribution = Distribution(release=entry.release, files=())
    releases.go_live(database, entry, product, distribution=distribution, actor="pipeline")


def found(database: Database, book: str, **how: Any) -> list[str]:
    return [one.entry.book for one in similar.similar(database, book, **how).books]


@pytest.fixture
def shop(database: Database) -> Database:
    """Four books on a quarter of a circle, and one of another model."""
    sell(database, "east", (1, 0, 0))
    sell(database, "east-by-north", (0.9, 0.3, 0))
    sell(database, "north-east", (0.7, 0.7, 0))
    sell(database, "north", (0, 1, 0))
    sell(database, "elsewhere", (1, 0, 0), model="meaning-1+other")
    return database


def forget_vectors(database: Database) -> None:
    """As where pgvector was never installed."""
    with database.begin() as connection:
        connection.execute(text("DROP EXTENSION vector CASCADE"))


def test_the_most_alike_come_first_and_other_models_are_never_compared(shop: Database) -> None:
    done = similar.similar(shop, "east")
    assert (done.how, done.model) == ("index", MODEL)
    assert [one.entry.book for one in done.books] == ["east-by-north", "north-east", "north"]
    likeness = [one.likeness for one in done.books]
    assert likeness == pytest.approx([0.949, 0.707, 0], abs=1e-3)
    assert found(shop, "east", limit=1) == ["east-by-north"]


def test_without_pgvector_the_same_is_found_and_said_to_be_exact(shop: Database) -> None:
    by_index = similar.similar(shop, "east")
    forget_vectors(shop)
    plain = similar.similar(shop, "east")
    assert plain.how == "exact"
    assert [one.entry for one in plain.books] == [one.entry for one in by_index.books]
    sell(shop, "later", (0.99, 0.01, 0))
    assert found(shop, "east", limit=1) == ["later"]


def test_index_and_comparison_agree_on_many_books(database: Database) -> None:
    draw = random.Random(5)
    for at in range(40):
        sell(database, f"book-{at}", tuple(draw.gauss(0, 1) for _ in range(8)))
    for book in ("book-3", "book-17"):
        by_index, exact = found(database, book), found(database, book, exact=True)
        assert by_index == exact
    forget_vectors(database)
    assert found(database, "book-17") == exact


def test_other_editions_of_the_work_are_no_similar_books(shop: Database) -> None:
    sell(shop, "east-annotated", (1, 0.01, 0), like=("east",))
    sell(shop, "east-abridged", (1, 0.02, 0), like=("east-annotated",))
    assert found(shop, "east") == ["east-by-north", "north-east", "north"]
    with shop.begin() as connection:
        others = {one.book for one in other_editions(connection, "east")}
    assert others == {"east-annotated", "east-abridged"}
    assert set(works.others_of(shop, ["east-abridged"])["east-abridged"]) == {
        "east",
        "east-annotated",
    }


def test_in_a_country_only_what_may_be_sold_there_is_shown(shop: Database) -> None:
    refused = SalesRight(territory="EU", type=RightType.NOT_FOR_SALE)
    availability.set_rights(shop, "north-east", [refused], actor="ann")
    assert found(shop, "east", territory="DE") == ["east-by-north", "north"]
    assert found(shop, "east", territory="US") == ["east-by-north", "north-east", "north"]


def test_withdrawn_books_are_not_shown_until_they_are_back(shop: Database) -> None:
    releases.withdraw(shop, "north-east", actor="ann")
    assert found(shop, "east") == ["east-by-north", "north"]
    assert similar.similar(shop, "north-east").how == "unknown"
    releases.release(shop, "north-east", actor="ann")
    assert found(shop, "east") == ["east-by-north", "north-east", "north"]


def test_a_book_described_before_meanings_were_kept_is_filled_in_by_a_reprocess(
    database: Database,
) -> None:
    sell(database, "old", None)
    sell(database, "new", (1, 0))
    assert similar.similar(database, "old").how == "unknown"
    sell(database, "old", (1, 0))
    assert found(database, "old") == ["new"]
    assert rows(database, "SELECT book FROM meaning ORDER BY 1") == [("new",), ("old",)]


def test_of_a_book_that_was_never_released_nothing_can_be_said(database: Database) -> None:
    with pytest.raises(NotFound):
        similar.similar(database, "nowhere")
