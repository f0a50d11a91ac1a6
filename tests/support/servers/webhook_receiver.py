"""A real server that receives webhooks, and answers as badly as one asks it to."""

import base64
import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook as Judge

SECRET = b"the secret of a bookshop, 32 long"
WRITTEN = f"whsec_{base64.b64encode(SECRET).decode()}"


@dataclass
class Received:
    """One request: where it went, its headers by lower-case name, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: bytes = SECRET) -> dict[str, Any]:
        """The event, as the library that receivers use has verified it."""
        document: dict[str, Any] = Judge(secret).verify(self.body, self.headers)
        return document


@dataclass
class Receiver:
    """`status`, `headers` and `body` are its answer; `manner` how it gives it."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    manner: str = "at once"
    received: list[Received] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        return [request.id for request in self.received]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            return  # the sender has gone
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.received.append(Received(self.path, headers, body))
        with contextlib.suppress(ConnectionError):
            getattr(self, f"_{receiver.manner.replace(' ', '_')}")(receiver)

    do_GET = do_POST  # noqa: N815 - a client that followed a redirect would ask so

    def _at_once(self, receiver: Receiver) -> None:
        self.send_response(receiver.status)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(receiver.body)))
        self.end_headers()
        self.wfile.write(receiver.body)

    def _hanging(self, receiver: Receiver) -> None:
        receiver.over.wait(30)
        self.close_connection = True

    def _byte_by_byte(self, receiver: Receiver) -> None:
        """Status and headers so slowly that no single read is slow."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
            if receiver.over.wait(0.05):
                break
            self.wfile.write(bytes([byte]))
        self.close_connection = True

    def _without_end(self, receiver: Receiver) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not receiver.over.is_set():
            self.wfile.write(b"a" * 65536)
        self.close_connection = True

    def _cut_off(self, _: Receiver) -> None:
        self.wfile.write(b"HTTP/1.1 200 O")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@contextlib.contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver that listens; with a `certificate` (PEM, with its key) over https."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.receiver = Receiver(url=f"http://127.0.0.1:{server.server_port}/hook")
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.receiver.url = f"https://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.receiver
    finally:
        server.receiver.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
