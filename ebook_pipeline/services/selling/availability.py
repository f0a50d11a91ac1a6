"""Where a book may be sold and from which day: each change is one transaction with its event."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import Product
from ebook_pipeline.books.selling.sales_terms import SalesRight, SalesTerms
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, selling_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.selling.prices import read_sales_terms, today

CHANGED = "availability.changed"

_RIGHT = selling_tables.sales_right.c
_CATALOG = tables.catalog.c


def set_rights(
    database: Database,
    book: str,
    rights: Iterable[SalesRight],
    *,
    actor: str,
    precondition: Precondition[SalesTerms] = unconditionally,
) -> SalesTerms:
    """Let these rights hold in their territories; what is said of others stays.

    Raises `NotFound` for an unknown book.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        before = read_sales_terms(connection, book)
        precondition(before)
        news = [right for right in rights if right not in before.rights]
        for right in news:
            _write(connection, book, right, actor)
        if news:
            detail = {"rights": [right.model_dump(mode="json") for right in news]}
            _tell(connection, book, "rights", detail, actor)
        return read_sales_terms(connection, book)


def forget_rights(
    database: Database,
    book: str,
    territories: Iterable[str],
    *,
    actor: str,
    precondition: Precondition[SalesTerms] = unconditionally,
) -> SalesTerms:
    """Say nothing more of these territories. Raises `NotFound` where nothing was said."""
    names = sorted(territories)
    these = (_RIGHT.book == book) & _RIGHT.territory.in_(names)
    with database.begin() as connection:
        lock_book_row(connection, book)
        precondition(read_sales_terms(connection, book))
        if not connection.execute(delete(selling_tables.sales_right).where(these)).rowcount:
            raise NotFound(f"nothing is said of {', '.join(names)} for {book!r}")
        _tell(connection, book, "rights.forget", {"forgotten": names}, actor)
        return read_sales_terms(connection, book)


def sell_from(
    database: Database,
    book: str,
    day: date | None,
    *,
    actor: str,
    precondition: Precondition[SalesTerms] = unconditionally,
) -> SalesTerms:
    """Sell the book from `day` on, and let it be ordered before; None: as soon as it is on sale.

    Raises `NotFound` where it was never released.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        before = read_sales_terms(connection, book)
        precondition(before)
        if before.sold_from != day:
            this = update(tables.catalog).where(_CATALOG.book == book)
            if not connection.execute(this.values(sold_from=day)).rowcount:
                raise NotFound(f"{book!r} was never released")
            detail = {"sold_from": day.isoformat() if day else None}
            _tell(connection, book, "sold_from", detail, actor)
        return read_sales_terms(connection, book)


def columns(connection: Connection, book: str, product: Product, *, new: bool) -> dict[str, Any]:
    """What the catalogue's row says of rights already given, and of a `new` book's first day.

    A book that states a day to come as that of its publication is not sold before.
    """
    row: dict[str, Any] = {"barred": list(read_sales_terms(connection, book).barred)}
    if new:
        row["sold_from"] = first_day(product.published)
    return row


def first_day(published: str | None) -> date | None:
    """The day from which a book is sold that states this day of publication: None for at once."""
    try:
        day = date.fromisoformat((published or "")[:10])
    except ValueError:
        return None
    return day if day > today() else None


def _write(connection: Connection, book: str, right: SalesRight, actor: str) -> None:
    facts = {"type": right.type, "actor": actor}
    statement = insert(selling_tables.sales_right)
    row = statement.values(book=book, territory=right.territory, **facts)
    key = ["book", "territory"]
    changed = row.on_conflict_do_update(index_elements=key, set_=facts | {"at": func.now()})
    connection.execute(changed)


def _tell(
    connection: Connection, book: str, action: str, detail: dict[str, Any], actor: str
) -> None:
    """The catalogue's row knows the countries, so that a search need not ask for each book."""
    barred = list(read_sales_terms(connection, book).barred)
    row = update(tables.catalog).where(_CATALOG.book == book)
    connection.execute(row.values(barred=barred, changed_at=func.now()))
    audit(connection, actor, action, book, detail)
    emit(connection, CHANGED, book, detail)
