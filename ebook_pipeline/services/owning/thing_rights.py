"""Reviews, opinions and licences as rights see them: things of a book, found by their own ids."""

from sqlalchemy import ColumnElement, Connection, exists, false, or_, select, true

from ebook_pipeline.books.owning.rights import Actor, Resource, RightsState, Whose, grants
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import license_tables, reader_tables, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.owning.book_rights import book_resource

_LONGEST_NUMBER = 18
_REVIEW = tables.review_task.c
_LICENSE = license_tables.license.c
_OPINION = reader_tables.opinion.c
_BOOK, _CATALOG = tables.book.c, tables.catalog.c


def account_condition(
    actor: Actor, action: str, kind: str, account: ColumnElement[str]
) -> ColumnElement[bool]:
    """Which things of a `kind` the actor may do this to, by the column of the account that has
    them: `may`, for a list."""
    granted = (
        true() if grant.whose is Whose.ANY else account.in_(sorted(grant.accounts))
        for grant in grants(actor, action, kind)
    )
    return or_(false(), *granted)


def review_resource(connection: Connection, review: str, kind: str = "review") -> Resource:
    """The review of this number. Raises `NotFound` where there is none."""
    book = None
    if review.isascii() and review.isdigit() and len(review) <= _LONGEST_NUMBER:
        query = select(_REVIEW.book).where(_REVIEW.id == int(review))
        book = connection.execute(query).scalar_one_or_none()
    if book is None:
        raise NotFound("there is no such review")
    return book_resource(connection, book, kind)


def opinion_resource(connection: Connection, opinion: str, kind: str = "opinion") -> Resource:
    """A reader's opinion of this number; others may see it while it is visible and a book of its
    work is on sale. Raises `NotFound` where there is none.
    """
    row = None
    if opinion.isascii() and opinion.isdigit() and len(opinion) <= _LONGEST_NUMBER:
        on_sale = exists().where(
            _BOOK.work == _OPINION.work, _CATALOG.book == _BOOK.id, _CATALOG.state == "live"
        )
        query = select(_OPINION.person, _OPINION.state, on_sale.label("on_sale"))
        row = connection.execute(query.where(_OPINION.id == int(opinion))).first()
    if row is None:
        raise NotFound("there is no such opinion")
    public = row.on_sale and row.state == "visible"
    states = frozenset({RightsState.PUBLISHED} if public else ())
    return Resource(kind=kind, person=row.person, states=states)


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
