"""One line for each request: what was asked for, by whom, with which end, in which time.

Of the address only the route's pattern is told: paths hold tokens, and queries what people seek.
"""

import logging
import time

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.desk.http_metrics import HttpMetrics

_LOG = logging.getLogger(__name__)


class RequestLog:
    """ASGI middleware that writes the line when the answer has gone out."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            method, route = _asked(scope)
            self._metrics.observe(method, route, status, seconds)
            _tell(scope, status, seconds)


def _asked(scope: Scope) -> tuple[str, str]:
    return scope.get("method", "WS"), getattr(scope.get("route"), "path", "-")


def _tell(scope: Scope, status: int, seconds: float) -> None:
    actor = getattr(HTTPConnection(scope).state, "actor", None)
    who = actor.name if actor is not None and actor.is_somebody else "-"
    what, route = _asked(scope)
    book = scope.get("path_params", {}).get("book", "")
    _LOG.info("%s %s %s %d %.0f ms", what, route, who, status, seconds * 1000, extra={"book": book})
