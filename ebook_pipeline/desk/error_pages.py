"""Errors as people see them in a browser: a page where a page was asked for."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ebook_pipeline.desk import rendering

_EXPLAINED = frozenset({401, 403, 404, 409, 412, 413, 422, 429, 500, 503})
"""Statuses that `words/` has a title and an advice for."""


def wanted(request: Request) -> bool:
    """Whether a browser asks for one of the pages, which are all but the API's."""
    accepted = request.headers.get("accept", "")
    return not request.url.path.startswith("/api/") and "text/html" in accepted


def page(request: Request, status: HTTPStatus, detail: str, headers: Mapping[str, str]) -> Response:
    """The error as a page: what happened, what is kept, what to do.

    Who has to sign in is taken there, and back afterwards. A form that was sent after its session
    had ended is asked for again: what was typed into it is kept in its tab (`static/keep.js`).
    """
    if status is HTTPStatus.UNAUTHORIZED and request.method == "GET":
        return RedirectResponse(_sign_in(request.url.path), HTTPStatus.SEE_OTHER)
    values = {
        "what": f"s{status.value}" if status in _EXPLAINED else "other",
        "detail": detail,
        "sign_in": _sign_in(_form_of(request)) if status is HTTPStatus.UNAUTHORIZED else "",
        "back": _form_of(request) if request.method == "POST" else "",
    }
    return rendering.render(request, "error", values, status, headers)


def _sign_in(path: str) -> str:
    return f"/sign-in?next={quote(path, safe='/')}"


def _form_of(request: Request) -> str:
    """The path of the page of ours that a form was on."""
    address = urlsplit(request.headers.get("referer", ""))
    own = f"{address.scheme}://{address.netloc}" == str(request.state.origin)
    return address.path if own and address.path else "/"
