"""What stands before Dagster's web UI, which knows no users and takes every page's word.

A request passes when it names an address of ours, comes from a page of ours or from no page, and
carries the token of this start: as cookie, which the printed link leaves in a browser, or as
`Authorization: Bearer`. What may change something is POST with JSON, or the WebSocket of a page of
ours (`request_source`). WebSockets are judged by their handshake, to which browsers apply no
same-origin policy. The desk, which has the token too, says in a header of its own who its signed-in
operator is: in that name is launched what is launched.

Cookies: https://www.rfc-editor.org/rfc/rfc6265.
"""

import hmac
import re
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.web.addresses import HEALTH, Addresses
from ebook_pipeline.web.launchers import launching_as
from ebook_pipeline.web.request_source import (
    OPERATOR,
    READING,
    Refused,
    check_form,
    check_route,
    check_says_source,
    check_source,
    one_json_object,
)

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
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


class Guard:
    """ASGI middleware around `app`: lets in who has `token`, from pages under `addresses`.

    `prefix` is where all of the app's paths lie.
    """

    def __init__(self, app: ASGIApp, token: str, addresses: Addresses, prefix: str = "") -> None:
        self._app = app
        self._token = token
        self._addresses = addresses
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        try:
            answer: ASGIApp = self._own_answer(asked) or self._app
            if answer is self._app and scope.get("method") == "POST":
                receive = await one_json_object(receive)
            operator = self._operator(asked)
        except Refused as refused:
            answer, operator = _refusal(refused, asked), None
        with launching_as(operator):
            await answer(scope, receive, _hardened(send))

    def _own_answer(self, asked: HTTPConnection) -> Response | None:
        """What the guard itself answers; None for Dagster's to answer. Raises `Refused`."""
        check_form(asked)
        origin = self._origin(asked)
        check_source(asked, origin)
        if asked.scope.get("method") in READING:
            if asked.scope["path"] == HEALTH:
                return PlainTextResponse("ok\n")
            if "token" in asked.query_params:
                return self._signed_in(asked, origin)
        self._check_token(asked, origin)
        check_route(asked, self._prefix)
        return None

    def _operator(self, asked: HTTPConnection) -> str | None:
        """Whom the desk names; None for whoever opened the printed link. Raises `Refused`."""
        named = asked.headers.getlist(OPERATOR)
        if not named or not _is_bearer(asked):
            return None
        if len(named) > 1 or _LOGIN.fullmatch(named[0]) is None:
            raise Refused(HTTPStatus.BAD_REQUEST, f"{OPERATOR} is no login.")
        return named[0]

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
        if _is_bearer(asked):
            self._compare(asked.headers["authorization"].partition(" ")[2])
            return
        self._compare(asked.cookies.get(cookie_name(origin), ""))
        check_says_source(asked)

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


def _is_bearer(asked: HTTPConnection) -> bool:
    return asked.headers.get("authorization", "").partition(" ")[0].lower() == "bearer"


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
