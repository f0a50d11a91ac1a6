"""What stands before Dagster's web UI, which knows no users and takes every page's word.

A request passes when it names an address of ours, comes from a page of ours or from no page, and
carries the token of this start: as cookie, which the printed link leaves in a browser, or as
`Authorization: Bearer`. What may change something is POST with JSON, or the WebSocket of a page of
ours. WebSockets are judged by their handshake, to which browsers apply no same-origin policy.

Cookies: https://www.rfc-editor.org/rfc/rfc6265. Where a request comes from:
https://www.w3.org/TR/fetch-metadata/ and https://www.rfc-editor.org/rfc/rfc6454.
"""

import hmac
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.web.addresses import HEALTH, Addresses

_GRAPHQL = "/graphql"
_READING = frozenset({"GET", "HEAD"})
# A second one of these could be read by Dagster where the first was judged.
_ONLY_ONCE = ("host", "origin", "sec-fetch-site", "content-type", "authorization")
_HARDENING = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Beside Dagster's own policy: what a book's title brings in loads nothing and tells nobody.
_CONTENT_POLICY = (
    "frame-ancestors 'none'; form-action 'self'; connect-src 'self'; img-src 'self' data: blob:"
)
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body {{font: 1.1em/1.5 sans-serif; max-width: 36em; margin: 4em auto}}</style>
<h1>{title}</h1>
<p>{why}</p>
<p>Run <code>ebooks up</code> on the machine where the pipeline runs: it prints the web UI's link,
and starts nothing that runs already. Put that link into the address bar. It is good until the web
UI is started anew.</p>
"""


class Refused(Exception):
    """A request that does not reach Dagster; the message is for the person who sent it."""

    def __init__(self, status: HTTPStatus, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.headers = headers


class Guard:
    """ASGI middleware around `app`: lets in who has `token`, from pages under `addresses`."""

    def __init__(self, app: ASGIApp, token: str, addresses: Addresses) -> None:
        self._app = app
        self._token = token
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        try:
            answer: ASGIApp = self._own_answer(asked) or self._app
            if answer is self._app and scope.get("method") == "POST":
                receive = await _one_json_object(receive)
        except Refused as refused:
            answer = _refusal(refused, asked)
        await answer(scope, receive, _hardened(send))

    def _own_answer(self, asked: HTTPConnection) -> Response | None:
        """What the guard itself answers; None for Dagster's to answer. Raises `Refused`."""
        _check_form(asked)
        origin = self._origin(asked)
        _check_source(asked, origin)
        if asked.scope.get("method") in _READING:
            if asked.scope["path"] == HEALTH:
                return PlainTextResponse("ok\n")
            if "token" in asked.query_params:
                return self._signed_in(asked, origin)
        self._check_token(asked, origin)
        _check_route(asked)
        return None

    def _origin(self, asked: HTTPConnection) -> str:
        origin = self._addresses.origin(asked.headers.get("host", ""))
        if origin is None:
            raise Refused(
                HTTPStatus.MISDIRECTED_REQUEST,
                "This is not an address of the web UI: see EBOOK_WEB_ORIGINS.",
            )
        return origin

    def _signed_in(self, asked: HTTPConnection, origin: str) -> Response:
        """The page that was asked for without the token, which then is in a cookie."""
        self._compare(asked.query_params["token"])
        path = asked.scope["raw_path"].decode("ascii")
        query = asked.url.remove_query_params("token").query
        # `//host` and `/\\host` are other hosts to a browser
        page = "/" if path.startswith(("//", "/\\")) else f"{path}?{query}" if query else path
        answer = RedirectResponse(page, HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            cookie_name(origin),
            self._token,
            httponly=True,
            samesite="strict",
            secure=origin.startswith("https:"),
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _check_token(self, asked: HTTPConnection, origin: str) -> None:
        scheme, _, word = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self._compare(word)
            return
        self._compare(asked.cookies.get(cookie_name(origin), ""))
        from_a_page = {"origin", "sec-fetch-site"} & set(asked.headers)
        if not from_a_page and asked.scope.get("method") not in _READING:
            raise Refused(HTTPStatus.FORBIDDEN, "The request does not say which page it is of.")

    def _compare(self, word: str) -> None:
        if not hmac.compare_digest(word.encode(), self._token.encode()):
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                "The web UI opens with the link of its last start.",
                **{"WWW-Authenticate": "Bearer"},
            )


def cookie_name(origin: str) -> str:
    """Cookies are of a host, whatever its port: two web UIs on one machine keep theirs apart."""
    port = origin.rpartition(":")[2]
    return f"ebooks-{port if port.isdigit() else 'web'}"


def _check_form(asked: HTTPConnection) -> None:
    """A path on this server, a method that Dagster's pages use, and nothing said twice."""
    if not asked.scope["raw_path"].startswith(b"/"):
        raise Refused(HTTPStatus.BAD_REQUEST, "The request is one to a proxy.")
    if asked.scope.get("method", "GET") not in _READING | {"POST"}:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "No such method.", Allow="GET, HEAD, POST")
    for name in _ONLY_ONCE:
        if len(asked.headers.getlist(name)) > 1:
            raise Refused(HTTPStatus.BAD_REQUEST, f"The header {name} stands there twice.")


def _check_source(asked: HTTPConnection, own: str) -> None:
    """Not from a page of another origin, be it on this very machine.

    Sec-Fetch-Site is `none` for what a person typed, which reads and never changes.
    """
    allowed = {"same-origin"}
    if asked.scope.get("method") in _READING:
        allowed.add("none")
    if asked.headers.get("origin", own) != own:
        raise Refused(HTTPStatus.FORBIDDEN, "The request comes from another site's page.")
    if asked.headers.get("sec-fetch-site", "same-origin") not in allowed:
        raise Refused(HTTPStatus.FORBIDDEN, "The request was made by another site's page.")


def _check_route(asked: HTTPConnection) -> None:
    """GraphQL by POST alone, which takes JSON: a foreign form or image can send neither."""
    method = asked.scope.get("method")
    if method in _READING and asked.scope["path"] == _GRAPHQL:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "GraphQL is asked by POST.", Allow="POST")
    media_type = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and media_type != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "What is sent must be application/json.")


async def _one_json_object(receive: Receive) -> Receive:
    """`receive` once more from its beginning, of a body that begins as a JSON object does."""
    held = [await receive()]
    if not held[0].get("body", b"").lstrip().startswith(b"{"):
        raise Refused(HTTPStatus.BAD_REQUEST, "What is sent must be one JSON object.")

    async def replay() -> Message:
        return held.pop() if held else await receive()

    return replay


def _hardened(send: Send) -> Send:
    """`send`, which adds headers that keep answers out of other sites' pages."""

    async def sending(message: Message) -> None:
        if message["type"].endswith("http.response.start"):
            headers = MutableHeaders(scope=message)
            headers.update(_HARDENING)
            headers.append("Content-Security-Policy", _CONTENT_POLICY)
        await send(message)

    return sending


def _refusal(refused: Refused, asked: HTTPConnection) -> Response:
    """A page for people, a line for programs."""
    headers = {**refused.headers, "Cache-Control": "no-store"}
    if "text/html" not in asked.headers.get("accept", ""):
        return PlainTextResponse(f"{refused}\n", refused.status, headers)
    page = _PAGE.format(title=refused.status.phrase, why=refused)
    return HTMLResponse(page, refused.status, headers)
