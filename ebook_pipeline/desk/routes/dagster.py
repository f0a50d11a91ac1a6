"""Dagster's web UI at `/dagster/`, for operators who have signed in in a browser."""

from http import HTTPStatus
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response

from ebook_pipeline.desk import session_cookie
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.dagster import http, sockets
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.web import request_source
from ebook_pipeline.web.addresses import PREFIX
from ebook_pipeline.web.request_source import Refused

MOST_BYTES = 4 << 20
"""The largest request: a backfill that names tens of thousands of books."""
Operating = Annotated[Access, Depends(allow("dagster", "use"))]


def same_page(connection: HTTPConnection, access: Operating) -> None:
    """The guard's own rules, and a browser: no program is handed through. Raises `Problem`."""
    if not session_cookie.is_by_cookie(connection) or not access.actor.login:
        detail = "People see this in a browser; programs use the API."
        raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", detail)
    try:
        request_source.check_form(connection)
        request_source.check_source(connection, str(connection.state.origin))
        request_source.check_says_source(connection)
        request_source.check_route(connection, PREFIX)
    except Refused as refused:
        raise Problem(refused.status, "dagster-refused", str(refused), refused.headers) from refused


router = APIRouter(prefix=PREFIX, include_in_schema=False, dependencies=[Depends(same_page)])


@router.get("")
def begin(_: Operating) -> Response:
    """Its pages lie below."""
    return RedirectResponse(f"{PREFIX}/", HTTPStatus.SEE_OTHER)


@router.api_route("/{path:path}", methods=["GET", "HEAD", "POST"])
async def hand_through(request: Request, access: Operating) -> Response:
    """What Dagster answers to this operator."""
    client = _client(request.app)
    return await http.forward(client, access.context.settings, request, access.actor.login)


@router.websocket("/graphql")
async def listen(browser: WebSocket, access: Operating) -> None:
    """How runs get on."""
    await sockets.forward(access.context.settings, browser, access.actor.login)


def _client(app: FastAPI) -> httpx.AsyncClient:
    """The process's connections to Dagster, made when they are first needed."""
    if not hasattr(app.state, "dagster"):
        app.state.dagster = http.new_client()
    client: httpx.AsyncClient = app.state.dagster
    return client
