"""One subscriber's turn: what it is offered now, and what is noted of its answers.

Books are offered side by side and each book's events one after the other, so a book whose event
is refused stops alone. Sent first, noted afterwards: who is killed in between sends again.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from ebook_pipeline.foundation.errors import Busy, Gone, ServiceError, Unavailable
from ebook_pipeline.foundation.events import DELIVERY_PREFIX, Event, following
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.delivering import queue
from ebook_pipeline.services.delivering.queue import QueuedEvent, RefusedEvent, SubscriberPosition

_LOG = logging.getLogger(__name__)
_THREADS = 8
"""Books whose events one subscriber is offered at a time, and events of the first batch."""
_LARGEST_BATCH = 256
"""Events of a batch, when all before it were taken: what is noted in one transaction."""
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 3600.0
"""Seconds before an event that was refused is offered again: at first, and at the most."""
_LONGEST_SILENCE = 24 * 3600.0
"""Seconds that a subscriber is left alone, however long it asks for."""
_LONGEST_ERROR = 500
"""Characters that are kept of what a subscriber answers."""


class Subscriber(Protocol):
    """Who is told of every event, in the order of each book.

    `deliver` is called from several threads, for different books at a time, and may hear the
    same event (`Event.id`) again. It raises a ServiceError to be asked again later; until then
    no later event of that book comes.
    """

    @property
    def name(self) -> str:
        """Names the subscriber for ever: how far it has heard is kept under it."""
        ...

    def deliver(self, event: Event) -> None: ...


@dataclass(frozen=True)
class DeliveryLimits:
    """How long a turn may last, how long it waits for another process, how long it offers.

    `clock` says what time it is, for all that is offered again later.
    """

    seconds: float = 10.0
    wait_seconds: float = 0.0
    keep_offering: timedelta = timedelta(days=3)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class DeliverySummary(Record):
    """What a turn did: events taken, refused, set aside; how many wait now (to 10,000).

    `error` is what was said at the last refusal, `trouble` why there was no turn.
    """

    subscriber: str
    delivered: int = 0
    failed: int = 0
    dead: int = 0
    waiting: int = 0
    error: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class BookDelivery:
    """What became of one book's events: those taken, the one refused, those not offered."""

    taken: Sequence[QueuedEvent]
    refused: QueuedEvent | None
    error: ServiceError | None
    left: Sequence[QueuedEvent]


class DeliveryWorker:
    """Offers a subscriber what is due again and what is new; `run` it once."""

    def __init__(
        self, database: Database, subscriber: "Subscriber", limits: DeliveryLimits
    ) -> None:
        self._database, self._subscriber, self._limits = database, subscriber, limits
        self._name = subscriber.name
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=self._name)
        self._halt = threading.Event()
        self._until = 0.0
        self._position = 0
        self._summary = DeliverySummary(subscriber=self._name)

    def run(self) -> DeliverySummary:
        """One process at a time delivers to a subscriber; may raise ServiceErrors of our own."""
        with self._held() as held, self._threads:
            return self._told() if held else self._idle("another process delivers to it")

    def _told(self) -> DeliverySummary:
        now = self._limits.clock()
        with self._database.begin() as connection:
            here = queue.position_of(connection, self._name, now)
        if (why := _silenced(here, now)) is not None:
            return self._idle(why)
        self._position = here.position
        began = time.monotonic()
        self._repeat(self._offer_due, began + self._limits.seconds / 2)
        self._repeat(self._offer_new, began + self._limits.seconds)
        with self._database.begin() as connection:
            waiting = queue.waiting(connection, self._name)
        return self._summary.model_copy(update={"waiting": waiting})

    def _repeat(self, offer: Callable[[int], list[BookDelivery] | None], until: float) -> None:
        """In batches that grow while all is well: who does not answer is not asked by hundreds."""
        self._until = until
        size = _THREADS
        while not self._over():
            deliveries = offer(size)
            if deliveries is None or (
                deliveries and not any(delivery.taken for delivery in deliveries)
            ):
                return
            size = min(2 * size, _LARGEST_BATCH)

    def _offer_due(self, most: int) -> list[BookDelivery] | None:
        with self._database.begin() as connection:
            due = queue.due(connection, self._name, self._limits.clock(), most)
        if not due:
            return None
        deliveries = self._offer(due)
        with self._database.begin() as connection:
            self._note(connection, deliveries, {queued.event.book for queued in due})
        return deliveries

    def _offer_new(self, most: int) -> list[BookDelivery] | None:
        with self._database.begin() as connection:
            fresh = queue.new_events(connection, self._position, most)
            books = {queued.event.book for queued in fresh}
            blocked = queue.blocked(connection, self._name, books) if fresh else set()
        if not fresh:
            return None
        deliveries = self._offer([queued for queued in fresh if queued.event.book not in blocked])
        waiting = [queued for queued in fresh if queued.event.book in blocked]
        waiting += [queued for delivery in deliveries for queued in delivery.left]
        with self._database.begin() as connection:
            self._advance(connection, fresh[-1].position)
            queue.park(connection, self._name, waiting, self._limits.clock())
            self._note(connection, deliveries, {queued.event.book for queued in waiting})
        return deliveries

    def _advance(self, connection: Connection, position: int) -> None:
        if not queue.advance(connection, self._name, self._position, position):
            raise ServiceError(f"{self._name} was moved by somebody else: nothing of this is noted")
        self._position = position

    def _offer(self, events: Sequence[QueuedEvent]) -> list[BookDelivery]:
        deliveries = list(self._threads.map(self._offer_book, queue.by_book(events)))
        errors = [delivery.error for delivery in deliveries if delivery.error is not None]
        self._count("delivered", sum(len(delivery.taken) for delivery in deliveries))
        self._count("failed", len(errors))
        if errors:
            message = str(errors[-1])[:_LONGEST_ERROR]
            self._summary = self._summary.model_copy(update={"error": message})
        return deliveries

    def _count(self, what: str, more: int) -> None:
        counted = {what: getattr(self._summary, what) + more}
        self._summary = self._summary.model_copy(update=counted)

    def _offer_book(self, events: Sequence[QueuedEvent]) -> BookDelivery:
        for index, queued in enumerate(events):
            if self._over():
                return BookDelivery(events[:index], None, None, events[index:])
            error = self._answer(queued.event)
            if error is not None:
                return BookDelivery(events[:index], queued, error, events[index + 1 :])
        return BookDelivery(events, None, None, ())

    def _answer(self, event: Event) -> ServiceError | None:
        try:
            with following(event.id):
                self._subscriber.deliver(event)
        except (Busy, Gone) as error:
            self._halt.set()
            return error
        except ServiceError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one subscriber's defect is nobody else's
            _LOG.exception("a defect of subscriber %s", self._name)
            return ServiceError(f"a defect: {type(error).__name__}")
        return None

    def _over(self) -> bool:
        return self._halt.is_set() or time.monotonic() >= self._until

    def _note(
        self, connection: Connection, deliveries: Sequence[BookDelivery], books: set[str]
    ) -> None:
        now = self._limits.clock()
        queue.mark_taken(
            connection, self._name, [queued for delivery in deliveries for queued in delivery.taken]
        )
        for delivery in deliveries:
            if delivery.refused is not None and delivery.error is not None:
                books.add(delivery.refused.event.book)
                self._refused(connection, delivery.refused, delivery.error, now)
        queue.schedule_first_events(connection, self._name, books, now)

    def _refused(
        self, connection: Connection, queued: QueuedEvent, error: ServiceError, now: datetime
    ) -> None:
        since = queued.since or now
        next_at = None if now - since >= self._limits.keep_offering else now + _wait(queued, error)
        refused = RefusedEvent(queued, str(error)[:_LONGEST_ERROR], since, next_at)
        queue.refuse(connection, self._name, refused, now)
        if isinstance(error, Busy):
            queue.pause(connection, self._name, now + _silence(error))
        if isinstance(error, Gone):
            queue.disable(connection, self._name, refused.error)
            self._alarm(connection, "delivery.disabled", refused)
        if next_at is None:
            self._count("dead", 1)
            self._alarm(connection, "delivery.dead", refused)

    def _alarm(self, connection: Connection, kind: str, refused: RefusedEvent) -> None:
        """An event of its own, but for such an event: alarms do not breed."""
        event = refused.told.event
        if event.type.startswith(DELIVERY_PREFIX):
            return
        facts = {"subscriber": self._name, "event": event.id, "type": event.type}
        counted = {"error": refused.error, "attempts": refused.told.attempts + 1}
        with following(event.id):
            emit(connection, kind, event.book, facts | counted, correlation=event.correlation)

    def _idle(self, why: str) -> DeliverySummary:
        return self._summary.model_copy(update={"trouble": why})

    @contextmanager
    def _held(self) -> Iterator[bool]:
        """Whether this process is the one that delivers, after waiting for another."""
        given_up = threading.Event()
        waited = threading.Timer(self._limits.wait_seconds, given_up.set)
        waited.start()
        with ExitStack() as stack:
            held = True
            try:
                stack.enter_context(self._database.lock(f"events {self._name}", stop=given_up))
            except Unavailable:
                raise
            except ServiceError:
                held = False
            finally:
                waited.cancel()
            yield held


def _silenced(here: SubscriberPosition, now: datetime) -> str | None:
    if here.disabled is not None:
        return f"disabled: {here.disabled}"
    if here.paused_until is not None and here.paused_until > now:
        return f"wants to be left alone until {here.paused_until:%Y-%m-%d %H:%M:%S %Z}"
    return None


def _wait(queued: QueuedEvent, error: ServiceError) -> timedelta:
    """Twice as long after each refusal, and never the same for two events."""
    if isinstance(error, Busy):
        return _silence(error)
    longest = min(_FIRST_PAUSE * 2 ** min(queued.attempts, 20), _LONGEST_PAUSE)
    return timedelta(seconds=longest * random.uniform(0.5, 1))  # noqa: S311 - no secret


def _silence(error: Busy) -> timedelta:
    return timedelta(seconds=min(max(error.seconds, 1.0), _LONGEST_SILENCE))
