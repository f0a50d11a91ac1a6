"""What every route may use: one frozen object, made once for the process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Self

from fastapi import Depends
from starlette.requests import HTTPConnection

from ebook_pipeline.desk.addresses import DeskAddresses
from ebook_pipeline.desk.background import Background
from ebook_pipeline.desk.byte_cache import ByteCache
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.reporting.readership import ViewCounts, ViewKind
from ebook_pipeline.services.signing_in.sessions import SessionLimits

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources
    from ebook_pipeline.resources.database import Database
    from ebook_pipeline.resources.object_store import ObjectStore
    from ebook_pipeline.resources.rate_limits import RateLimiter
    from ebook_pipeline.settings import Settings


_BOOKS, _VIEWS = 64 << 20, 16 << 20
"""Bytes of EPUBs that people read in, and of the pages made of them, that a process keeps."""
_KEPT_SECONDS = 600


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class DeskContext:
    """The outside world (`resources` makes what is asked for), the limits, the clock (UTC)."""

    resources: "Resources"
    limiter: "RateLimiter"
    addresses: DeskAddresses
    sessions: SessionLimits = field(default_factory=SessionLimits)
    clock: Callable[[], datetime] = _now
    background: Background = field(default_factory=Background)
    views: ViewCounts = field(default_factory=ViewCounts)
    opened_books: ByteCache = field(default_factory=lambda: ByteCache(_BOOKS, _KEPT_SECONDS))
    reading_views: ByteCache = field(default_factory=lambda: ByteCache(_VIEWS, _KEPT_SECONDS))

    @classmethod
    def of(cls, resources: "Resources") -> Self:
        """The context of a process with these resources, as their settings say."""
        from ebook_pipeline.resources.rate_limits import PostgresRateLimiter, ReservingRateLimiter

        limiter = ReservingRateLimiter(PostgresRateLimiter(resources.database))
        return cls(resources, limiter, DeskAddresses.of(resources.settings))

    @property
    def settings(self) -> "Settings":
        """The settings that the resources were made from."""
        return self.resources.settings

    @property
    def database(self) -> "Database":
        """Postgres."""
        return self.resources.database

    @property
    def object_store(self) -> "ObjectStore":
        """Manuscripts, conversions and records."""
        return self.resources.object_store

    def count_view(self, book: str, kind: ViewKind) -> None:
        """One more look at a book; written by and by, when the answer has gone out."""
        if self.views.add(book, kind):
            self.background.run(lambda: self.views.write(self.database))

    @property
    def records(self) -> RecordStore:
        """What stages have on record."""
        return RecordStore(self.object_store)


def context_of(connection: HTTPConnection) -> DeskContext:
    """The context of the app that answers this request or WebSocket."""
    context: DeskContext = connection.app.state.context
    return context


async def _context(connection: HTTPConnection) -> DeskContext:
    """Async, so that no thread is asked for what takes no time."""
    return context_of(connection)


Context = Annotated[DeskContext, Depends(_context)]
