"""HTTP to Dagster's web UI and back: the request as it was judged, the answer as it comes."""

import logging
from collections.abc import AsyncIterator

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ebook_pipeline.desk.dagster import upstream
from ebook_pipeline.settings import Settings

_TIMEOUT = httpx.Timeout(120.0, connect=5.0, pool=10.0)
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=0)
"""Each request has a connection of its own: what one might leave in it, no other reads."""
_LOG = logging.getLogger(__name__)


def new_client() -> httpx.AsyncClient:
    """No proxy of the environment stands between, and nobody is followed elsewhere."""
    return httpx.AsyncClient(
        timeout=_TIMEOUT, limits=_LIMITS, trust_env=False, follow_redirects=False
    )


async def forward(
    client: httpx.AsyncClient, settings: Settings, request: Request, login: str
) -> Response:
    """Dagster's answer to what `login` asks. Raises `Problem` where it does not answer."""
    url = upstream.target(settings, request.scope["raw_path"], request.scope["query_string"])
    headers = upstream.asked(request.headers) | upstream.credentials(settings, login)
    body = await request.body() if request.method == "POST" else None
    asked = client.build_request(request.method, url, headers=headers, content=body)
    try:
        answer = await client.send(asked, stream=True)
    except httpx.HTTPError as error:
        _LOG.warning("Dagster's web UI does not answer: %r", error)
        raise upstream.unreachable() from error
    return _response(answer)


def _response(answer: httpx.Response) -> Response:
    response = StreamingResponse(_body(answer), answer.status_code)
    length = answer.headers.get("content-length")
    response.raw_headers = upstream.answered(answer.headers.multi_items())
    if length is not None and length.isdigit():
        response.raw_headers.append((b"content-length", length.encode("ascii")))
    return response


async def _body(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()
