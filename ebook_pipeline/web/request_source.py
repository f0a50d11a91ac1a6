"""Where a request to Dagster comes from, and of which form it must be: the guard's rules, and the
desk's. Dagster's own server checks no origin, and takes GraphQL in a URL.

Where a request comes from: https://www.w3.org/TR/fetch-metadata/ and
https://www.rfc-editor.org/rfc/rfc6454.
"""

import re
from http import HTTPStatus

from starlette.requests import HTTPConnection
from starlette.types import Message, Receive

READING = frozenset({"GET", "HEAD"})
GRAPHQL = "/graphql"
OPERATOR = "X-Ebooks-Operator"
"""The header in which the desk says who its signed-in operator is; the token's holder alone may."""
# A second one of these could be read by Dagster where the first was judged.
_ONLY_ONCE = ("host", "origin", "sec-fetch-site", "content-type", "authorization")
_TWO_LENGTHS = {"content-length", "transfer-encoding"}
"""What stands between may go by the one where we go by the other, RFC 9112 §6.3."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Refused(Exception):
    """A request that does not reach Dagster; the message is for the person who sent it."""

    def __init__(self, status: HTTPStatus, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.headers = headers


def check_form(asked: HTTPConnection) -> None:
    """A path on this server, a method that Dagster's pages use, and nothing said twice.

    A route's pattern ends before a line's end, so one of `/graphql` takes `/graphql%0A` too.
    """
    if not asked.scope["raw_path"].startswith(b"/"):
        raise Refused(HTTPStatus.BAD_REQUEST, "The request is one to a proxy.")
    if _CONTROL.search(asked.scope["path"]):
        raise Refused(HTTPStatus.BAD_REQUEST, "There is no such path.")
    if asked.scope.get("method", "GET") not in READING | {"POST"}:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "No such method.", Allow="GET, HEAD, POST")
    for name in _ONLY_ONCE:
        if len(asked.headers.getlist(name)) > 1:
            raise Refused(HTTPStatus.BAD_REQUEST, f"The header {name} stands there twice.")
    if set(asked.headers) >= _TWO_LENGTHS:
        text = "The request says in two ways where it ends."
        raise Refused(HTTPStatus.BAD_REQUEST, text, Connection="close")


def check_source(asked: HTTPConnection, own: str) -> None:
    """Not from a page of another origin, be it on this very machine.

    Sec-Fetch-Site is `none` for what a person typed, which reads and never changes.
    """
    allowed = {"same-origin"}
    if asked.scope.get("method") in READING:
        allowed.add("none")
    if asked.headers.get("origin", own) != own:
        raise Refused(HTTPStatus.FORBIDDEN, "The request comes from another site's page.")
    if asked.headers.get("sec-fetch-site", "same-origin") not in allowed:
        raise Refused(HTTPStatus.FORBIDDEN, "The request was made by another site's page.")


def check_says_source(asked: HTTPConnection) -> None:
    """What may change something in a browser's name says of which page it is."""
    from_a_page = {"origin", "sec-fetch-site"} & set(asked.headers)
    if not from_a_page and asked.scope.get("method") not in READING:
        raise Refused(HTTPStatus.FORBIDDEN, "The request does not say which page it is of.")


def check_route(asked: HTTPConnection, prefix: str = "") -> None:
    """GraphQL by POST alone, which takes JSON: a foreign form or image can send neither."""
    method = asked.scope.get("method")
    if method in READING and asked.scope["path"] == prefix + GRAPHQL:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "GraphQL is asked by POST.", Allow="POST")
    media_type = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and media_type != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "What is sent must be application/json.")


async def one_json_object(receive: Receive) -> Receive:
    """`receive` once more from its beginning, of a body that begins as a JSON object does."""
    held = [await receive()]
    if not held[0].get("body", b"").lstrip().startswith(b"{"):
        raise Refused(HTTPStatus.BAD_REQUEST, "What is sent must be one JSON object.")

    async def replay() -> Message:
        return held.pop() if held else await receive()

    return replay
