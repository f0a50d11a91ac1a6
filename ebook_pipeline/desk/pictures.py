"""Pictures that people send and see: what their routes take, answer and say of a bad one."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from ebook_pipeline.desk import etags
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.revalidation import KEPT

TOO_LARGE = "The picture has too many pixels: send a smaller one."
UNREADABLE = "The picture can't be read: send a PNG, JPEG or WebP."
_BINARY = {"schema": {"type": "string", "format": "binary", "examples": ["\x89PNG …"]}}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"image/png": _BINARY, "image/jpeg": _BINARY, "image/webp": _BINARY},
    }
}
"""Of a route that is sent one, for OpenAPI."""
ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": _BINARY}, "description": "The picture."}
}
"""Of a route that answers one."""


async def _whole(request: Request) -> bytes:
    """No more than the router's bound of bytes come through."""
    return await request.body()


Sent = Annotated[bytes, Depends(_whole)]


def refused(fault: str) -> Problem:
    """What is answered to a picture with this `fault`, which ends with ``too-large`` if it is."""
    words = TOO_LARGE if fault.endswith("too-large") else UNREADABLE
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "picture", words)


def shown(
    request: Request, tag: str, read: Callable[[], bytes], media_type: str = "image/jpeg"
) -> Response:
    """The picture that `read` gives, or 304 where the asker has the one with this `tag`."""
    if etags.is_known(request, tag):
        return etags.not_modified(tag)
    headers = {"ETag": tag, "Cache-Control": KEPT}
    return Response(read(), media_type=media_type, headers=headers)
