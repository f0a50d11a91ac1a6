"""The id of a request: taken over where the caller named it, in each log line, event and audit row.

It is the *cause* of what happens meanwhile (`events.caused_by`), so that services need not pass it
on; threads that answer requests inherit it.
"""

import logging
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.foundation.events import caused_by, current_cause, new_id

HEADER = "X-Request-ID"
_PREFIX = "request:"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,128}")


class RequestIds:
    """ASGI middleware that gives each request its id, and the answer it in `X-Request-ID`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        identity = given if _GIVEN.fullmatch(given) else new_id()
        scope.setdefault("state", {})["request_id"] = identity

        async def sending(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[HEADER] = identity
            await send(message)

        with caused_by(f"{_PREFIX}{identity}"):
            await self._app(scope, receive, sending)


def request_id(connection: HTTPConnection) -> str:
    """The id of this request."""
    return str(getattr(connection.state, "request_id", ""))


class WithRequestId(logging.Filter):
    """Gives log records `request_id`: that of the request under way, or a hyphen."""

    def filter(self, record: logging.LogRecord) -> bool:
        cause = current_cause() or "-"
        record.request_id = cause.removeprefix(_PREFIX)
        record.run = "" if cause.startswith(_PREFIX) else cause
        return True
