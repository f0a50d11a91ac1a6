"""One line for each request: what was asked for, by whom, with which end, in which time.

Of the address only the route's pattern is told: paths hold tokens, and queries what people seek.
"""

import logging
import time

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger(__name__)


class RequestLog:
    """ASGI middleware that writes the line when the answer has gone out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            _tell(scope, status, time.perf_counter() - began)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    actor = getattr(HTTPConnection(scope).state, "actor", None)
    who = actor.name if actor is not None and actor.is_somebody else "-"
    route = getattr(scope.get("route"), "path", "-")
    what = scope.get("method", "WS")
    _LOG.info("%s %s %s %d %.0f ms", what, route, who, status, seconds * 1000)
