"""Reviews and licences as rights see them: things of a book, found by their own ids."""

from sqlalchemy import Connection, select

from ebook_pipeline.books.owning.rights import Resource
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import license_tables, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.owning.book_rights import book_resource

_LONGEST_NUMBER = 18
_REVIEW = tables.review_task.c
_LICENSE = license_tables.license.c


def review_resource(connection: Connection, review: str, kind: str = "review") -> Resource:
    """The review of this number. Raises `NotFound` where there is none."""
    book = None
    if review.isascii() and review.isdigit() and len(review) <= _LONGEST_NUMBER:
        query = select(_REVIEW.book).where(_REVIEW.id == int(review))
        book = connection.execute(query).scalar_one_or_none()
    if book is None:
        raise NotFound("there is no such review")
    return book_resource(connection, book, kind)


def license_resource(connection: Connection, license: str, kind: str = "license") -> Resource:
    """The licence of this id; it is its holder's, where it is on somebody's shelf.

    Raises `NotFound` where there is none.
    """
    query = select(_LICENSE.book, _LICENSE.holder).where(_LICENSE.id == clean_text(license))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("there is no such licence")
    of_book = book_resource(connection, row.book, kind)
    return of_book.model_copy(update={"person": row.holder or ""})
