"""A stand-in for an OpenAI-compatible endpoint: a real server that says what it is told to say."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ChatServer(ThreadingHTTPServer):
    """Answers each question with `said`, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, said: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.said = said
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def data(self, number: int) -> Any:
        """What the question of this number was about."""
        return json.loads(self.asked[number]["messages"][1]["content"])


class _Answer(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.asked.append(json.loads(self.rfile.read(length)))
        message = {"role": "assistant", "content": self.server.said}
        body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def chat_endpoint(said: str) -> Iterator[ChatServer]:
    """The server, for as long as the block lasts."""
    with ChatServer(said) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
