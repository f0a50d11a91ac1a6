"""Dagster's WebSocket, through which its pages hear how runs get on."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from ebook_pipeline.desk.dagster import upstream
from ebook_pipeline.settings import Settings

PROTOCOL = Subprotocol("graphql-ws")
LONGEST_SECONDS = 600.0
"""Then the page connects anew, by itself, and who asks is looked at anew."""
_MOST_BYTES = 16 << 20
_OPEN_SECONDS = 10.0
_GOING_AWAY, _TRY_AGAIN = 1001, 1013
_LOG = logging.getLogger(__name__)


async def forward(settings: Settings, browser: WebSocket, login: str) -> None:
    """Hand messages to and fro until either side ends, or it has lasted for long enough."""
    url = upstream.target(settings, browser.scope["raw_path"], b"")
    try:
        async with connect(
            upstream.web_socket(url),
            subprotocols=[PROTOCOL],
            additional_headers=upstream.credentials(settings, login),
            max_size=_MOST_BYTES,
            open_timeout=_OPEN_SECONDS,
            proxy=None,
        ) as dagster:
            await browser.accept(subprotocol=PROTOCOL)
            await _first_end(_to_dagster(browser, dagster), _to_browser(dagster, browser))
    except (OSError, TimeoutError, WebSocketException) as error:
        _LOG.warning("Dagster's WebSocket does not answer: %r", error)
        await _close(browser, _TRY_AGAIN)
        return
    await _close(browser, _GOING_AWAY)


async def _first_end(*ways: Coroutine[Any, Any, None]) -> None:
    """Until the first of `ways` ends, or it has lasted for long enough; then none goes on."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, timeout=LONGEST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _to_dagster(browser: WebSocket, dagster: ClientConnection) -> None:
    """Text alone: GraphQL is JSON."""
    try:
        while True:
            await dagster.send(await browser.receive_text())
    except (WebSocketDisconnect, ConnectionClosed, KeyError):
        return


async def _to_browser(dagster: ClientConnection, browser: WebSocket) -> None:
    try:
        async for message in dagster:
            await browser.send_text(message if isinstance(message, str) else message.decode())
    except (WebSocketDisconnect, ConnectionClosed, RuntimeError, ValueError):
        return


async def _close(browser: WebSocket, code: int) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the browser has closed it
        await browser.close(code)
