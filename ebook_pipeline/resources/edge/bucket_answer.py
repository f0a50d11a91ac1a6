"""What our own edge answers of an object that lies in a bucket: whole, or the part asked for.

One range is answered, RFC 9110 §14, https://www.rfc-editor.org/rfc/rfc9110#section-14; of several
the whole is sent, which a server may do.
"""

import itertools
import re
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.origin import OriginEntry

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class BytePart(NamedTuple):
    """Bytes from `start` until before `end`; none where `start` lies behind the last one."""

    start: int
    end: int


def bucket_answer(
    origin: OriginBucket, entry: OriginEntry, request: Request, headers: dict[str, str]
) -> Response:
    """The bytes at the request's path as they come. Raises ServiceErrors before the first one."""
    asked = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    part = asked_part(request.headers.get("range", "") if asked else "", entry.length)
    start, end = part or (0, entry.length)
    if start >= end and part:
        told = {"Content-Range": f"bytes */{entry.length}"}
        return PlainTextResponse("There are no such bytes.\n", 416, told)
    told = headers | {"Accept-Ranges": "bytes", "Content-Length": str(end - start)}
    if part:
        told["Content-Range"] = f"bytes {start}-{end - 1}/{entry.length}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=told, media_type=entry.media_type)
    chunks = origin.content(request.path_params["path"], start, end if part else None)
    body = itertools.chain([next(chunks, b"")], chunks)
    return StreamingResponse(body, status, told, entry.media_type)


def asked_part(header: str, length: int) -> BytePart | None:
    """The part of `length` bytes that a field ``Range`` names; None where all are to be sent."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:  # so many of the last
        return BytePart(max(0, length - int(last)), length if int(last) else 0)
    end = min(length, int(last) + 1) if last else length
    if last and int(last) < int(first):
        return None
    return BytePart(int(first), end)
