"""A service that gives every request the same answer, over real HTTP."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.support.servers.stand_in import StandIn, StandInHandler, serving

Received = list[tuple[str, bytes]]
"""Of each request its path and its body."""
Answering = Callable[..., AbstractContextManager[tuple[str, Received]]]


class _Server(StandIn):
    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(_SameAnswer)
        self.said = status, body
        self.received: Received = []


class _SameAnswer(StandInHandler):
    """Gives every request its server's one answer, and notes what was asked."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def asked(self) -> None:
        self.server.received.append((self.path, self.received()))
        self.answer(*self.server.said)


@contextmanager
def answering(status: int, body: bytes = b"") -> Iterator[tuple[str, Received]]:
    """A server that gives every request the same answer: yields its URL and what it was sent."""
    with serving(_Server(status, body)) as server:
        yield server.url, server.received
