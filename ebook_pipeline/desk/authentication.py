"""Who asks: each method looks for a credential of its kind, the first that finds one decides.

A method is a function of a request and the context. It returns None where the request carries no
credential of its kind, the actor where it carries a good one, and raises `not_signed_in` where it
carries a bad one: a bad token never falls through to a cookie. Methods are listed in `METHODS`,
in the order in which they are asked: what a program states (`Authorization`) before what a browser
sends by itself (a cookie). Cookies alone need protection from other sites' pages: desk/csrf.py.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from ebook_pipeline.books.owning.rights import NOBODY, Actor
from ebook_pipeline.desk import basic_authentication, bearer, session_cookie
from ebook_pipeline.desk.context import Context, DeskContext
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.request_ids import request_id

AuthenticationMethod = Callable[[HTTPConnection, DeskContext], Actor | None]

METHODS: tuple[AuthenticationMethod, ...] = (
    bearer.authenticate,
    basic_authentication.authenticate,
    session_cookie.authenticate,
)

_CREDENTIALS = frozenset({"authorization", "cookie"})
"""The headers that methods look at."""


def not_signed_in(detail: str, challenge: str = "Bearer") -> Problem:
    """The problem of a request whose credential is missing or no good.

    `challenge` is RFC 9110's WWW-Authenticate.
    """
    headers = {"WWW-Authenticate": challenge}
    return Problem(HTTPStatus.UNAUTHORIZED, "not-signed-in", detail, headers)


def authenticated(connection: HTTPConnection, context: DeskContext) -> Actor:
    """The actor of this request; `NOBODY` where it carries no credential. Raises `Problem`."""
    for method in METHODS:
        actor = method(connection, context)
        if actor is not None:
            break
    else:
        actor = NOBODY
    return actor.model_copy(update={"request": request_id(connection)})


async def require_somebody(connection: HTTPConnection, context: DeskContext) -> None:
    """Raise `Problem` unless whoever sends this request has signed in, for whatever it is."""
    known = not _CREDENTIALS.isdisjoint(connection.headers.keys())
    actor = await run_in_threadpool(authenticated, connection, context) if known else NOBODY
    if not actor.is_somebody:
        headers = {"WWW-Authenticate": "Bearer", "Connection": "close"}
        detail = "Sign in to send that much."
        raise Problem(HTTPStatus.UNAUTHORIZED, "not-signed-in", detail, headers)


async def current_actor(connection: HTTPConnection, context: Context) -> Actor:
    """The actor, once for a request, remembered for the log.

    Whoever sends nothing is nobody, which asks for no thread and no database.
    """
    if _CREDENTIALS.isdisjoint(connection.headers.keys()):
        actor = NOBODY.model_copy(update={"request": request_id(connection)})
    else:
        actor = await run_in_threadpool(authenticated, connection, context)
    connection.state.actor = actor
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]
