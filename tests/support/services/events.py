"""Subscribers that remember, refuse or die, a clock that one turns, and books to tell of."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.delivering.dispatch import (
    DeliveryLimits,
    DeliverySummary,
    Subscriber,
    deliver,
)


class Clock:
    """The time, which only `turn` moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


class Listener:
    """Remembers what it took, by book; `refuses` says which events it does not take."""

    def __init__(self, name: str = "listener") -> None:
        self.name = name
        self.heard: list[Event] = []
        self.offered = 0
        self.refuses: Callable[[Event], bool] = lambda _: False
        self.error: ServiceError = Unavailable("not now")
        self._lock = threading.Lock()

    def deliver(self, event: Event) -> None:
        with self._lock:
            self.offered += 1
            if self.refuses(event):
                raise self.error
            self.heard.append(event)

    def numbers(self, book: str) -> list[int]:
        """What it heard of `book`, each event once: when it first came."""
        seen = dict.fromkeys(one.data["edition"] for one in self.heard if one.book == book)
        return list(seen)

    def by_book(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for one in self.heard:
            found[one.book].append(one.data["edition"])
        return dict(found)


def shelve(database: Database, *books: str) -> None:
    """Books that events may be about."""
    with database.begin() as connection:
        for book in books:
            connection.execute(
                text(
                    "WITH made AS (INSERT INTO work DEFAULT VALUES RETURNING id)"
                    " INSERT INTO book (id, work) SELECT :book, id FROM made"
                ),
                {"book": book},
            )


def say(database: Database, book: str, *numbers: int, kind: str = "release.live") -> None:
    """Events of `book`, a transaction each; `numbers` tell them apart."""
    for number in numbers:
        with database.begin() as connection:
            emit(connection, kind, book, {"edition": number, "release": f"{number:04}"})


def tell(
    database: Database, *listening: Subscriber, clock: Clock | None = None, **terms: Any
) -> Sequence[DeliverySummary]:
    """One round of deliveries, within what time a test has."""
    how: dict[str, Any] = {"seconds": 20.0, **terms}
    if clock is not None:
        how["clock"] = clock
    return deliver(database, listening, DeliveryLimits(**how))
