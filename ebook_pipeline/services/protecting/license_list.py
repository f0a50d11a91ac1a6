"""Licences as lists show them: whose one may see, the newest first, a page at a time."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, true, tuple_

from ebook_pipeline.books.owning.rights import Actor, grants
from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database, license_tables, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.owning.book_rights import book_condition
from ebook_pipeline.services.protecting.license_records import License, license_of

_LICENSE = license_tables.license.c
_BOOK = tables.book.c


class LicenseFilter(Record):
    """Which licences; what is unset narrows nothing. `holder`: on whose shelf."""

    book: str | None = None
    reader: str | None = None
    holder: str | None = None


def list_licenses(
    database: Database,
    wanted: LicenseFilter,
    now: datetime,
    *,
    visible: ColumnElement[bool] | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[License, ...]:
    """At most `limit` licences, as they stand `now`, of those that are `visible`.

    `after`: when the last one of the page before was issued, and its id.
    """
    query = select(license_tables.license).join(tables.book, _BOOK.id == _LICENSE.book)
    query = query.where(true() if visible is None else visible)
    for name, value in wanted.model_dump(exclude_none=True).items():
        query = query.where(_LICENSE[name] == clean_text(value))
    if after is not None:
        place = (after[0], clean_text(after[1]))
        query = query.where(tuple_(_LICENSE.issued, _LICENSE.id) < place)
    ordered = query.order_by(_LICENSE.issued.desc(), _LICENSE.id.desc()).limit(limit)
    with database.begin() as connection:
        return tuple(license_of(row, now) for row in connection.execute(ordered))


def license_condition(actor: Actor) -> ColumnElement[bool]:
    """Which rows the actor may read: `may`, for a list; a shop's program sees its own alone."""
    readable = book_condition(actor, "read", "license")
    if any(grant.personal for grant in grants(actor, "read", "license")):
        readable = or_(readable, _LICENSE.holder == actor.login)
    return and_(readable, _LICENSE.client == actor.client) if actor.is_shop else readable
