"""The cookie that holds a browser's session, and the token of its forms.

Over TLS its name begins with ``__Host-``: no other host, and no page of a subdomain, can set it.
Browsers take that name over TLS alone, so plain HTTP, which is for this machine, has another.

https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2
"""

import hashlib
import hmac

from starlette.requests import HTTPConnection
from starlette.responses import Response

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.services.signing_in import sessions

_NAME = "ebooks-session"
METHOD = "session"


def authenticate(connection: HTTPConnection, context: DeskContext) -> Actor | None:
    """The actor whose session the cookie opens; None without a cookie, or with one that ended.

    A session that ended is no session: the browser is asked to sign in, as anybody is.
    """
    token = session_token(connection)
    if not token:
        return None
    actor = sessions.actor_by(context.database, token, context.sessions)
    if actor is not None:
        connection.state.by_cookie = True
    return actor


def is_by_cookie(connection: HTTPConnection) -> bool:
    """Whether the actor of this request was known by the cookie, which browsers send themselves."""
    return bool(getattr(connection.state, "by_cookie", False))


def session_token(connection: HTTPConnection) -> str:
    """What the browser holds; empty where it holds nothing."""
    return connection.cookies.get(cookie_name(connection), "")


def cookie_name(connection: HTTPConnection, name: str = _NAME) -> str:
    """Cookies are of a host, whatever its port: two desks on one machine keep theirs apart."""
    if is_secure(connection):
        return f"__Host-{name}"
    return f"{name}-{connection.url.port or 80}"


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser speaks TLS, to us or to the proxy before us (`desk/hardening.py`)."""
    return str(getattr(connection.state, "origin", "")).startswith("https:")


def set_cookie(
    connection: HTTPConnection, response: Response, value: str, name: str = _NAME
) -> None:
    """Leave `value` in the browser until it is closed; scripts and other sites never see it."""
    response.set_cookie(
        cookie_name(connection, name),
        value,
        path="/",
        secure=is_secure(connection),
        httponly=True,
        samesite="lax",
    )


def delete_cookie(connection: HTTPConnection, response: Response, name: str = _NAME) -> None:
    """Take the cookie out of the browser."""
    response.delete_cookie(
        cookie_name(connection, name),
        path="/",
        secure=is_secure(connection),
        httponly=True,
        samesite="lax",
    )


def form_token(secret: str) -> str:
    """What a form must carry that the holder of `secret`, a cookie's value, was shown."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()
