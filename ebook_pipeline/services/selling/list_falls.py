"""Prices of a list that fall too far: they are held until a person says that they are meant."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sqlalchemy import Connection, text

from ebook_pipeline.books.records import Price
from ebook_pipeline.books.selling.price_fall import price_fall
from ebook_pipeline.books.selling.sales_terms import PriceRule
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.selling import prices

Ruled = tuple[str, PriceRule]
_DAYS = 30
"""Many small steps within so many days are one fall."""
_SET_LATELY = text(
    """
    SELECT detail -> 'price' AS price FROM audit WHERE book = :book AND action = 'price'
        AND at > now() - interval '30 days' AND detail -> 'price' ->> 'territory' = :territory
    """
)


def fallen(database: Database, ruled: Iterable[Ruled], usual: float) -> dict[Ruled, str]:
    """Which of these would lower a price by more than its account's share, or `usual`, and how.

    As at the release gate: compared with the highest of the last 30 days in the same currency.
    """
    return {
        (book, rule): fall for book, rule in ruled if (fall := _fall(database, book, rule, usual))
    }


def _fall(database: Database, book: str, rule: PriceRule, usual: float) -> str:
    with database.begin() as connection:
        owner = accounts.owner(connection, book)
        if owner is None:
            return ""
        own = accounts.known(connection, owner).price_fall
        lately = list(_set_lately(connection, book, rule))
    before = (*_held_lately(database, book, rule), *lately)
    alike = [price for price in before if price.currency == rule.currency]
    after = Price(amount=rule.amount, currency=rule.currency)
    return price_fall(alike, after, usual if own is None else own)


def _held_lately(database: Database, book: str, rule: PriceRule) -> Iterator[Price]:
    """What one paid in the rule's territory on each of the last days."""
    terms = prices.sales_terms(database, book)
    stated, today = prices.stated_price(database, book), prices.today()
    for days in range(_DAYS):
        paid = terms.price(rule.territory, today - timedelta(days), stated, rule.currency)
        if paid is not None:
            yield Price(amount=paid.amount, currency=paid.currency)


def _set_lately(connection: Connection, book: str, rule: PriceRule) -> Iterator[Price]:
    asked = {"book": book, "territory": rule.territory}
    for document in connection.execute(_SET_LATELY, asked).scalars():
        yield Price(amount=document["amount"], currency=document["currency"])
