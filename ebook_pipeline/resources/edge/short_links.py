"""Short addresses at the embedded edge: ``/p/<code>`` answers with where the code leads.

What stands at ``public/p/<code>`` of the origin decides, as it does behind CloudFront, where the
page itself leads on.
"""

import base64

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ebook_pipeline.books.releasing import short_links
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.origin import OriginFolder, safe_path

_NO_STORE = {"Cache-Control": "no-store"}


def route(origin: OriginFolder | OriginBucket) -> Route:
    """``/p/<code>``, before any other route of the edge."""

    async def lead_on(request: Request) -> Response:
        return await run_in_threadpool(_lead_on, origin, request.path_params["code"])

    return Route("/p/{code}", lead_on)


def _lead_on(origin: OriginFolder | OriginBucket, code: str) -> Response:
    """Never cached: a revoked code leads nowhere from then on."""
    try:
        entry = origin.entry(safe_path(short_links.path(code)))
        target = short_links.target(base64.b64decode(entry.body or ""))
    except (NotFound, ValueError):
        return PlainTextResponse("This link leads nowhere (any more).\n", 404, _NO_STORE)
    except ServiceError:
        return PlainTextResponse("The origin can't be read.\n", 503, _NO_STORE)
    return RedirectResponse(target, 302, _NO_STORE)
