"""Prices of a book by territory and day: each change is one transaction with its event."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import Price
from ebook_pipeline.books.selling.sales_terms import PriceRule, SalesRight, SalesTerms
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, selling_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally

CHANGED = "price.changed"

_PRICE = selling_tables.price.c
_RIGHT = selling_tables.sales_right.c
_CATALOG = tables.catalog.c
_RULE = (*PriceRule.model_fields,)
_KEY = ["book", "territory", "currency", "valid_from"]


def today() -> date:
    """The day that the shop has: that of UTC."""
    return datetime.now(UTC).date()


def sales_terms(database: Database, book: str) -> SalesTerms:
    """All rules of the book, expired prices too, the oldest first."""
    with database.begin() as connection:
        return read_sales_terms(connection, book)


def stated_price(database: Database, book: str) -> Price | None:
    """The price that holds where no rule does: the submitter's. None before the first release."""
    query = select(tables.release.c.product["price"]).join(
        tables.catalog, _CATALOG.release == tables.release.c.id
    )
    with database.begin() as connection:
        document = connection.execute(query.where(_CATALOG.book == book)).scalar_one_or_none()
    return Price.model_validate(document) if document else None


def set_price(
    database: Database,
    book: str,
    rule: PriceRule,
    *,
    actor: str,
    precondition: Precondition[SalesTerms] = unconditionally,
) -> SalesTerms:
    """Let `rule` hold from its first day on; without one, from today.

    Where several hold, the one that began last does: a price for a month is followed by the one
    before it. Again with the same facts it changes nothing. Raises `NotFound` for an unknown book.
    """
    dated = rule if rule.valid_from > date.min else rule.model_copy(update={"valid_from": today()})
    with database.begin() as connection:
        lock_book_row(connection, book)
        before = read_sales_terms(connection, book)
        precondition(before)
        if dated not in before.prices:
            _write(connection, book, dated, actor)
            _tell(connection, book, "price", {"price": dated.model_dump(mode="json")}, actor)
        return read_sales_terms(connection, book)


def end_price(  # noqa: PLR0913 - what ends, when, by whom
    database: Database,
    book: str,
    territory: str,
    currency: str,
    *,
    on: date,
    actor: str,
    precondition: Precondition[SalesTerms] = unconditionally,
) -> SalesTerms:
    """Let no price in this territory and currency hold from the day `on` on.

    What is said of wider territories holds there then. Raises `NotFound` where there is none.
    """
    this = (_PRICE.book == book) & (_PRICE.territory == territory) & (_PRICE.currency == currency)
    later, still = _PRICE.valid_from >= on, _PRICE.valid_until
    with database.begin() as connection:
        lock_book_row(connection, book)
        precondition(read_sales_terms(connection, book))
        gone = connection.execute(delete(selling_tables.price).where(this, later)).rowcount
        holding = this & (still.is_(None) | (still >= on))
        ended = update(selling_tables.price).where(holding)
        gone += connection.execute(ended.values(valid_until=on - timedelta(days=1))).rowcount
        if not gone:
            raise NotFound(f"{book!r} has no price in {currency} for {territory} from {on} on")
        detail = {"territory": territory, "currency": currency, "ended": on.isoformat()}
        _tell(connection, book, "price.end", detail, actor)
        return read_sales_terms(connection, book)


def set_prices(
    database: Database, rules: Iterable[tuple[str, PriceRule]], *, actor: str
) -> tuple[int, int]:
    """Set many, book by book: how many books, how many rules.

    Raises `NotFound`, before anything is written, where a book is unknown.
    """
    by_book: dict[str, list[PriceRule]] = {}
    for book, rule in rules:
        by_book.setdefault(book, []).append(rule)
    require_books(database, list(by_book))
    for book, of_book in by_book.items():
        for rule in of_book:
            set_price(database, book, rule, actor=actor)
    return len(by_book), sum(map(len, by_book.values()))


def read_sales_terms(connection: Connection, book: str) -> SalesTerms:
    """All rules of the book within a transaction."""
    prices = select(*(_PRICE[name] for name in _RULE)).where(_PRICE.book == book)
    rights = select(_RIGHT.territory, _RIGHT.type).where(_RIGHT.book == book)
    sold_from = select(_CATALOG.sold_from).where(_CATALOG.book == book)
    return SalesTerms(
        prices=tuple(
            PriceRule.model_validate(dict(row._mapping))
            for row in connection.execute(prices.order_by(_PRICE.valid_from, _PRICE.id))
        ),
        rights=tuple(
            SalesRight(territory=row.territory, type=row.type)
            for row in connection.execute(rights.order_by(_RIGHT.territory))
        ),
        sold_from=connection.execute(sold_from).scalar_one_or_none(),
    )


def _write(connection: Connection, book: str, rule: PriceRule, actor: str) -> None:
    row = {"book": book, "actor": actor, **{name: getattr(rule, name) for name in _RULE}}
    facts = {name: row[name] for name in ("type", "amount", "valid_until", "actor")}
    statement = insert(selling_tables.price).values(row)
    changed = statement.on_conflict_do_update(index_elements=_KEY, set_=facts | {"at": func.now()})
    connection.execute(changed)


def _tell(
    connection: Connection, book: str, action: str, detail: dict[str, Any], actor: str
) -> None:
    audit(connection, actor, action, book, detail)
    emit(connection, CHANGED, book, detail)
    touch = update(tables.catalog).where(_CATALOG.book == book)
    connection.execute(touch.values(changed_at=func.now()))


def require_books(database: Database, books: Sequence[str]) -> None:
    """Raise `NotFound` where one of these is no book of ours."""
    query = select(tables.book.c.id).where(tables.book.c.id.in_(books))
    with database.begin() as connection:
        known = set(connection.execute(query).scalars())
    unknown = [book for book in books if book not in known]
    if unknown:
        raise NotFound(f"no such book: {', '.join(unknown[:20])}")
