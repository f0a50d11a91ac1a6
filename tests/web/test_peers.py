"""Whose a connection is, by the kernel's word and real sockets."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ebook_pipeline.web import peers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
LISTENERS = [
    (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
    (socket.AF_INET6, "::1", "::1"),
    (socket.AF_INET6, "::", "127.0.0.1"),
]
everywhere = pytest.mark.parametrize(("family", "bound", "called"), LISTENERS)


@contextmanager
def connection(
    family: int, bound: str, called: str
) -> Iterator[tuple[socket.socket, socket.socket]]:
    """(the caller's end, the server's end)"""
    with socket.socket(family) as listener:
        if bound == "::":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((bound, 0))
        listener.listen()
        with socket.create_connection((called, listener.getsockname()[1])) as caller:
            server, _ = listener.accept()
            with server:
                yield caller, server


def may_connect(server: socket.socket) -> bool:
    return peers.may_connect(server.getpeername()[:2], server.getsockname()[:2])


@everywhere
def test_a_connection_of_this_user_may_be(family: int, bound: str, called: str) -> None:
    with connection(family, bound, called) as (_, server):
        assert may_connect(server)


@everywhere
def test_a_connection_that_nobody_holds_any_more_may_not(
    family: int, bound: str, called: str
) -> None:
    """The kernel says of such a one that it is root's."""
    with connection(family, bound, called) as (caller, server):
        caller.close()
        assert not may_connect(server)


@everywhere
def test_a_connection_of_another_user_may_not(
    family: int, bound: str, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection(family, bound, called) as (_, server):
        monkeypatch.setattr(peers, "_ROOT", -1)
        monkeypatch.setattr("os.geteuid", lambda: 4_000_000_000)
        assert not may_connect(server)


def test_another_machine_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000_000)
    assert peers.may_connect(("192.0.2.1", 5), ("192.0.2.2", 3000))


def test_where_the_kernel_does_not_know_our_own_end_nobody_is_refused() -> None:
    assert peers.may_connect(("127.0.0.1", 1), ("127.0.0.1", 2))


def test_where_the_kernel_may_not_be_asked_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with connection(*LISTENERS[0]) as (_, server):
        monkeypatch.setattr(peers, "_NETLINK_SOCK_DIAG", 1_000)
        assert may_connect(server)


def test_a_connection_that_has_gone_without_a_trace_may_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with connection(*LISTENERS[0]) as (_, server):
        here, (name, _) = server.getsockname(), server.getpeername()
        known = {here: (0, 5)}
        monkeypatch.setattr(
            peers, "_holder", lambda _, asked, __: known.get((str(asked[0]), asked[1]))
        )
        assert not peers.may_connect((name, 1), here)
