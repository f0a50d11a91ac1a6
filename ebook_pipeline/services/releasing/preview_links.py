"""Preview links: a short address that leads to a book's excerpt until it expires or is revoked.

A code is the key to its excerpt. The signature behind it lasts as long as the code does, so that
nothing has to run for a link to work; revoking takes the short address away at once, while who has
followed it already can read on until the day on which the link would have ended.
"""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Row, func, insert, select, text, update

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.releasing import short_links
from ebook_pipeline.books.releasing.distribution import PREVIEW, PREVIEW_PAGE
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database, selling_tables
from ebook_pipeline.services.audit_and_outbox import audit, lock_book_row
from ebook_pipeline.services.releasing import releases

_LINK = selling_tables.preview_link.c
_CODE_BYTES = 12
_SWEPT = 50
_STALE = text(
    "SELECT code FROM preview_link WHERE removed_at IS NULL AND (expires_at <= now() OR NOT EXISTS"
    " (SELECT FROM catalog WHERE catalog.book = preview_link.book AND state = 'live'))"
    " AND (CAST(:book AS text) IS NULL OR book = :book) ORDER BY expires_at LIMIT :most"
)


class PreviewLink(Record):
    """A link as it was given out; `removed_at` is when it stopped leading anywhere."""

    code: str
    book: str
    url: str
    at: datetime
    expires_at: datetime
    removed_at: datetime | None = None

    @property
    def works(self) -> bool:
        """Whether it leads somewhere now."""
        return self.removed_at is None and self.expires_at > datetime.now(UTC)


class PreviewLinks:
    """Links of one shop; `short` is the URL before a code, the edge's own where it is empty."""

    def __init__(self, database: Database, cdn: Cdn, short: str = "") -> None:
        self._database, self._cdn, self._short = database, cdn, short.rstrip("/")

    def mint(self, book: str, valid: timedelta, *, actor: str) -> PreviewLink:
        """A new link to the excerpt of the release on sale; stale ones are swept away.

        It leads to the excerpt as a page, or as an EPUB where the release has no page. Raises
        `Denied` where the book is not on sale.
        """
        live = releases.current(self._database, book)
        if live is None or live.state != "live":
            raise Denied(f"{book!r} is not on sale")
        path = live.distribution.path(PREVIEW_PAGE) or live.distribution.path(PREVIEW)
        if path is None:
            raise NotFound(f"{book!r} has no excerpt")
        link = self._write(book, path, valid, actor)
        signed = self._cdn.url(path, int(valid.total_seconds()))
        where = short_links.path(link.code)
        self._cdn.point(where, short_links.page(signed), short_links.MEDIA_TYPE)
        self.sweep()
        return link

    def of_book(self, book: str) -> tuple[PreviewLink, ...]:
        """Every link that the book ever had, the newest first."""
        query = select(selling_tables.preview_link).where(_LINK.book == book)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(_LINK.at.desc(), _LINK.code))
            return tuple(map(self._record, rows))

    def revoke(self, code: str, *, actor: str) -> PreviewLink:
        """Let the link lead nowhere from now on. Raises `NotFound` for an unknown code."""
        query = select(selling_tables.preview_link).where(_LINK.code == code)
        with self._database.begin() as connection:
            row = connection.execute(query).first()
            if row is None:
                raise NotFound("no preview link has this code")
            audit(connection, actor, "preview.revoke", row.book, {"link": _shown(code)})
        self._remove(code)
        with self._database.begin() as connection:
            return self._record(connection.execute(query).one())

    def sweep(self, book: str | None = None) -> int:
        """Take away what has expired, and links of books that are off sale; how many."""
        with self._database.begin() as connection:
            stale = connection.execute(_STALE, {"book": book, "most": _SWEPT}).scalars().all()
        for code in stale:
            self._remove(code)
        return len(stale)

    def _write(self, book: str, path: str, valid: timedelta, actor: str) -> PreviewLink:
        """The row is there before the link leads anywhere: nothing at the edge is unknown."""
        code = secrets.token_urlsafe(_CODE_BYTES)
        expires = datetime.now(UTC) + valid
        row = {"code": code, "book": book, "target": path, "actor": actor, "expires_at": expires}
        with self._database.begin() as connection:
            lock_book_row(connection, book)
            made = insert(selling_tables.preview_link).values(row).returning(*_LINK)
            inserted = connection.execute(made).one()
            detail = {"link": _shown(code), "expires": expires.isoformat()}
            audit(connection, actor, "preview.mint", book, detail)
        return self._record(inserted)

    def _remove(self, code: str) -> None:
        """At the edge first: what is marked as removed is gone there."""
        self._cdn.remove(short_links.path(code))
        with self._database.begin() as connection:
            _mark_removed(connection, code)

    def _record(self, row: Row[tuple[object, ...]]) -> PreviewLink:
        path = short_links.path(row.code)
        url = f"{self._short}/{row.code}" if self._short else self._cdn.url(path)
        facts = {name: getattr(row, name) for name in PreviewLink.model_fields if name != "url"}
        return PreviewLink(url=url, **facts)


def _mark_removed(connection: Connection, code: str) -> None:
    this = (_LINK.code == code) & _LINK.removed_at.is_(None)
    connection.execute(
        update(selling_tables.preview_link).where(this).values(removed_at=func.now())
    )


def _shown(code: str) -> str:
    """Enough of a code to tell it from others, and not enough to use it."""
    return f"{code[:4]}…"
