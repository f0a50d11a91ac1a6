"""Our own edge: a process that delivers releases over HTTP, from a folder or from a bucket.

``python -m ebook_pipeline.resources.edge.server --origin DIR --secret FILE --host H --port P``. It
checks signatures, answers ranges and conditions as RFC 9110 wants, and lists nothing. Signed URLs
are bearer secrets: no request is logged.
"""

import argparse
import base64
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.edge import short_links
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.bucket_answer import bucket_answer
from ebook_pipeline.resources.edge.connections import ConnectionLimits, bounded
from ebook_pipeline.resources.edge.downloads import CountsDownloads, download_log
from ebook_pipeline.resources.edge.origin import (
    PUBLIC,
    OriginEntry,
    OriginFolder,
    UrlSigner,
    readers_cache_control,
    safe_path,
    signer,
)
from ebook_pipeline.settings import environment
from ebook_pipeline.tools.http_server import QuietServer

_ACTIVE = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml", "text/xml"})
_SANDBOX = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
_NO_STORE = {"Cache-Control": "no-store"}


def application(origin: OriginFolder | OriginBucket, urls: UrlSigner) -> ASGIApp:
    """The edge as an ASGI application."""

    async def deliver(request: Request) -> Response:
        return await run_in_threadpool(_deliver, origin, urls, request)

    routes = [
        Route("/healthz", _healthz),
        short_links.route(origin),
        Route("/{path:path}", deliver),
    ]
    return _Guarded(Starlette(routes=routes))


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes; says its address on standard output once it listens."""
    disk.keep_private()
    parser = argparse.ArgumentParser(
        prog="ebook_pipeline.resources.edge.server", description=__doc__
    )
    parser.add_argument("--origin", type=Path, required=True, help="the folder of releases")
    parser.add_argument("--secret", type=Path, required=True, help="the key of signed URLs")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 takes any free one")
    options = parser.parse_args(arguments)
    place = (options.host, options.port)
    token = environment("EBOOK_METRICS_TOKEN")
    try:
        serve(OriginFolder(options.origin), options.secret, place, token)
    except ServiceError as error:
        parser.exit(2, f"{error}\n")


def serve(
    origin: OriginFolder | OriginBucket,
    secret: Path,
    place: tuple[str, int],
    metrics_token: str | None = None,
) -> None:
    """Deliver what `origin` has until a signal comes; ServiceError where the port is taken.

    `secret` is the file of the key that URLs are signed with, `place` the host and the port;
    `metrics_token` opens `/metrics`, and without it nothing is counted.
    """
    host, port = place
    try:
        listener = socket.create_server(place, backlog=512)
    except OSError as error:
        raise ServiceError(
            f"edge: {host}:{port}: {error.strerror}. Set EBOOK_EDGE_PORT to a free port."
        ) from error
    app: ASGIApp = CountsDownloads(application(origin, signer(secret)), download_log(origin))
    if metrics_token:
        from ebook_pipeline.resources.edge.measured import Measured

        app = Measured(app, metrics_token)
    host, port = listener.getsockname()[:2]
    sys.stdout.write(f"edge at http://{host}:{port}\n")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # as uvicorn ends: with what is left to do
    server(app).run(sockets=[listener])


def server(app: ASGIApp, limits: ConnectionLimits | None = None) -> uvicorn.Server:
    """What serves `app` within limits; it logs no request."""
    config = uvicorn.Config(
        app,
        http=bounded(limits or ConnectionLimits()),
        ws="none",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    return QuietServer(config)


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n", headers=_NO_STORE)


def _deliver(origin: OriginFolder | OriginBucket, urls: UrlSigner, request: Request) -> Response:
    path = request.path_params["path"]
    if not path.startswith(PUBLIC) and not _signed(urls, path, request):
        return PlainTextResponse("The signature is missing, wrong or expired.\n", 403, _NO_STORE)
    try:
        entry = origin.entry(safe_path(path))
        headers = _headers(path, entry)
        if _known(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return _answer(origin, entry, request, headers)
    except (NotFound, ValueError, FileNotFoundError):
        return PlainTextResponse("There is nothing here.\n", 404, _NO_STORE)
    except ServiceError:
        return PlainTextResponse("The origin can't be read.\n", 503, _NO_STORE)


def _answer(
    origin: OriginFolder | OriginBucket,
    entry: OriginEntry,
    request: Request,
    headers: dict[str, str],
) -> Response:
    if entry.body is not None:
        body = base64.b64decode(entry.body)
        return Response(body, headers=headers, media_type=entry.media_type)
    if isinstance(origin, OriginBucket):
        return bucket_answer(origin, entry, request, headers)
    file = origin.file(request.path_params["path"], entry.sha256)
    status = file.stat()
    return FileResponse(file, headers=headers, media_type=entry.media_type, stat_result=status)


def _signed(urls: UrlSigner, path: str, request: Request) -> bool:
    query = request.query_params
    return urls.allows(path, query.get("Expires", ""), query.get("Signature", ""))


def _headers(path: str, entry: OriginEntry) -> dict[str, str]:
    kept = readers_cache_control(path, immutable=entry.immutable)
    headers = {"ETag": f'"{entry.sha256}"', "Cache-Control": kept}
    if entry.media_type.partition(";")[0].strip().lower() in _ACTIVE:
        headers["Content-Security-Policy"] = _SANDBOX
    return headers


def _known(if_none_match: str, etag: str) -> bool:
    """RFC 9110 §13.1.2: weak comparison, https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2"""
    given = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in given or "*" in given


class _Guarded:
    """Every answer, errors included, tells the browser not to guess and not to pass the URL on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, guarded)


if __name__ == "__main__":
    main()
