"""Feeds made from a real catalogue: browsing, searching, paging, facets."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ebook_pipeline.books.selling.sales_terms import PriceRule, RightType, SalesRight
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, catalog
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.selling import availability, feeds, prices
from tests.support.opds_schema import faults
from tests.support.services.sales import SHOP, sell, several


@pytest.fixture
def shop(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(feeds, "PAGE", 2)
    several(database, 5)
    return database


def titles(feed: dict[str, Any]) -> list[str]:
    return [one["metadata"]["title"] for one in feed["publications"]]


def linked(feed: dict[str, Any], rel: str) -> dict[str, list[str]] | None:
    found = [one["href"] for one in feed["links"] if one["rel"] == rel]
    return parse_qs(urlsplit(found[0]).query) if found else None


def test_browsing_goes_through_all_books_once_the_newest_first(shop: Database) -> None:
    seen, after = [], ""
    while True:
        feed = feeds.browse(shop, SHOP, after=after)
        assert faults(feed) == []
        seen += titles(feed)
        further = linked(feed, "next")
        if further is None:
            break
        after = further["after"][0]
    assert seen == ["Number 4", "Number 3", "Number 2", "Number 1", "Number 0"]


def test_books_that_come_meanwhile_move_no_page(shop: Database) -> None:
    further = linked(feeds.browse(shop, SHOP), "next")
    sell(shop, "zzz", title="The newest")
    assert further is not None
    assert titles(feeds.browse(shop, SHOP, after=further["after"][0])) == ["Number 2", "Number 1"]


def test_browsing_by_facets_keeps_them_on_the_way(shop: Database) -> None:
    feed = feeds.browse(shop, SHOP, ["language=de"])
    assert titles(feed) == ["Number 3", "Number 1"]
    [languages] = [one for one in feed["facets"] if one["metadata"]["title"] == "Language"]
    [german] = languages["links"]
    assert (german["title"], german["rel"]) == ("Deutsch", "self")
    [publishers] = [one for one in feed["facets"] if one["metadata"]["title"] == "Publisher"]
    narrower = parse_qs(urlsplit(publishers["links"][0]["href"]).query)
    assert narrower == {"language": ["de"], "publisher": ["Müller & Söhne"]}


def test_facets_have_numbers_only_where_all_books_were_counted(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def german() -> dict[str, Any]:
        [languages] = [
            one
            for one in feeds.browse(shop, SHOP)["facets"]
            if one["metadata"]["title"] == "Language"
        ]
        return next(one for one in languages["links"] if one["title"] == "Deutsch")

    assert german()["properties"] == {"numberOfItems": 2}
    monkeypatch.setattr(catalog, "CANDIDATES", 4)
    assert "properties" not in german()


def test_a_search_is_paged_and_counted(shop: Database) -> None:
    feed = feeds.search(shop, SHOP, "number", page=2)
    assert faults(feed) == []
    assert len(feed["publications"]) == 2
    figures = {"numberOfItems": 5, "itemsPerPage": 2, "currentPage": 2}
    assert figures.items() <= feed["metadata"].items()
    assert linked(feed, "next") == {"query": ["number"], "page": ["3"]}
    assert linked(feed, "previous") == {"query": ["number"]}


def test_a_search_that_was_corrected_says_what_for(shop: Database) -> None:
    feed = feeds.search(shop, SHOP, "nubmer", ["language=de"])
    assert feed["metadata"]["title"] == "number · Deutsch"
    assert sorted(titles(feed)) == ["Number 1", "Number 3"]


def test_a_search_without_matches_is_an_empty_feed(shop: Database) -> None:
    feed = feeds.search(shop, SHOP, "\ud800 ☃ nothing")
    assert faults(feed) == []
    assert feed["publications"] == []


def test_a_withdrawn_book_is_nowhere(shop: Database) -> None:
    releases.withdraw(shop, "book-4", actor="ann")
    assert titles(feeds.browse(shop, SHOP)) == ["Number 3", "Number 2"]
    assert "Number 4" not in titles(feeds.search(shop, SHOP, "number 4"))
    with pytest.raises(NotFound):
        feeds.book_document(shop, SHOP, "book-4")


def test_one_book_is_the_publication_of_the_lists(shop: Database) -> None:
    one, listed = (
        feeds.book_document(shop, SHOP, "book-4"),
        feeds.browse(shop, SHOP)["publications"][0],
    )
    *links, related = one["links"]
    assert one | {"links": links} == listed
    assert (related["rel"], faults(one)) == ("related", [])
    assert related["href"] == "https://shop.example/opds/books/book-4/related.json"


def test_related_books_are_other_editions_and_similar_ones(database: Database) -> None:
    sell(database, "emma", title="Emma", meaning=(1, 0))
    sell(database, "emma-with-notes", title="Emma", meaning=(1, 0), same_as="emma")
    sell(database, "persuasion", title="Persuasion", meaning=(0.9, 0.1))
    feed = feeds.related(database, SHOP, "emma")
    assert faults(feed) == []
    groups = {one["metadata"]["title"]: titles(one) for one in feed["groups"]}
    assert groups == {"Other editions": ["Emma"], "Similar books": ["Persuasion"]}
    sell(database, "unlike", title="Unlike")
    alone = feeds.related(database, SHOP, "unlike")
    assert (alone["publications"], faults(alone)) == ([], [])
    with pytest.raises(NotFound):
        feeds.related(database, SHOP, "nowhere")


def test_a_shop_of_a_country_lists_what_may_be_sold_there_at_its_prices(shop: Database) -> None:
    german = replace(SHOP, territory="DE")
    refused = [SalesRight(territory="DE", type=RightType.NOT_FOR_SALE)]
    availability.set_rights(shop, "book-4", refused, actor="ann")
    price = PriceRule(territory="EU", amount="7.25", currency="EUR")
    prices.set_price(shop, "book-3", price, actor="ann")
    feed = feeds.browse(shop, german)
    assert titles(feed) == ["Number 3", "Number 2"]
    assert titles(feeds.search(shop, german, '"number 4"')) == []
    told = [one["links"][1]["properties"]["price"]["value"] for one in feed["publications"]]
    assert told == [7.25, 4.5]
    with pytest.raises(NotFound):
        feeds.book_document(shop, german, "book-4")


def test_a_book_whose_day_is_to_come_says_until_when(shop: Database) -> None:
    availability.sell_from(shop, "book-4", date(2099, 3, 1), actor="ann")
    one = feeds.book_document(shop, SHOP, "book-4")
    said = one["links"][1]["properties"]["availability"]
    assert said == {"state": "unavailable", "until": "2099-03-01T00:00:00+00:00"}
    assert faults(one) == []


def test_the_search_is_offered_as_a_template(shop: Database) -> None:
    [search] = [one for one in feeds.browse(shop, SHOP)["links"] if one["rel"] == "search"]
    assert search["templated"] is True
    assert search["href"].startswith("https://shop.example/opds/search{?query,language,")


def test_wrong_addresses_are_refused(shop: Database) -> None:
    with pytest.raises(NotFound, match="is no place"):
        feeds.browse(shop, SHOP, after="yesterday")
    with pytest.raises(NotFound, match="no page 0"):
        feeds.search(shop, SHOP, "number", page=0)
    with pytest.raises(ValueError, match="no facet"):
        feeds.browse(shop, SHOP, ["colour=red"])
