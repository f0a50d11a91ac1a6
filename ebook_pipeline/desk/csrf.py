"""Requests that another site's page has a browser send: refused wherever a cookie says who asks.

Two nets, either of which holds alone: where the request comes from by the browser's own word
(Sec-Fetch-Site, Origin), and a token that our pages alone know (a form's field, or a header). Who
states a token in `Authorization` is no browser that sends by itself, and passes.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import hmac
from http import HTTPStatus

from starlette.requests import HTTPConnection, Request

from ebook_pipeline.desk import session_cookie
from ebook_pipeline.desk.authentication import CurrentActor
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.rendering import FORM_COOKIE

FIELD, HEADER = "csrf_token", "X-CSRF-Token"
FOREIGN_PAGES = "/dagster/"
"""Where pages are not of our making, and know no token: they may send JSON alone, which no form of
another site can (`desk/routes/dagster.py`)."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def check(connection: HTTPConnection, _: CurrentActor) -> None:
    """Raise `Problem` for a change that a foreign page may have sent in somebody's name.

    Every route has it. A WebSocket is judged by its handshake, which browsers let any page send.
    """
    if not session_cookie.is_by_cookie(connection):
        return
    if connection.scope["type"] == "websocket":
        require_own_page(connection)
    elif connection.scope["method"] not in READING:
        require_own_page(connection)
        if connection.scope["path"].startswith(FOREIGN_PAGES):
            return
        await require_token(connection, session_cookie.session_token(connection))


async def check_form(request: Request) -> None:
    """As `check`, for forms of those who may not have signed in yet: nobody else signs them in."""
    if request.method in READING or session_cookie.is_by_cookie(request):
        return
    require_own_page(request)
    secret = request.cookies.get(session_cookie.cookie_name(request, FORM_COOKIE), "")
    await require_token(request, secret)


def require_own_page(connection: HTTPConnection) -> None:
    """Raise `Problem` unless the request comes from a page of ours, as the browser tells."""
    own = str(connection.state.origin)
    headers = connection.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        raise _refused("The request does not say which page it is of.")
    if site not in (None, "same-origin") or origin not in (None, own):
        raise _refused("The request comes from another site's page.")


async def require_token(connection: HTTPConnection, secret: str) -> None:
    """Raise `Problem` unless the request carries the token of `secret`'s holder."""
    given = connection.headers.get(HEADER, "")
    media_type = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not given and isinstance(connection, Request) and media_type in _FORMS:
        given = str((await connection.form(max_files=0)).get(FIELD, ""))
    wanted = session_cookie.form_token(secret)
    if not secret or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise _refused("The form is too old: open its page again.")


def _refused(detail: str) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, "csrf", detail)
