"""What our own edge tells Prometheus: answers and seconds, by kind of address, never an address.

Signed URLs are bearer secrets and short links open files: neither a path nor a query is kept.
"""

import hmac
import time

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.resources.edge.origin import PUBLIC

PATH = "/metrics"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_NO_STORE = {"Cache-Control": "no-store"}


class Measured:
    """The edge `app`, each of its answers counted; `/metrics` for whoever sends `token`.

    Seconds are until an answer begins: how long the rest takes is the reader's line.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "ebooks_edge_answers",
            "Answers of this edge, by kind of address and status.",
            ["kind", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "ebooks_edge_first_byte_seconds",
            "Seconds until an answer of this edge began, by kind of address.",
            ["kind"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._bytes = Counter(
            "ebooks_edge_sent_bytes",
            "Bytes of bodies that this edge sent, by kind of address.",
            ["kind"],
            registry=self._registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            await self._told(scope)(scope, receive, send)
            return
        kind, began = _kind(str(scope.get("path", ""))), time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._seconds.labels(kind).observe(time.perf_counter() - began)
                self._answers.labels(kind, str(message["status"])).inc()
            elif message["type"] == "http.response.body":
                self._bytes.labels(kind).inc(len(message.get("body", b"")))
            await send(message)

        await self._app(scope, receive, counted)

    def _told(self, scope: Scope) -> Response:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            wrong = _NO_STORE | {"WWW-Authenticate": "Bearer"}
            return PlainTextResponse("The token is missing or wrong.\n", 401, wrong)
        return Response(generate_latest(self._registry), 200, _NO_STORE, MEDIA_TYPE)


def _kind(path: str) -> str:
    if path == "/healthz":
        return "health"
    if path.startswith("/p/"):
        return "short"
    return "public" if path.startswith(f"/{PUBLIC}") else "signed"
