"""The desk over a real connection: slow and broken clients, its end, and its log."""

import contextlib
import http.client
import socket
import time

import pytest

from ebook_pipeline.desk import connections
from ebook_pipeline.resources.database import Database
from tests.support.desk import served
from tests.support.homes import free_port


def answer_to(port: int, *parts: bytes) -> bytes:
    """What comes back for these bytes until the desk closes the connection."""
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        for part in parts:
            line.sendall(part)
        answer = b""
        while block := line.recv(1 << 16):
            answer += block
    return answer


@pytest.mark.prove
def test_the_desk_answers_the_patient_and_closes_on_who_says_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    port = free_port()
    with served(database, port):
        asked = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(2):
            asked.request("GET", "/healthz")
            answer = asked.getresponse()
            assert (answer.status, answer.read()) == (200, b"ok\n")
            assert "server" not in {name.lower() for name in answer.headers}
            time.sleep(0.4)  # idle between two requests is no slow head
        asked.close()
        for slow in (b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "):
            with contextlib.suppress(ConnectionError):
                assert answer_to(port, slow) == b""
        endless = b"GET /healthz HTTP/1.1\r\nX-Endless: " + b"x" * (1 << 18)
        with contextlib.suppress(ConnectionError):
            assert answer_to(port, endless) == b""
        smuggled = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        smuggled += b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n"
        assert b" 200 " not in answer_to(port, smuggled)
        foreign = (
            b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
        )
        assert answer_to(port, foreign + b"\r\n").startswith(b"HTTP/1.1 421")
        folded = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n"
        assert b" 200 " not in answer_to(port, folded)


def test_a_body_that_stops_is_answered(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebook_pipeline.desk.body_limits._GRACE_SECONDS", 0.3)
    port = free_port()
    head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname=ann"
    with served(database, port):
        answer = answer_to(port, head + form)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"too-slow"' in answer
