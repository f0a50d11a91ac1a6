"""Whether there is a book of the name that a command was given: all of them say it alike."""

from collections.abc import Iterable

from sqlalchemy import select

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, tables

_BOOK = tables.book.c.id


def known_book(database: Database, *books: str) -> None:
    """Raise `NotFound` where one of `books` is none; withdrawn ones are known."""
    with database.ask() as connection:
        query = select(_BOOK).where(_BOOK.in_(books))
        known = set(connection.execute(query).scalars())
    all_known(books, known)


def all_known(asked: Iterable[str], known: set[str]) -> None:
    """The same where it is known already which there are."""
    unknown = [book for book in asked if book not in known]
    if unknown:
        named = ", ".join(repr(book[:100]) for book in unknown)
        raise NotFound(f"no book is called {named} (`ebooks status` lists them by their ids)")
