"""One request to a stranger's server: no redirect, a bounded answer, and an end in time.

A read timeout alone does not end the wait for who sends one byte after the other: here all that
is read and written for a request shares one time limit.
"""

import ssl
import time
import weakref
from collections.abc import Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import httpcore

from ebook_pipeline.foundation.errors import Unavailable

_MOST_READ = 1 << 16
_NO_ANSWER = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
_UNTIL: ContextVar[float] = ContextVar("until")


class HttpAnswer:
    """Status and headers, the latter by lower-case name; nobody needs the body."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, headers


class HttpPoster:
    """Posts to one server, from many threads; its connections are kept for as long as it lives."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pool = httpcore.ConnectionPool(
            max_connections=16,
            keepalive_expiry=30,
            network_backend=_Hurried(),
        )
        weakref.finalize(self, self._pool.close)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """The server's answer; raises `Unavailable`, which tells nothing of the URL."""
        token = _UNTIL.set(time.monotonic() + self._seconds)
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        try:
            with self._pool.stream(
                "POST",
                url,
                headers=list(headers.items()),
                content=body,
                extensions={"timeout": limits},
            ) as response:
                _read_a_little(response.iter_stream())
                named = {key.decode("latin-1").lower(): value for key, value in response.headers}
                return HttpAnswer(
                    response.status, {key: value.decode("latin-1") for key, value in named.items()}
                )
        except _NO_ANSWER as error:
            raise Unavailable(f"no answer: {type(error).__name__}") from error
        finally:
            _UNTIL.reset(token)


def _read_a_little(parts: Iterable[bytes]) -> None:
    """A short answer is read, so that its connection can be kept; a long one is cut off.

    Its status is known by now, so whatever goes wrong with the rest does not matter.
    """
    length = 0
    with suppress(*_NO_ANSWER):
        for part in parts:
            length += len(part)
            if length > _MOST_READ:
                return


def _left(timeout: float | None) -> float:
    left = _UNTIL.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the request took too long")
    return left if timeout is None else min(left, timeout)


class _Hurried(httpcore.SyncBackend):
    """Connections whose reads and writes end when the time of the request is over."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        made = super().connect_tcp(host, port, _left(timeout), local_address, socket_options)
        return _Stream(made)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
