"""A book beside those of other accounts that it is like: what a person needs to choose by."""

from typing import Any

from sqlalchemy import func, select

from ebook_pipeline.books.describing import sketches
from ebook_pipeline.books.records import ComparedBook, Product
from ebook_pipeline.resources.database import Database, account_tables, tables

_BOOK = tables.book.c
_CATALOG = tables.catalog.c
_DESCRIPTION = tables.description.c
_IMPRINT = account_tables.imprint.c
MOST_COMPARED = 5


def compared(database: Database, book: str) -> tuple[ComparedBook, ...]:
    """`book` first, then those of other accounts that it is like, the likest first.

    Each as its newest description says. Empty where it is like no other account's. For the house:
    the people of an account are not told of others' books.
    """
    related = _related(database, book)
    newest = select(func.max(_DESCRIPTION.id)).group_by(_DESCRIPTION.book)
    query = (
        select(
            *(_BOOK.id, _BOOK.account, _BOOK.at, _IMPRINT.name.label("imprint")),
            *(_CATALOG.state, _DESCRIPTION.document, _DESCRIPTION.sketch),
        )
        .join(tables.description, _DESCRIPTION.book == _BOOK.id)
        .outerjoin(tables.catalog, _CATALOG.book == _BOOK.id)
        .outerjoin(account_tables.imprint, _IMPRINT.key == _BOOK.imprint)
        .where(_DESCRIPTION.id.in_(newest.where(_DESCRIPTION.book.in_([book, *related]))))
    )
    with database.begin() as connection:
        rows = {row.id: row for row in connection.execute(query)}
    own = rows.get(book)
    if own is None:
        return ()
    others = [_beside(own, row) for row in rows.values() if row.account != own.account]
    others.sort(key=lambda other: (-other.likeness, other.book))
    return (_beside(own, own), *others[:MOST_COMPARED]) if others else ()


def _related(database: Database, book: str) -> list[str]:
    """The books that the newest description of `book` names as its kin."""
    own = select(_DESCRIPTION.document).where(_DESCRIPTION.book == book)
    with database.begin() as connection:
        document = connection.execute(own.order_by(_DESCRIPTION.id.desc()).limit(1)).scalar()
    return [kin.book for kin in Product.model_validate(document).kin] if document else []


def _beside(own: Any, other: Any) -> ComparedBook:
    product = Product.model_validate(other.document)
    return ComparedBook(
        book=other.id,
        account=other.account,
        imprint=other.imprint or "",
        title=product.title,
        creators=tuple(creator.name for creator in product.creators),
        publishers=product.publishers,
        isbns=tuple(filter(None, (identifier.isbn13 for identifier in product.identifiers))),
        languages=product.languages,
        words=product.word_count,
        sent=other.at.date(),
        on_sale=other.state or "",
        likeness=sketches.similarity(own.sketch, other.sketch),
    )
