"""How much a request may send, and how slowly: counted as it comes, never collected.

Forms and files are read before a route's own rule is asked: who sends more than a little must be
somebody before the rest is taken, or strangers would fill the disk with what is refused then.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.desk import problems
from ebook_pipeline.desk.problems import Problem

DEFAULT_BYTES = 1 << 20
SILENCE_SECONDS = 30.0
_GRACE_SECONDS = 60.0
_SLOWEST = 1 << 10  # bytes a second, of a whole body: a byte now and then holds no connection
_CLOSE = {"Connection": "close"}
RequireSomebody = Callable[[HTTPConnection], Awaitable[None]]


class BodyLimits:
    """ASGI middleware: 413 beyond the limit, 408 after a silence in the middle of a body.

    `limits` are bytes by the path's beginning; the longest that fits holds, else `DEFAULT_BYTES`.
    `require_somebody` raises `Problem` for a request whose sender has not signed in: such a one
    may send `DEFAULT_BYTES`.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Mapping[str, int],
        require_somebody: RequireSomebody,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self._app = app
        self._limits = sorted(limits.items(), key=lambda limit: -len(limit[0]))
        self._require_somebody = require_somebody
        self._silence = silence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most(scope["path"])
        length = Headers(scope=scope).get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > most:
            await problems.answer(Request(scope), _too_large(most))(scope, receive, send)
            return
        counted = _counted(receive, most, self._silence)
        if most > DEFAULT_BYTES:
            counted = _of_somebody(counted, lambda: self._require_somebody(HTTPConnection(scope)))
        await self._app(scope, counted, send)

    def _most(self, path: str) -> int:
        return next((most for start, most in self._limits if path.startswith(start)), DEFAULT_BYTES)


def _counted(receive: Receive, most: int, silence: float) -> Receive:
    """`receive`, which raises `Problem` where the body is too large, or stops coming."""
    taken = 0
    whole = False
    began = time.monotonic()

    async def receiving() -> Message:
        nonlocal taken, whole
        if whole:
            return await receive()
        left = began + _GRACE_SECONDS + taken / _SLOWEST - time.monotonic()
        try:
            message = await asyncio.wait_for(receive(), min(silence, left))
        except TimeoutError as error:
            raise _too_slow() from error
        taken += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if taken > most:
            raise _too_large(most)
        return message

    return receiving


def _of_somebody(receive: Receive, require_somebody: Callable[[], Awaitable[None]]) -> Receive:
    """`receive`, which asks who sends as soon as more came than anybody may send."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        before, taken = taken, taken + len(message.get("body", b""))
        if before <= DEFAULT_BYTES < taken:
            await require_somebody()
        return message

    return receiving


def _too_large(most: int) -> Problem:
    detail = f"At most {most:,} bytes are taken here."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail, _CLOSE)


def _too_slow() -> Problem:
    detail = "Nothing came for too long."
    return Problem(HTTPStatus.REQUEST_TIMEOUT, "too-slow", detail, _CLOSE)
