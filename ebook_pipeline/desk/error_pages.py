"""Errors as people see them in a browser: a page where a page was asked for."""

from collections.abc import Mapping
from html import escape
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1>
<p>{detail}</p>
"""


def wanted(request: Request) -> bool:
    """Whether a browser asks for one of the pages, which are all but the API's."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get(
        "accept", ""
    )


def page(
    request: Request,  # noqa: ARG001
    status: HTTPStatus,
    detail: str,
    headers: Mapping[str, str],
) -> Response:
    """The error as a page."""
    text = _PAGE.format(title=escape(status.phrase), detail=escape(detail))
    return HTMLResponse(text, status.value, dict(headers))
