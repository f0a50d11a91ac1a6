"""Files of books as answers: whole or a range, never run by the browser that gets them.

RFC 9110 §14 (ranges) and §13.1.5 (If-Range). One range is answered; who asks for several gets the
whole, as §14.2 allows: a hundred ranges of a gigabyte would be a hundred gigabytes.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.foundation.file_types import suffix_of
from ebook_pipeline.resources.object_store import ObjectStore

_CHUNK = 256 << 10
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII | re.IGNORECASE)
SANDBOX = "sandbox; default-src 'none'"
"""What a book holds is a stranger's: no script, no form, no origin of ours."""
_ANY_FILE = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
DESCRIPTION: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": _ANY_FILE},
    206: {"description": "The range that was asked for.", "content": _ANY_FILE},
    304: {"description": "It is what the asker has."},
    416: {"description": "The file has no such range."},
}
"""How routes that answer with files say so in the API's description."""


def answer(request: Request, store: ObjectStore, blob: BlobRef, name: str) -> Response:
    """The blob as a download called `name` and its type's suffix. Raises `Problem` 416."""
    tag = f'"{blob.sha256}"'
    if etags.is_known(request, tag):
        return etags.not_modified(tag)
    headers = headers_of(tag, f"{name}{suffix_of(blob.media_type)}")
    asked = _asked(request, blob, tag)
    if asked is None:
        return _streamed(request, store, blob, headers, None)
    first, length = asked
    headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{blob.length}"
    return _streamed(request, store, blob, headers, asked)


def headers_of(tag: str, filename: str) -> dict[str, str]:
    """What stands before every file of a book."""
    return {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """`stream` to its end, and closed."""
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _streamed(
    request: Request,
    store: ObjectStore,
    blob: BlobRef,
    headers: dict[str, str],
    asked: tuple[int, int] | None,
) -> Response:
    length = blob.length if asked is None else asked[1]
    headers = headers | {"Content-Length": str(length)}
    status = HTTPStatus.OK if asked is None else HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD" or length == 0:
        return Response(b"", status, headers, blob.media_type)
    stream = store.open(blob) if asked is None else store.open_part(blob, *asked)
    return _Streamed(stream, status, headers, blob.media_type)


class _Streamed(StreamingResponse):
    """A stream, closed when the answer ends: also where its asker left before the first byte."""

    def __init__(
        self, stream: BinaryIO, status: HTTPStatus, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(chunks(stream), status, headers, media_type)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._stream:
            await super().__call__(scope, receive, send)


def _asked(request: Request, blob: BlobRef, tag: str) -> tuple[int, int] | None:
    """First byte and length; None where the whole is asked for, or a range we do not know."""
    given = request.headers.get("range")
    if given is None or request.headers.get("if-range", tag).strip() != tag:
        return None
    match = _RANGE.fullmatch(given.replace(" ", ""))
    if match is None or match[0].endswith("=-"):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, blob.length - int(last)), blob.length - 1
    else:
        start, end = int(first), min(int(last), blob.length - 1) if last else blob.length - 1
        if last and int(last) < start:
            return None  # no range at all: §14.1.1
    if start > end or start >= blob.length:
        headers = {"Content-Range": f"bytes */{blob.length}"}
        raise Problem(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "range", "It has no such range.", headers
        )
    return start, end - start + 1
