"""A service that gives every request the same answer, over real HTTP."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Received = list[tuple[str, bytes]]
"""Of each request its path and its body."""
Answering = Callable[..., AbstractContextManager[tuple[str, Received]]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a client's pool keeps its connections open
    answer: tuple[int, bytes]
    received: Received


class _SameAnswer(BaseHTTPRequestHandler):
    """Gives every request its server's one answer, and notes what was asked."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.received.append((self.path, self.rfile.read(length)))
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Tests print nothing."""


@contextmanager
def answering(status: int, body: bytes = b"") -> Iterator[tuple[str, Received]]:
    """A server that gives every request the same answer: yields its URL and what it was sent."""
    server = _Server(("127.0.0.1", 0), _SameAnswer)
    server.answer, server.received = (status, body), []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
