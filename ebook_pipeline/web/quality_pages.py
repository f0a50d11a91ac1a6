"""The editors' pages beside Dagster's: what quality says of a book, opened from its asset.

Stands behind the guard, as Dagster does: who may see the web UI may see these.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ebook_pipeline.books.judging.report_page import put_beside
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.comparison import compared
from ebook_pipeline.services.reporting.taken_files import quality_page
from ebook_pipeline.settings import Settings

_PATH = re.compile(r"(?:/dagster)?/quality/([0-9a-z]+(?:-[0-9a-z]+)*)")


class QualityPages:
    """ASGI middleware around `app`: answers ``/quality/BOOK`` by `page_of`, the rest is `app`'s.

    `page_of` raises `NotFound` for a book that nothing was judged of.
    """

    def __init__(self, app: ASGIApp, page_of: Callable[[str], bytes]) -> None:
        self._app, self._page_of = app, page_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        answer = await self._answer(Request(scope), found[1])
        await answer(scope, receive, send)

    async def _answer(self, request: Request, book: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("GET alone", HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            page = await run_in_threadpool(self._page_of, book)
        except NotFound as error:
            return PlainTextResponse(f"{error}\n", HTTPStatus.NOT_FOUND)
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})


class KeptPages:
    """Pages out of the object store; it and the database are opened for the first one."""

    def __init__(self, settings: Settings) -> None:
        self._resources = Resources(settings)

    def __call__(self, book: str) -> bytes:
        store = self._resources.object_store
        blob = quality_page(self._resources.database, RecordStore(store), book)
        with store.open(blob) as stream:
            return put_beside(stream.read(), compared(self._resources.database, book))
