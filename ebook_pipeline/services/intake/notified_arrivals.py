"""What the queue of arrivals names becomes submissions; what it does not name is found by listing.

A notification is a hint and nothing more: it may come twice, late, out of order, or of a file that
is gone. What lies in the store is looked at, and a version that was submitted is no news.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ebook_pipeline.books.owning.landing_keys import SIDECAR, is_passed_over, is_sidecar
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound, Unavailable
from ebook_pipeline.resources.arrival_queue import MESSAGES_AT_ONCE, ArrivalMessage, ArrivalQueue
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingStore
from ebook_pipeline.resources.landing_arrivals import Arrival, unusable_arrival
from ebook_pipeline.services.intake import arrivals

_LOG = logging.getLogger(__name__)
_LOOKS_AT_ONCE = 16
_TAKERS = 4
"""Parts that are in hand at a time: most of what one takes is waiting for S3 and for Postgres."""
_PARTS_AT_ONCE = 5
_CALLS_AT_ONCE = 5
"""Calls that ask the queue before their messages are submitted: what was handed out and is not
settled in time comes again."""


class NotifiedSummary(Record):
    """Messages that were settled, files that were new, and messages that nobody can read."""

    messages: int = 0
    new: int = 0
    unreadable: int = 0


class SweepCursor(Record):
    """How far the listing is: `after` is the last key that was seen, unset between two sweeps.

    `began`: when the sweep began that goes on, or was the last (seconds since 1970).
    """

    after: str | None = None
    began: float = 0.0


def sweep(
    database: Database, landing: LandingStore, cursor: SweepCursor, *, actor: str, every: float
) -> SweepCursor:
    """List a little further, and submit what nobody was told of; a sweep begins `every` seconds.

    The cursor for the next time. However many files there are, a step lists some thousands.
    """
    now = time.time()
    if cursor.after is None and now - cursor.began < every:
        return cursor
    began = now if cursor.after is None else cursor.began
    after = cursor.after or ""
    for _ in range(_PARTS_AT_ONCE):
        part = landing.part(after)
        arrivals.submit_these(database, landing, part.arrivals, actor=actor)
        if part.after is None:
            return SweepCursor(began=began)
        after = part.after
    return SweepCursor(after=after, began=began)


def submit_notified(
    database: Database, landing: LandingStore, queue: ArrivalQueue, *, actor: str, seconds: float
) -> NotifiedSummary:
    """Take messages until there are none, or for about `seconds`, and submit what they name.

    A message is settled once all of its files are noted; one that can't be read is not, nor one
    whose files can't be looked at just now: it comes again by itself.
    """
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(_LOOKS_AT_ONCE, thread_name_prefix="landing") as looks:
        taker = _Taker(database, landing, queue, actor, until, looks)
        first = taker.take_part()
        if first is None:
            return _sum(())
        if first.messages + first.unreadable < _CALLS_AT_ONCE * MESSAGES_AT_ONCE:
            return _sum((first, taker.take_all()))
        with ThreadPoolExecutor(_TAKERS, thread_name_prefix="arrivals") as takers:
            begun = [takers.submit(taker.take_all) for _ in range(_TAKERS)]
            return _sum((first, *(one.result() for one in begun)))


@dataclass(frozen=True)
class _Taker:
    """Takes messages, part after part, `until` then (of the monotonic clock). For many threads."""

    database: Database
    landing: LandingStore
    queue: ArrivalQueue
    actor: str
    until: float
    looks: ThreadPoolExecutor

    def take_all(self) -> NotifiedSummary:
        return _sum(iter(self.take_part, None))

    def take_part(self) -> NotifiedSummary | None:
        """What came of some messages; None where there are none, or no time is left."""
        part = self._received()
        if not part:
            return None
        readable = [message for message in part if not message.wrong]
        for message in part:
            if message.wrong:
                _LOG.error("a message in the queue of arrivals can't be read: %s", message.wrong)
        looks = self._looked_at(_keys(readable))
        found = [arrival for arrival in looks.values() if arrival is not None]
        new = arrivals.submit_these(self.database, self.landing, found, actor=self.actor)
        done = [one.receipt for one in readable if set(_keys([one])) <= looks.keys()]
        self.queue.settle(done)
        unreadable = len(part) - len(readable)
        return NotifiedSummary(messages=len(done), new=new, unreadable=unreadable)

    def _received(self) -> Sequence[ArrivalMessage]:
        """So many messages as are submitted at once, of some calls."""
        part: list[ArrivalMessage] = []
        for _ in range(_CALLS_AT_ONCE):
            some = self.queue.receive() if time.monotonic() < self.until else ()
            part += some
            if len(some) < MESSAGES_AT_ONCE:
                break
        return part

    def _looked_at(self, keys: Sequence[str]) -> dict[str, Arrival | None]:
        """What lies under each key: nothing any more is None, what can't be asked is left out."""
        looks = self.looks.map(lambda key: _look(self.landing, key), keys)
        return dict(_told(zip(keys, looks, strict=True)))


def _sum(parts: Iterable[NotifiedSummary]) -> NotifiedSummary:
    messages = new = unreadable = 0
    for part in parts:
        messages, new = messages + part.messages, new + part.new
        unreadable += part.unreadable
    return NotifiedSummary(messages=messages, new=new, unreadable=unreadable)


def _keys(messages: Iterable[ArrivalMessage]) -> Sequence[str]:
    """The books that these speak of: a sidecar speaks of the file beside it."""
    keys = (key for message in messages for key in message.keys)
    return list(dict.fromkeys(_of_book(key) for key in keys if _is_meant(key)))


def _of_book(key: str) -> str:
    return key[: -len(SIDECAR)] if is_sidecar(key) else key


def _is_meant(key: str) -> bool:
    parts = _of_book(key).split("/")
    return bool(parts[-1]) and not any(is_passed_over(part) for part in parts)


def _told(
    looks: Iterable[tuple[str, Arrival | Unavailable | None]],
) -> Iterator[tuple[str, Arrival | None]]:
    for key, look in looks:
        if isinstance(look, Unavailable):
            _LOG.warning("landing: %r is looked at again: %s", key, look)
        else:
            yield key, look


def _look(landing: LandingStore, key: str) -> Arrival | Unavailable | None:
    refused = unusable_arrival(key)
    if refused is not None:
        return refused
    try:
        return landing.arrival(key)
    except NotFound:
        return None
    except Unavailable as error:
        return error
