"""What was costly to make and is asked for again soon, in memory: bounded in bytes and in time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable


class ByteCache:
    """At most `most_bytes` in all, none of it given out when it is older than `seconds`.

    What was used longest ago goes first; what alone would take half of it is never kept. It is safe
    to share between threads; two that miss the same at once both make it.
    """

    def __init__(
        self, most_bytes: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most_bytes, seconds, clock
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """What is held under `key`, or else what `make` makes; its errors are the caller's."""
        with self._lock:
            until, held = self._held.get(key, (0.0, b""))
            if self._clock() < until:
                self._held.move_to_end(key)
                return held
        made = make()
        with self._lock:
            self._put(key, made)
        return made

    def _put(self, key: Hashable, made: bytes) -> None:
        self._drop(key)
        if len(made) * 2 > self._most:
            return
        self._held[key] = (self._clock() + self._seconds, made)
        self._bytes += len(made)
        while self._bytes > self._most:
            self._drop(next(iter(self._held)))

    def _drop(self, key: Hashable) -> None:
        _, held = self._held.pop(key, (0.0, b""))
        self._bytes -= len(held)
