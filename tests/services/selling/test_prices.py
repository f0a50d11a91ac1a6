"""Prices and rights by territory: the most specific rule that holds, each change told once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ebook_pipeline.books.records import Price
from ebook_pipeline.books.selling.sales_terms import (
    PriceRule,
    PriceType,
    RightType,
    SalesRight,
    SalesTerms,
)
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.catalog import search, search_with_facets
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.selling import availability, prices
from tests.support.existing import existing
from tests.support.servers.postgres import rows
from tests.support.services.sales import sell
from tests.support.services.submissions import arrive

DAY = date(2027, 3, 1)
STATED = Price(amount=Decimal("5.00"), currency="GBP")


def rule(territory: str, amount: str, **more: object) -> PriceRule:
    return PriceRule(territory=territory, amount=amount, currency="EUR", **more)


def told(database: Database, kind: str) -> list[dict[str, Any]]:
    found = rows(database, "SELECT payload FROM outbox WHERE event = :kind ORDER BY id", kind=kind)
    return [payload for (payload,) in found]


@pytest.mark.parametrize(
    ("place", "amount"),
    [("DE", "9.99"), ("FR", "8.99"), ("DK", "7.99"), ("NO", "6.99"), ("US", "5.99")],
)
def test_the_most_specific_territory_wins(place: str, amount: str) -> None:
    terms = SalesTerms(
        prices=(
            rule("WORLD", "5.99"),
            rule("EEA", "6.99"),
            rule("EU", "7.99"),
            rule("ECZ", "8.99"),
            rule("DE", "9.99"),
        )
    )
    assert str(existing(terms.price(place, DAY, STATED)).amount) == amount


def test_where_no_rule_holds_the_stated_price_does() -> None:
    german = SalesTerms(prices=(rule("DE", "9.99"),))
    assert existing(german.price("US", DAY, STATED)).currency == "GBP"
    assert SalesTerms().price("US", DAY) is None


def test_a_price_for_some_days_is_followed_by_the_one_before_it() -> None:
    sale = rule("DE", "4.99", valid_from=DAY, valid_until=DAY + timedelta(days=6))
    terms = SalesTerms(prices=(rule("DE", "9.99", valid_from=date(2026, 1, 1)), sale))
    days = (DAY - timedelta(days=1), DAY, DAY + timedelta(days=6), DAY + timedelta(days=7))
    assert [str(existing(terms.price("DE", day)).amount) for day in days] == [
        "9.99",
        "4.99",
        "4.99",
        "9.99",
    ]
    spans = terms.spans(DAY - timedelta(days=1))
    assert [(str(one.rule.amount), one.since, one.until) for one in spans] == [
        ("9.99", None, DAY - timedelta(days=1)),
        ("4.99", DAY, DAY + timedelta(days=6)),
        ("9.99", DAY + timedelta(days=7), None),
    ]


def test_no_two_prices_are_told_for_one_country() -> None:
    terms = SalesTerms(prices=(rule("WORLD", "5"), rule("EU", "7"), rule("DE", "9")))
    spans = {str(one.rule.amount): one.places for one in terms.spans(DAY, STATED)}
    assert spans["9.00"] == {"DE"}
    assert (len(spans["7.00"]), "DE" in spans["7.00"], "DE" in spans["5.00"]) == (26, False, False)
    assert len(spans["5.00"]) + len(spans["7.00"]) + 1 == 249


def test_who_was_granted_some_countries_has_no_others() -> None:
    granted = SalesTerms(rights=(SalesRight(territory="EU", type=RightType.EXCLUSIVE),))
    refused = SalesTerms(rights=(SalesRight(territory="US", type=RightType.NOT_FOR_SALE),))
    assert (granted.sold_in("DE"), granted.sold_in("US")) == (True, False)
    assert (refused.sold_in("DE"), refused.sold_in("US")) == (True, False)
    assert (len(granted.barred), refused.barred, SalesTerms().barred) == (222, ("US",), ())


@pytest.mark.parametrize("written", ["Germany", "XX", "", "D"])
def test_what_is_no_territory_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no country"):
        rule(written, "1")


def test_a_price_is_set_once_told_once_and_written_into_the_audit(database: Database) -> None:
    sell(database, "emma")
    for _ in range(2):
        terms = prices.set_price(database, "emma", rule("DE", "9.99", valid_from=DAY), actor="ann")
    assert existing(terms.price("DE", DAY)).amount == Decimal("9.99")
    (event,) = told(database, "price.changed")
    assert (event["price"]["territory"], event["price"]["amount"]) == ("DE", "9.99")
    assert rows(database, "SELECT actor FROM audit WHERE action = 'price'") == [("ann",)]
    assert prices.stated_price(database, "emma") == Price(amount=Decimal("4.50"), currency="EUR")


def test_the_price_of_a_day_can_be_changed_and_ended(database: Database) -> None:
    arrive(database, "emma", key="emma.epub")
    prices.set_price(database, "emma", rule("DE", "9.99", valid_from=date(2026, 1, 1)), actor="ann")
    prices.set_price(database, "emma", rule("DE", "8.99", valid_from=DAY), actor="ann")
    fixed = rule("DE", "7.99", valid_from=DAY, type=PriceType.FIXED_WITH_TAX)
    terms = prices.set_price(database, "emma", fixed, actor="ann")
    assert terms.price("DE", DAY) == fixed
    ended = prices.end_price(database, "emma", "DE", "EUR", on=DAY, actor="ann")
    assert (ended.price("DE", DAY), len(ended.prices)) == (None, 1)
    assert existing(ended.price("DE", DAY - timedelta(days=1))).amount == Decimal("9.99")
    with pytest.raises(NotFound):
        prices.end_price(database, "emma", "DE", "EUR", on=DAY, actor="ann")


def test_of_many_prices_none_is_set_when_a_book_is_unknown(database: Database) -> None:
    arrive(database, "emma", key="emma.epub")
    both = [("emma", rule("DE", "9.99")), ("nowhere", rule("DE", "9.99"))]
    with pytest.raises(NotFound, match="nowhere"):
        prices.set_prices(database, both, actor="ann")
    assert rows(database, "SELECT count(*) FROM price") == [(0,)]
    assert prices.set_prices(database, both[:1], actor="ann") == (1, 1)


def test_a_search_finds_only_what_may_be_sold_there(database: Database) -> None:
    sell(database, "emma", title="Emma")
    no_sale = SalesRight(territory="US", type=RightType.NOT_FOR_SALE)
    availability.set_rights(database, "emma", [no_sale], actor="ann")
    availability.set_rights(database, "emma", [no_sale], actor="ann")
    assert len(search_with_facets(database, "emma", territory="DE").entries) == 1
    assert search_with_facets(database, "emma", territory="US").entries == ()
    assert len(search(database, "emma")) == 1
    availability.forget_rights(database, "emma", ["US"], actor="ann")
    assert len(search_with_facets(database, "emma", territory="US").entries) == 1
    assert len(told(database, "availability.changed")) == 2


def test_rights_given_before_the_first_release_hold_from_it_on(database: Database) -> None:
    arrive(database, "emma", key="emma.epub")
    granted = SalesRight(territory="EU", type=RightType.NON_EXCLUSIVE)
    availability.set_rights(database, "emma", [granted], actor="ann")
    sell(database, "emma", title="Emma")
    found = [len(search_with_facets(database, "emma", territory=at).entries) for at in ("DE", "US")]
    assert found == [1, 0]


def test_a_book_is_not_sold_before_its_day(database: Database) -> None:
    sell(database, "emma")
    availability.sell_from(database, "emma", DAY, actor="ann")
    live = releases.current(database, "emma")
    assert live is not None
    assert live.sold_from == DAY
    assert told(database, "availability.changed") == [{"sold_from": "2027-03-01"}]
    terms = prices.sales_terms(database, "emma")
    assert [terms.can_be_bought(day) for day in (DAY - timedelta(days=1), DAY)] == [False, True]
    with pytest.raises(NotFound):
        availability.sell_from(database, "nowhere", DAY, actor="ann")


def test_a_day_of_publication_to_come_is_the_first_of_sale() -> None:
    tomorrow = prices.today() + timedelta(days=1)
    assert availability.first_day(tomorrow.isoformat()) == tomorrow
    for published in (None, "2099", "1815-12-23", prices.today().isoformat()):
        assert availability.first_day(published) is None
