"""Connections that ask for nothing, take nothing, or are one too many: the edge ends them."""

import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from ebook_pipeline.resources.edge.connections import ConnectionLimits
from ebook_pipeline.resources.edge.origin import OriginFolder
from tests.support.servers.edge import edge_server, port_of

pytestmark = pytest.mark.prove

PATH = "public/large.bin"
LARGE = 8 << 20
GET = f"GET /{PATH} HTTP/1.1\r\nHost: edge\r\n\r\n".encode()
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: edge\r\n\r\n"


@dataclass
class Crowd:
    """Connections to one edge."""

    server: uvicorn.Server

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
            client.settimeout(60)
            client.connect(("127.0.0.1", port_of(self.server)))
            yield client

    @property
    def count(self) -> int:
        return len(self.server.server_state.connections)


@pytest.fixture
def crowd(tmp_path: Path) -> Callable[..., contextlib.AbstractContextManager[Crowd]]:
    """Edges with limits as given, before one large file that is open to all."""
    source = tmp_path / "source"
    source.write_bytes(bytes(LARGE))
    OriginFolder(tmp_path / "edge").put(PATH, source, "application/octet-stream")

    @contextmanager
    def crowd_before(**limits: Any) -> Iterator[Crowd]:
        within = replace(ConnectionLimits(head_seconds=600, part_seconds=600), **limits)
        with edge_server(tmp_path / "edge", tmp_path / "secret", within) as server:
            yield Crowd(server)

    return crowd_before


def ends(client: socket.socket) -> bool:
    """Whether the edge closes the connection while all that it says is read."""
    try:
        while client.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    return True


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def drip(client: socket.socket) -> None:
    """A letter of a head at a time, for as long as the edge lets us."""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        while not select.select([client], [], [], 0.02)[0]:
            client.sendall(b"x")


def answered(client: socket.socket) -> bytes:
    """The first answer's status line, its head and its short body read."""
    client.sendall(HEALTH)
    told = b""
    while not told.endswith(b"ok\n"):
        told += client.recv(4096)
    return told.partition(b"\r\n")[0]


@pytest.mark.parametrize("said", [b"", b"G", GET[:-2]], ids=["nothing", "a letter", "half a head"])
def test_who_does_not_ask_is_not_waited_for(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]], said: bytes
) -> None:
    with crowd(head_seconds=0.2) as edge, edge.connection() as client:
        client.sendall(said)
        assert ends(client)


def test_a_head_that_drips_has_no_more_time(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(head_seconds=0.3) as edge, edge.connection() as client:
        drip(client)
        assert ends(client)


def test_a_head_that_drips_after_an_answer_has_no_more_time(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(head_seconds=0.3) as edge, edge.connection() as client:
        assert answered(client) == b"HTTP/1.1 200 OK"
        drip(client)
        assert ends(client)


def test_a_head_without_end_is_not_kept(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(head_bytes=4096) as edge, edge.connection() as client:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            client.sendall(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100_000)
        assert ends(client)


def test_who_does_not_take_what_was_asked_for_is_not_waited_for(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(part_seconds=0.3) as edge, edge.connection() as client:
        client.sendall(GET)
        until(lambda: edge.count == 1)
        until(lambda: edge.count == 0)
        assert ends(client)


def test_who_takes_it_slowly_gets_all_of_it(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(part_seconds=10, head_seconds=0.5) as edge, edge.connection() as client:
        client.sendall(GET)
        received = 0
        while received < LARGE:
            part = client.recv(256 << 10)
            assert part
            received += len(part)
            time.sleep(0.004)


def test_a_connection_is_kept_for_the_next_question(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(head_seconds=20) as edge, edge.connection() as client:
        assert [answered(client) for _ in range(3)] == [b"HTTP/1.1 200 OK"] * 3


def test_many_questions_at_once_are_all_answered(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(head_seconds=20) as edge, edge.connection() as client:
        client.sendall(HEALTH * 5)
        told = b""
        while told.count(b"ok\n") < 5:
            told += client.recv(4096)
        assert told.count(b"HTTP/1.1 200 OK") == 5


def test_of_too_many_the_one_that_asks_for_nothing_the_longest_makes_room(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(connections=3) as edge, contextlib.ExitStack() as stack:
        reader = stack.enter_context(edge.connection())
        reader.sendall(GET)
        assert reader.recv(1) == b"H"
        idle = [stack.enter_context(edge.connection()) for _ in range(20)]
        assert answered(idle[-1]) == b"HTTP/1.1 200 OK"
        assert ends(idle[0])
        assert edge.count <= 3
        received = 1
        while received < LARGE:
            received += len(reader.recv(1 << 20))


def test_an_upgrade_leads_to_no_protocol_without_limits(
    crowd: Callable[..., contextlib.AbstractContextManager[Crowd]],
) -> None:
    with crowd(head_seconds=0.2) as edge, edge.connection() as client:
        upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        client.sendall(b"GET / HTTP/1.1\r\nHost: edge\r\n" + upgrade + b"\r\n")
        assert client.recv(12) == b"HTTP/1.1 403"
        assert ends(client)
