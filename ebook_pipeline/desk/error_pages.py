"""Errors as people see them in a browser: a page where a page was asked for."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ebook_pipeline.desk import pages


def wanted(request: Request) -> bool:
    """Whether a browser asks for one of the pages, which are all but the API's."""
    accepted = request.headers.get("accept", "")
    return not request.url.path.startswith("/api/") and "text/html" in accepted


def page(request: Request, status: HTTPStatus, detail: str, headers: Mapping[str, str]) -> Response:
    """The error as a page; who has to sign in is taken there, and back afterwards."""
    if status is HTTPStatus.UNAUTHORIZED and request.method == "GET":
        target = f"/sign-in?next={quote(request.url.path, safe='/')}"
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)
    values = {"status": status.phrase, "detail": detail}
    return pages.render(request, "error", values, status, headers)
