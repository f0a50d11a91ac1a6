"""Answers that a browser keeps, and asks about before it shows them again: ETag and 304.

Nothing of an answer is kept here, so no event can leave an old one behind: what a reader has is
compared with what holds now. RFC 9110 §8.8.3 and §13.1.2, RFC 9111 §5.2.2.4.
"""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from ebook_pipeline.desk import etags

KEPT = "private, no-cache"
"""By the reader's own browser, which asks each time whether it holds."""
_ASKERS = "Authorization, Cookie"
"""By which the same address tells people different things."""
_KNOWN = {304: {"description": "You have it already, as `If-None-Match` says."}}


class RevalidatedRoute(APIRoute):
    """A route whose GET answers have an ETag: the version's where the route says one, which
    `If-Match` names too, else that of the bytes. One that says `Cache-Control` itself is left."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if "GET" in (options.get("methods") or ()):
            options["responses"] = {**_KNOWN, **(options.get("responses") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answered = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return _revalidated(request, await answered(request))

        return answer


def _revalidated(request: Request, response: Response) -> Response:
    if request.method != "GET" or response.status_code != HTTPStatus.OK:
        return response
    if response.media_type != "application/json" or "cache-control" in response.headers:
        return response
    tag = response.headers.get("etag") or etags.etag(bytes(response.body).hex())
    answer = etags.not_modified(tag) if etags.is_known(request, tag) else response
    answer.headers.update({"ETag": tag, "Cache-Control": KEPT, "Vary": _ASKERS})
    return answer
