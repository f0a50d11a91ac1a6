"""What the catalogue offers, for those who list it: a few books, a page, or all as a stream."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    literal_column,
    select,
    text,
    tuple_,
)

from ebook_pipeline.books.records import CatalogEntry, Distribution, Product
from ebook_pipeline.books.selling.opds import Offer
from ebook_pipeline.books.selling.sales_terms import SalesTerms
from ebook_pipeline.books.selling.territories import WORLD
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, tables

_CATALOG = tables.catalog.c
_RELEASE = tables.release.c
_AT_A_TIME = 200
_TERMS: tuple[ColumnElement[Any], ...] = (
    literal_column(
        "(SELECT coalesce(jsonb_agg(to_jsonb(price) - '{id,book,actor,at}'::text[]"
        " ORDER BY valid_from, price.id), '[]') FROM price WHERE price.book = catalog.book"
        " AND coalesce(valid_until, 'infinity') >= (now() AT TIME ZONE 'UTC')::date)"
    ).label("prices"),
    literal_column(
        "(SELECT coalesce(jsonb_agg(to_jsonb(sales_right) - '{book,actor,at}'::text[]"
        " ORDER BY territory), '[]') FROM sales_right WHERE sales_right.book = catalog.book)"
    ).label("rights"),
)
_STREAMED = {"stream_results": True, "yield_per": _AT_A_TIME}


@dataclass(frozen=True)
class ListPosition:
    """A place in the list of the newest books: after the book `book`, on sale since `day`."""

    day: date
    book: str

    def __str__(self) -> str:
        return f"{self.day}~{self.book}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """The place as it stands in a URL. Raises `NotFound` for what is none."""
        day, _, book = written.partition("~")
        try:
            return cls(date.fromisoformat(day), book)
        except ValueError as error:
            raise NotFound(f"{written!r} is no place in the list") from error


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """The catalogue as it is now, whatever others write; nothing can be written through it."""
    with database.begin() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection


def newest(
    connection: Connection,
    facets: Sequence[str] = (),
    *,
    after: ListPosition | None = None,
    limit: int | None = None,
    territory: str = WORLD,
) -> Iterator[Offer]:
    """Books on sale that have all of `facets`, the newest first; a few of them in memory.

    Only such as may be sold in `territory`, where that is a country.
    """
    query = _on_sale(facets, territory).order_by(_CATALOG.published.desc(), _CATALOG.book.desc())
    if after is not None:
        query = query.where(tuple_(_CATALOG.published, _CATALOG.book) < (after.day, after.book))
    rows = connection.execute(query.limit(limit), execution_options=_STREAMED)
    return map(_offer, rows)


def everything(connection: Connection) -> Iterator[Offer]:
    """Every book that ever was on sale, the withdrawn ones too, in the order of their ids."""
    return map(
        _offer, connection.execute(_offers().order_by(_CATALOG.book), execution_options=_STREAMED)
    )


def named(connection: Connection, books: Sequence[str]) -> tuple[Offer, ...]:
    """These books, in this order, but not those that are not on sale."""
    rows = connection.execute(_on_sale(()).where(_CATALOG.book.in_(books)))
    by_book = {offer.entry.book: offer for offer in map(_offer, rows)}
    return tuple(by_book[book] for book in books if book in by_book)


def known(connection: Connection, books: Sequence[str]) -> tuple[Offer, ...]:
    """These books, as far as they were ever on sale; the withdrawn ones too."""
    return tuple(map(_offer, connection.execute(_offers().where(_CATALOG.book.in_(books)))))


def count(connection: Connection, facets: Sequence[str] = (), territory: str = WORLD) -> int:
    """How many books on sale have all of `facets` and may be sold in `territory`."""
    query = select(func.count()).select_from(tables.catalog).where(_CATALOG.state == "live")
    number: int = connection.execute(_narrowed(query, facets, territory)).scalar_one()
    return number


def facet_counts(
    connection: Connection,
    facets: Sequence[str] = (),
    among: int | None = None,
    territory: str = WORLD,
) -> dict[str, int]:
    """How many books on sale have each facet besides `facets`; of the `among` newest, where set."""
    live = select(_CATALOG.facets).where(_CATALOG.state == "live")
    query = _narrowed(live, facets, territory)
    if among is not None:
        query = query.order_by(_CATALOG.published.desc(), _CATALOG.book.desc()).limit(among)
    facet = func.unnest(query.subquery().c.facets).label("facet")
    each = select(facet).subquery()
    books = func.count().label("books")
    counted = select(each.c.facet, books).group_by(each.c.facet)
    rows = connection.execute(counted.order_by(books.desc(), each.c.facet))
    return {row.facet: row.books for row in rows}


def _offers() -> Select[Any]:
    columns = (_RELEASE.entry, _RELEASE.product, _RELEASE.distribution, *_TERMS)
    return select(*columns, _CATALOG.changed_at, _CATALOG.state, _CATALOG.sold_from).join(
        tables.catalog, _CATALOG.release == _RELEASE.id
    )


def _on_sale(facets: Sequence[str], territory: str = WORLD) -> Select[Any]:
    return _narrowed(_offers().where(_CATALOG.state == "live"), facets, territory)


def _narrowed(query: Select[Any], facets: Sequence[str], territory: str) -> Select[Any]:
    if territory != WORLD:
        query = query.where(~_CATALOG.barred.contains([territory]))
    return query.where(_CATALOG.facets.contains(list(facets))) if facets else query


def _offer(row: Row[Any]) -> Offer:
    return Offer(
        entry=CatalogEntry.model_validate(row.entry),
        product=Product.model_validate(row.product),
        distribution=Distribution.model_validate(row.distribution),
        changed=row.changed_at,
        on_sale=row.state == "live",
        terms=SalesTerms(prices=row.prices, rights=row.rights, sold_from=row.sold_from),
    )
