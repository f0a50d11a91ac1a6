"""Pages and links of feeds."""

import pytest

from ebook_pipeline.books.selling.opds import Feed, Pagination, link
from tests.support.opds_schema import faults


def address(number: int) -> str:
    return f"https://shop.example/{number}.json"


@pytest.mark.parametrize(
    ("number", "total", "told"),
    [
        (1, 0, {"first": 1, "last": 1}),
        (1, 10, {"first": 1, "last": 1}),
        (1, 11, {"first": 1, "next": 2, "last": 2}),
        (2, 25, {"first": 1, "previous": 1, "next": 3, "last": 3}),
        (3, 25, {"first": 1, "previous": 2, "last": 3}),
    ],
)
def test_a_page_leads_to_those_around_it(number: int, total: int, told: dict[str, int]) -> None:
    pages = Pagination.numbered(number, 10, total, address)
    assert {one["rel"]: one["href"] for one in pages.links} == {
        rel: address(to) for rel, to in told.items()
    }
    figures = {"numberOfItems": total, "itemsPerPage": 10, "currentPage": number}
    assert pages.metadata == figures


def test_a_feed_without_books_is_a_feed() -> None:
    feed = Feed(
        "Nothing", address(1), publications=[], pages=Pagination.numbered(1, 10, 0, address)
    )
    assert faults(feed.document()) == []
    assert feed.document()["publications"] == []


def test_how_many_are_behind_a_link_is_told_even_if_none() -> None:
    assert link("https://shop.example/", items=0)["properties"] == {"numberOfItems": 0}
