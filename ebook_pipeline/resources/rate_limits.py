"""How much may be asked in a time: the generic cell rate algorithm, in Postgres and in memory.

Each key has one number, the time at which all that was asked would be due at the allowed rate. A
request is refused where that lies further ahead than the burst allows.

https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import text

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database

Clock = Callable[[], float]
_SWEEP_EVERY = 1000


class Rate(Record):
    """`burst` requests at once, and then one each `seconds`."""

    burst: int
    seconds: float

    @property
    def window(self) -> float:
        """How far ahead of now a key may be due, in seconds."""
        return self.burst * self.seconds


class RateLimiter(Protocol):
    """Safe for many threads; the same key is counted with the same rate by whomever asks."""

    def take(self, requests: Sequence[tuple[str, Rate]]) -> float:
        """Count one request for each key; seconds to wait, 0 where all of them allow it."""
        ...

    def take_reserved(self, requests: Sequence[tuple[str, Rate]]) -> bool:
        """Count them where nobody need be asked for it, in no time; else nothing is counted."""
        ...


class MemoryRateLimiter:
    """Counts of one process."""

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()
        self._taken = 0

    def take(self, requests: Sequence[tuple[str, Rate]]) -> float:
        now = self._clock()
        with self._lock:
            self._sweep(now)
            return max((self._take(key, rate, now) for key, rate in requests), default=0.0)

    def take_reserved(self, _: Sequence[tuple[str, Rate]]) -> bool:
        return False

    def _take(self, key: str, rate: Rate, now: float) -> float:
        due = max(self._due.get(key, now), now) + rate.seconds
        wait = due - now - rate.window
        if wait > 0:
            return wait
        self._due[key] = due
        return 0.0

    def _sweep(self, now: float) -> None:
        self._taken += 1
        if self._taken % _SWEEP_EVERY == 0:
            self._due = {key: due for key, due in self._due.items() if due > now}


_NOW = "coalesce(CAST(:now AS float8), extract(epoch FROM clock_timestamp())::float8)"
_DUE = "greatest(r.due, excluded.due - excluded.step) + excluded.step"
_FITS = f"{_DUE} <= excluded.due - excluded.step + excluded.span"
_TAKE = text(
    f"""
    INSERT INTO rate_limit AS r (key, due, step, span, allowed)
    SELECT asked.key, now + step, step, span, true
    FROM unnest(CAST(:keys AS text[]), CAST(:steps AS float8[]), CAST(:spans AS float8[]))
        AS asked (key, step, span), (SELECT {_NOW} AS now) AS clock
    ORDER BY asked.key
    ON CONFLICT (key) DO UPDATE SET
        due = CASE WHEN {_FITS} THEN {_DUE} ELSE r.due END,
        step = excluded.step,
        span = excluded.span,
        allowed = {_FITS}
    RETURNING CASE WHEN allowed THEN 0 ELSE due + step - span - {_NOW} END AS wait
    """  # noqa: S608 - of constants
)
_SWEEP = text(f"DELETE FROM rate_limit WHERE due < {_NOW}")  # noqa: S608 - of constants


class PostgresRateLimiter:
    """Counts that all processes share, by the server's clock: one statement for each request."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database, self._clock = database, clock
        self._taken = itertools.count(1)

    def take(self, requests: Sequence[tuple[str, Rate]]) -> float:
        now = self._clock() if self._clock else None
        keyed = dict(requests)
        values = {
            "keys": list(keyed),
            "steps": [rate.seconds for rate in keyed.values()],
            "spans": [rate.window for rate in keyed.values()],
        }
        with self._database.ask() as connection:
            waits = connection.execute(_TAKE, values | {"now": now}).scalars().all()
            if next(self._taken) % _SWEEP_EVERY == 0:
                connection.execute(_SWEEP, {"now": now})
        return max(map(float, waits), default=0.0)

    def take_reserved(self, _: Sequence[tuple[str, Rate]]) -> bool:
        return False


_RESERVED = 10
_LARGE_BURST = 100
_MOST_KEYS = 10_000


class ReservingRateLimiter:
    """Takes several requests of a key at a time from `limiter`, and counts them itself.

    What was taken and is never asked for is lost to its key: a limit may come by so much too soon,
    and never too late. Of small bursts, such as those of sign-ins, each request is taken by itself.
    """

    def __init__(self, limiter: RateLimiter, clock: Clock = time.monotonic) -> None:
        self._limiter, self._clock = limiter, clock
        self._held: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def take(self, requests: Sequence[tuple[str, Rate]]) -> float:
        if self.take_reserved(requests):
            return 0.0
        wait = self._limiter.take([(key, _several(rate)) for key, rate in requests])
        if wait == 0:
            self._hold(requests)
        elif any(_several(rate) != rate for _, rate in requests):
            wait = self._limiter.take(requests)
        return wait

    def take_reserved(self, requests: Sequence[tuple[str, Rate]]) -> bool:
        now = self._clock()
        with self._lock:
            held = [(key, *self._held.get(key, (0, 0.0))) for key, _ in requests]
            if any(left == 0 or until < now for _, left, until in held):
                return False
            self._held.update({key: (left - 1, until) for key, left, until in held})
        return True

    def _hold(self, requests: Sequence[tuple[str, Rate]]) -> None:
        now = self._clock()
        with self._lock:
            if len(self._held) > _MOST_KEYS:
                self._held = {key: one for key, one in self._held.items() if one[1] > now}
            for key, rate in requests:
                if _several(rate) != rate:
                    self._held[key] = (_RESERVED - 1, now + rate.window)


def _several(rate: Rate) -> Rate:
    """The rate of so many requests at a time, which allows as much."""
    if rate.burst < _LARGE_BURST or rate.burst % _RESERVED:
        return rate
    return Rate(burst=rate.burst // _RESERVED, seconds=rate.seconds * _RESERVED)
