"""What stands before every answer: our own addresses alone, and headers that browsers obey.

Also the last net: an error that nobody foresaw becomes a problem document, with these headers.
"""

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.desk import problems
from ebook_pipeline.desk.addresses import DeskAddresses
from ebook_pipeline.desk.problems import Problem

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # under no-referrer a form's Origin is null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_ASKED_BY_ADDRESS = ("/healthz", "/readyz")
"""A load balancer knows no name of ours, and these say nothing that a foreign page may not hear."""
_TRANSPORT = "max-age=31536000; includeSubDomains"
# A second one of these could be read by somebody where the first was judged.
_ONLY_ONCE = (
    "host", "origin", "sec-fetch-site", "content-type", "content-length", "authorization",
    "if-match", "x-csrf-token",
)  # fmt: skip


class Hardening:
    """ASGI middleware: refuses foreign Host headers, and adds to each answer what it lacks."""

    def __init__(self, app: ASGIApp, addresses: DeskAddresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started = False
        headers = Headers(scope=scope)
        origin = self._addresses.origin(headers.get("host", ""))
        scope.setdefault("state", {})["origin"] = origin or ""

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"].endswith("http.response.start"):
                started = True
                _harden(MutableHeaders(scope=message), origin or "")
            await send(message)

        refused = _refusal(scope, headers, origin)
        try:
            if refused is None:
                await self._app(scope, receive, sending)
                return
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await problems.of_unforeseen(Request(scope), error)(scope, receive, sending)
            return
        await _refuse(refused, scope, receive, sending)


async def _refuse(refused: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": refused.detail})
        return
    await problems.answer(Request(scope), refused)(scope, receive, send)


def _refusal(scope: Scope, headers: Headers, origin: str | None) -> Problem | None:
    if origin is None and scope["path"] not in _ASKED_BY_ADDRESS:
        detail = "This is not an address of the desk: see EBOOK_DESK_ORIGINS."
        return Problem(HTTPStatus.MISDIRECTED_REQUEST, "not-our-address", detail)
    if any(b"%00" in scope.get(part, b"") for part in ("raw_path", "query_string")):
        return Problem(HTTPStatus.BAD_REQUEST, "nul", "No text of ours has a NUL in it.")
    for name in _ONLY_ONCE:
        if len(headers.getlist(name)) > 1:
            return Problem(HTTPStatus.BAD_REQUEST, "header-twice", f"{name} stands there twice.")
    return None


def _harden(headers: MutableHeaders, origin: str) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if origin.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", _TRANSPORT)
