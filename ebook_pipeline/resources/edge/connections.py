"""Connections of the embedded edge: none stays that asks for nothing, or takes nothing.

uvicorn alone waits for ever for the first request and for the end of any head, buffers a head of
any length, and takes any number of connections.
"""

import asyncio
import itertools
from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOMENTS = itertools.count(1)  # finer than a loop's clock


@dataclass(frozen=True)
class ConnectionLimits:
    """Seconds for a request's head, and for a part of an answer to be taken; how many at once.

    A delivery needs two file descriptors, of which a process has 1,024 where nothing else is set.
    """

    head_seconds: float = 10
    head_bytes: int = 64 << 10
    part_seconds: float = 30
    connections: int = 400


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's own protocol, which ends what exceeds `limits`."""

    limits = ConnectionLimits()
    _end: asyncio.TimerHandle | None = None
    _waits = True  # for a request's head
    _waits_since = 0
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._waits:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.head_bytes:
                self.transport.abort()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._waits = False
        self._cancel_end()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        another_came = not self.cycle.response_complete
        if not another_came and self in self.connections:
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._end_in(self.limits.part_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._waits:
            self._wait()
        else:
            self._cancel_end()

    def _wait(self) -> None:
        """For the next head, or until what was answered last is taken."""
        self._waits, self._waits_since, self._head_bytes = True, next(_MOMENTS), 0
        untaken = self.transport.get_write_buffer_size() > 0
        self._end_in(self.limits.part_seconds if untaken else self.limits.head_seconds)

    def _end_in(self, seconds: float) -> None:
        self._cancel_end()
        self._end = self.loop.call_later(seconds, self.transport.abort)

    def _cancel_end(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _make_room(self) -> None:
        """Of too many, end the connection that has asked for nothing the longest."""
        ours = (one for one in self.connections if isinstance(one, BoundedConnection))
        alive = [one for one in ours if not one.transport.is_closing()]
        if len(alive) > self.limits.connections:
            waiting = (one for one in alive if one._waits)
            min(waiting, key=lambda one: one._waits_since).transport.abort()


def bounded(limits: ConnectionLimits) -> type[BoundedConnection]:
    """The protocol with other limits, for uvicorn makes its connections itself."""
    return type("BoundedConnection", (BoundedConnection,), {"limits": limits})
