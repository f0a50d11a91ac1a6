"""Where Dagster's web UI is asked, and what of a request goes there: what is named here, no more.

The browser's cookies, its Authorization, where it says to come from, and every header in which a
proxy or anybody else could say who it is stay here; the desk says itself who asks.
"""

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers

from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.settings import Settings
from ebook_pipeline.web import access_token
from ebook_pipeline.web.addresses import base_url
from ebook_pipeline.web.request_source import OPERATOR

_ASKED = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "content-type",
        "if-modified-since",
        "if-none-match",
        "range",
        "user-agent",
    }
)
_NOT_ANSWERED = frozenset(
    {
        "connection",
        "content-length",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "server",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Of one hop alone (RFC 9110 §7.6.1), or the desk's own to say."""
_DOTS = frozenset({b".", b".."})


def target(settings: Settings, raw_path: bytes, query: bytes) -> str:
    """The URL there of a path that the browser asked for. Raises `Problem` for a tricky one.

    Whoever decodes dots, backslashes or empty parts once more ends at another page than was judged.
    """
    decoded = unquote_to_bytes(raw_path)
    parts = decoded[1:].split(b"/")
    odd = _DOTS & set(parts) or b"" in parts[:-1] or b"\\" in decoded or b"%" in decoded
    if odd or any(byte < 0x20 or byte == 0x7F for byte in decoded):
        raise Problem(HTTPStatus.BAD_REQUEST, "path", "There is no such path.")
    path = raw_path.decode("ascii") + (f"?{query.decode('ascii')}" if query else "")
    return (settings.web_url or base_url(settings)) + path


def web_socket(url: str) -> str:
    """The same address for a WebSocket."""
    parts = urlsplit(url)
    return parts._replace(scheme="wss" if parts.scheme == "https" else "ws").geturl()


def credentials(settings: Settings, login: str) -> dict[str, str]:
    """What opens the web UI, and in whose name. Raises `Problem` where no web UI was started."""
    try:
        token = access_token.current(settings)
    except FileNotFoundError as error:
        raise unreachable() from error
    return {"Authorization": f"Bearer {token}", OPERATOR: login}


def asked(headers: Headers) -> dict[str, str]:
    """What of the browser's request goes on."""
    return {name: value for name, value in headers.items() if name in _ASKED}


def answered(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """What of the answer comes back, as ASGI has it; policies may stand there several times."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers
        if name.lower() not in _NOT_ANSWERED
    ]


def unreachable() -> Problem:
    """Dagster's web UI does not answer."""
    detail = "Dagster's web UI does not answer now. `ebooks up` starts it."
    return Problem(HTTPStatus.BAD_GATEWAY, "dagster-unreachable", detail)
