"""Prices and rights from a table and from ONIX: all of it is understood, or nothing is set."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.selling.onix.reading import read_offers
from ebook_pipeline.books.selling.sales_terms import PriceRule, SalesRight, SalesTerms
from ebook_pipeline.foundation.errors import BookError, NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.selling import availability, export, price_lists, prices
from tests.support.existing import existing
from tests.support.servers.postgres import rows
from tests.support.services.sales import SHOP, sell

DAY = date(2027, 3, 1)
PRODUCT = """
<Product>
  <RecordReference>{reference}</RecordReference>
  <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>978-3-16-148410-0</IDValue>
  </ProductIdentifier>
  <PublishingDetail>
    <SalesRights><SalesRightsType>01</SalesRightsType>
      <Territory><CountriesIncluded>DE AT CH</CountriesIncluded></Territory></SalesRights>
    <ROWSalesRightsType>03</ROWSalesRightsType>
  </PublishingDetail>
  <ProductSupply><SupplyDetail>
    <Price><PriceType>04</PriceType><PriceAmount>12.99</PriceAmount>
      <CurrencyCode>EUR</CurrencyCode><Territory><CountriesIncluded>DE AT</CountriesIncluded>
      </Territory>
      <PriceDate><PriceDateRole>14</PriceDateRole><Date>20270101</Date></PriceDate></Price>
    <Price><PriceType>05</PriceType><PriceAmount>8.00</PriceAmount>
      <CurrencyCode>EUR</CurrencyCode></Price>
    <Price><PriceType>02</PriceType><PriceAmount>-1</PriceAmount>
      <CurrencyCode>EUR</CurrencyCode></Price>
  </SupplyDetail></ProductSupply>
</Product>
"""


def message(path: Path, *references: str, head: str = "") -> Path:
    products = "".join(PRODUCT.format(reference=one) for one in references)
    space = "http://ns.editeur.org/onix/3.1/reference"
    path.write_text(f'{head}<ONIXMessage release="3.1" xmlns="{space}">{products}</ONIXMessage>')
    return path


def test_a_table_sets_prices_with_and_without_days(database: Database, tmp_path: Path) -> None:
    sell(database, "emma")
    (tmp_path / "prices.csv").write_text(
        "\ufeffbook,territory,amount,currency,type,from,until\n"
        "emma,DE,9.99,EUR,04,2027-01-01,\n"
        "emma,us,10.5,USD,01,2027-01-01,2027-12-31\n"
    )
    done = price_lists.from_table(database, tmp_path / "prices.csv", actor="ann")
    assert (done.books, done.prices) == (1, 2)
    terms = prices.sales_terms(database, "emma")
    assert existing(terms.price("DE", DAY)).amount == Decimal("9.99")
    assert (existing(terms.price("US", DAY)).type, terms.price("US", date(2028, 1, 1))) == (
        "01",
        None,
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("emma,Mars,9,EUR", "line 3: territory"),
        ("emma,DE,cheap,EUR", "line 3: amount"),
        ("emma,DE,-1,EUR", "line 3: amount"),
        ("emma,DE,9,euro", "line 3: currency"),
        (",DE,9,EUR", "line 3: no book"),
        ("emma,DE,9,EUR,extra", "line 3"),
    ],
)
def test_of_a_table_with_a_fault_nothing_is_set(
    database: Database, tmp_path: Path, line: str, fault: str
) -> None:
    sell(database, "emma")
    table = tmp_path / "prices.csv"
    table.write_text(f"book,territory,amount,currency\nemma,DE,9,EUR\n{line}\n")
    with pytest.raises(BookError, match=fault):
        price_lists.from_table(database, table, actor="ann")
    assert rows(database, "SELECT count(*) FROM price") == [(0,)]


def test_a_table_of_unknown_books_or_no_table_is_refused(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("book,territory,amount,currency\nnowhere,DE,9,EUR\n")
    with pytest.raises(NotFound, match="nowhere"):
        price_lists.from_table(database, tmp_path / "a.csv", actor="ann")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BookError, match="no table"):
        price_lists.from_table(database, tmp_path / "b.csv", actor="ann")


def test_a_message_sets_prices_and_rights_and_says_what_it_could_not(
    database: Database, tmp_path: Path
) -> None:
    sell(database, "emma")
    done = price_lists.from_onix(database, message(tmp_path / "m.xml", "emma", "x"), actor="ann")
    assert (done.books, done.prices, done.rights) == (1, 2, 4)
    assert "emma: a price of type 05 (list 58)" in done.ignored
    assert "x: no such book" in done.ignored
    terms = prices.sales_terms(database, "emma")
    assert (existing(terms.price("AT", DAY)).amount, terms.price("CH", DAY)) == (
        Decimal("12.99"),
        None,
    )
    assert [terms.sold_in(place) for place in ("CH", "FR")] == [True, False]


def test_a_book_of_a_message_is_known_by_its_isbn(database: Database, tmp_path: Path) -> None:
    sell(database, "emma")
    rows(database, "UPDATE manifestation SET isbn13 = '9783161484100' RETURNING 1")
    done = price_lists.from_onix(database, message(tmp_path / "m.xml", "their-id"), actor="ann")
    assert done.books == 1
    assert prices.sales_terms(database, "emma").sold_in("US") is False


def test_what_we_tell_the_trade_we_understand_ourselves(database: Database, tmp_path: Path) -> None:
    sell(database, "emma")
    for place, amount in (("WORLD", "9.99"), ("ECZ", "8.50"), ("DE", "7")):
        rule = PriceRule(territory=place, amount=amount, currency="EUR")
        prices.set_price(database, "emma", rule, actor="ann")
    rights = [SalesRight(territory="EU", type="02"), SalesRight(territory="FR", type="03")]
    availability.set_rights(database, "emma", rights, actor="ann")
    before = prices.sales_terms(database, "emma")
    sender = onix.OnixSender("The River Press")
    export.onix_message(database, SHOP, tmp_path / "all.xml", sender)
    (told,) = read_offers(tmp_path / "all.xml")
    after = SalesTerms(prices=told.prices, rights=told.rights)
    today = datetime.now(UTC).date()
    for place in ("DE", "FR", "DK", "US"):
        assert (
            existing(after.price(place, today)).amount
            == existing(before.price(place, today)).amount
        )
        assert after.sold_in(place) == before.sold_in(place)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("<html/>", "onix.message"),
        ("<ONIXMessage>", "onix.malformed"),
        ("", "onix.malformed"),
    ],
)
def test_what_is_no_message_is_refused(tmp_path: Path, written: str, rule: str) -> None:
    (tmp_path / "m.xml").write_text(written)
    with pytest.raises(BookError) as caught:
        list(read_offers(tmp_path / "m.xml"))
    assert caught.value.finding.rule == rule


def test_entities_of_a_message_are_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("emma")
    head = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{tmp_path / "secret"}">]>'
    offers = list(read_offers(message(tmp_path / "m.xml", "&x;", head=head)))
    assert [one.reference for one in offers] == [""]


def priced(path: Path, amount: str, day: date) -> Path:
    head = "book,territory,amount,currency,type,from\n"
    path.write_text(f"{head}emma,DE,{amount},EUR,02,{day}\n")
    return path


def test_a_price_of_a_list_that_falls_far_is_held_until_somebody_means_it(
    database: Database, tmp_path: Path
) -> None:
    sell(database, "emma")
    today, table = prices.today(), tmp_path / "prices.csv"

    def imported(amount: str, most_fall: float | None = 0.5) -> price_lists.ImportSummary:
        list_ = priced(table, amount, today)
        return price_lists.from_table(database, list_, actor="ann", most_fall=most_fall)

    def paid() -> Decimal:
        return existing(prices.sales_terms(database, "emma").price("DE", today)).amount

    assert imported("10.00").held == ()
    assert imported("5.00").held == ()
    held = imported("4.99")  # of the 10.00 of today, not of the 5.00
    assert (held.prices, paid()) == (0, Decimal("5.000"))
    assert held.held == ("emma, DE: the price falls from 10.00 EUR to 4.99 EUR, by 50%",)
    assert imported("0.01").prices == 0
    assert imported("0.01", most_fall=None).prices == 1
    assert paid() == Decimal("0.010")


def test_an_account_says_itself_how_far_prices_of_a_list_may_fall(
    database: Database, tmp_path: Path
) -> None:
    sell(database, "emma")
    rows(database, "UPDATE account SET price_fall = 1 RETURNING 1")
    table, today = tmp_path / "prices.csv", prices.today()
    for amount in ("10.00", "0.01"):
        list_ = priced(table, amount, today)
        assert price_lists.from_table(database, list_, actor="ann", most_fall=0.5).held == ()
