"""How much a request may send, and how slowly: counted as it comes, never collected."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.desk import problems
from ebook_pipeline.desk.problems import Problem

DEFAULT_BYTES = 1 << 20
SILENCE_SECONDS = 30.0
_GRACE_SECONDS = 60.0
_SLOWEST = 1 << 10  # bytes a second, of a whole body: a byte now and then holds no connection
_CLOSE = {"Connection": "close"}


class BodyLimits:
    """ASGI middleware: 413 beyond the limit, 408 after a silence in the middle of a body.

    `limits` are bytes by the path's beginning; the longest that fits holds, else `DEFAULT_BYTES`.
    """

    def __init__(
        self, app: ASGIApp, limits: Mapping[str, int], silence: float = SILENCE_SECONDS
    ) -> None:
        self._app = app
        self._limits = sorted(limits.items(), key=lambda limit: -len(limit[0]))
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
        await self._app(scope, _counted(receive, most, self._silence), send)

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


def _too_large(most: int) -> Problem:
    detail = f"At most {most:,} bytes are taken here."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail, _CLOSE)


def _too_slow() -> Problem:
    detail = "Nothing came for too long."
    return Problem(HTTPStatus.REQUEST_TIMEOUT, "too-slow", detail, _CLOSE)
