"""Stand-ins for services over HTTP: servers of this process that say what a test tells them."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

S = TypeVar("S", bound="StandIn")


class StandIn(ThreadingHTTPServer):
    """Listens at a free port of this machine; each request is its handler's."""

    daemon_threads = True

    def __init__(self, handler: "type[StandInHandler]") -> None:
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class StandInHandler(BaseHTTPRequestHandler):
    """What a stand-in does with a request: `asked`; `command` says whether it was GET or POST …"""

    def asked(self) -> None:
        """Answer the request."""
        raise NotImplementedError

    def do_GET(self) -> None:
        self.asked()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def received(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status: int, body: bytes) -> None:
        """Send this, and nothing more."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def serving(server: S) -> Iterator[S]:
    """The server, for as long as the block lasts."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
