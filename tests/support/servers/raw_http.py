"""Requests byte by byte: what no well-behaved client would send."""

import base64
import json
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_SECONDS = 60


@dataclass(frozen=True)
class RawRequest:
    """A request as it goes over the wire; headers may stand there twice, or not at all."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    version: str = "1.1"

    def sent_to(self, port: int) -> int:
        """The status that the server at `port` answers; 0 where it closes without one."""
        head = self.answered_by(port)
        return int(head.split(" ", 2)[1]) if head else 0

    def answered_by(self, port: int) -> str:
        """The answer's status line and headers."""
        with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
            connection.sendall(self._bytes())
            return _head(connection)

    def _bytes(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/{self.version}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        if not any(name == "Upgrade" for name, _ in self.headers):
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def handshake(headers: Iterable[tuple[str, str]], target: str = "/graphql") -> RawRequest:
    """The opening of a WebSocket as Dagster's pages speak it."""
    key = base64.b64encode(os.urandom(16)).decode()
    own = (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Protocol", "graphql-ws"),
        ("Sec-WebSocket-Key", key),
    )
    return RawRequest("GET", target, (*headers, *own))


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()


def _head(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        try:
            part = connection.recv(4096)
        except ConnectionResetError:
            return ""
        if not part:
            return ""
        received += part
    return received.partition(b"\r\n\r\n")[0].decode("latin-1")
