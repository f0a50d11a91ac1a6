"""Readers who follow an author are told once of each new work of theirs, when it goes on sale."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.rendering import Link
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.database import (
    Database,
    account_tables,
    notice_tables,
    reader_tables,
    tables,
)
from ebook_pipeline.services.notifying.notices import NoticeRequest
from ebook_pipeline.services.notifying.recipients import NotifyingSettings, RecipientDirectory
from ebook_pipeline.services.notifying.unsubscribing import unsubscribe_path
from ebook_pipeline.services.releasing.releases import BookRelease
from ebook_pipeline.services.shelving.following import author_key

AT_A_TIME = 200
"""Readers whose notices are written in one transaction."""
_BOOK, _RELEASE = tables.book.c, tables.release.c
_FOLLOWED, _PERSON = reader_tables.followed_author.c, account_tables.person.c
_NOTICE = notice_tables.notice.c


class NewBook(Record):
    """A book of a followed author that went on sale, for the reader's own page."""

    book: str
    title: str
    authors: tuple[str, ...]


class NewBookNotices:
    """What is told to those who follow an author."""

    def __init__(
        self, database: Database, directory: RecipientDirectory, settings: NotifyingSettings
    ) -> None:
        self._database, self._directory, self._settings = database, directory, settings

    def of_release(self, event: Event, live: BookRelease) -> Iterator[Sequence[NoticeRequest]]:
        """To everybody who followed one of its authors when the work first went on sale.

        The cause is the work: neither its other editions nor the event told again are news.
        """
        with self._database.begin() as connection:
            first = _first_release(connection, event.book)
            if first is None or first.name != event.data["release"]:
                return
            followers = _followers(connection, live.entry.authors, first)
        cause = f"work {first.work} on sale"
        for some in slices(followers, AT_A_TIME):
            yield [self._request(row, cause, live) for row in some]

    def _request(self, row: Row[Any], cause: str, live: BookRelease) -> NoticeRequest:
        path = unsubscribe_path(self._database, row.login, NoticeKind.AUTHOR_NEW_BOOK)
        address = f"{self._settings.desk_url}{path}"
        values = {
            "house": self._settings.name,
            "title": live.entry.title,
            "link": self._page(live.book),
            "author": row.name,
            "unsubscribe": Link(address),
        }
        return NoticeRequest(
            kind=NoticeKind.AUTHOR_NEW_BOOK,
            to=self._directory.reader(row.login, row.email or ""),
            cause=cause,
            values=values,
            book=live.book,
            unsubscribe=address,
        )

    def _page(self, book: str) -> Link:
        """The book's page in the shop of the house, or in the desk's window."""
        shop = self._settings.shop_url.rstrip("/")
        return Link(f"{shop}/books/{book}" if shop else f"{self._settings.desk_url}/shop/{book}")


def of_followed(database: Database, person: str, most: int) -> tuple[NewBook, ...]:
    """What `person` was told of, the newest first, as far as it is on sale."""
    entry = _RELEASE.entry
    told = _NOTICE.who == person, _NOTICE.kind == NoticeKind.AUTHOR_NEW_BOOK.value
    query = (
        select(_NOTICE.book, entry)
        .join(tables.catalog, tables.catalog.c.book == _NOTICE.book)
        .join(tables.release, _RELEASE.id == tables.catalog.c.release)
        .where(*told, tables.catalog.c.state == "live")
        .order_by(_NOTICE.at.desc())
        .limit(most)
    )
    with database.begin() as connection:
        return tuple(
            NewBook(
                book=row.book, title=row.entry["title"], authors=tuple(row.entry.get("authors", ()))
            )
            for row in connection.execute(query)
        )


def _first_release(connection: Connection, book: str) -> Row[Any] | None:
    """The release by which the work of `book` first went on sale."""
    work = select(_BOOK.work).where(_BOOK.id == book).scalar_subquery()
    query: Select[Any] = select(_BOOK.work, _RELEASE.name, _RELEASE.at)
    query = query.join(tables.release, _RELEASE.book == _BOOK.id).where(_BOOK.work == work)
    return connection.execute(query.order_by(_RELEASE.id).limit(1)).first()


def _followers(
    connection: Connection, authors: Sequence[str], first: Row[Any]
) -> Sequence[Row[Any]]:
    """Each reader once, with the author whom they follow and the address that they confirmed."""
    keys = [author_key(name) for name in authors]
    query: Select[Any] = (
        select(_PERSON.login, _PERSON.email, func.min(_FOLLOWED.name).label("name"))
        .join(reader_tables.followed_author, _FOLLOWED.person == _PERSON.login)
        .where(_FOLLOWED.author.in_(keys), _FOLLOWED.at <= first.at, _PERSON.left_at.is_(None))
        .group_by(_PERSON.login, _PERSON.email)
        .order_by(_PERSON.login)
    )
    return connection.execute(query).all()
