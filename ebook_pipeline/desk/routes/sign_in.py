"""Signing in and out in a browser, by login or confirmed mail address and password."""

import logging
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from ebook_pipeline.desk import csrf, looks, rendering, request_rates, session_cookie
from ebook_pipeline.desk.access import Access, allow, everybody
from ebook_pipeline.desk.authentication import CurrentActor
from ebook_pipeline.desk.context import Context, DeskContext
from ebook_pipeline.desk.session_cookie import METHOD
from ebook_pipeline.services.profiles import profiles
from ebook_pipeline.services.signing_in import passwords, sessions
from ebook_pipeline.services.signing_in.passwords import LONGEST

_LOG = logging.getLogger(__name__)
_LONGEST_NAME = 254
_LONGEST_PATH = 2000

Name = Annotated[str, Form(max_length=_LONGEST_NAME)]
Password = Annotated[str, Form(max_length=2 * LONGEST)]
Next = Annotated[str, Form(max_length=_LONGEST_PATH)]

router = APIRouter(include_in_schema=False, dependencies=[Depends(csrf.check_form)])
_ANYBODY = [Depends(everybody("whoever signs in is nobody yet"))]


@router.get("/sign-in", dependencies=_ANYBODY)
def show_sign_in(request: Request, actor: CurrentActor, next: str = "/") -> Response:
    """The form, or where somebody goes who has signed in already."""
    if actor.login:
        return rendering.see_other(own_path(next))
    return rendering.render(request, "sign_in", {"next": own_path(next), "name": ""})


@router.post("/sign-in", dependencies=_ANYBODY)
def sign_in(
    request: Request, context: Context, name: Name, password: Password, next: Next = "/"
) -> Response:
    """A session for whom name and password fit; else the form again, which does not say why."""
    request_rates.check_sign_in(request, context, name)
    login = passwords.login_by(context.database, name, password)
    if login is None:
        _LOG.warning("a sign-in from %s was refused", request_rates.address_of(request))
        values = {"next": own_path(next), "name": name, "problem": "wrong_password"}
        return rendering.render(request, "sign_in", values, HTTPStatus.UNAUTHORIZED)
    return signed_in(request, context, login, METHOD, own_path(next))


@router.post("/sign-out")
def sign_out(
    request: Request,
    context: Context,
    _: Annotated[Access, Depends(allow("session", "delete"))],
) -> Response:
    """End this browser's session, here and in the database."""
    page = rendering.render(request, "done", {"what": "signed_out"})
    end_session(request, page, context)
    return page


def signed_in(
    request: Request, context: DeskContext, login: str, method: str, path: str
) -> Response:
    """Take `login`, who has just proven who they are, to `path` in a new session."""
    answer = rendering.see_other(path)
    begin_session(request, answer, context, login, method)
    session_cookie.delete_cookie(request, answer, rendering.FORM_COOKIE)
    return answer


def begin_session(
    request: Request, response: Response, context: DeskContext, login: str, method: str
) -> str:
    """Leave a new session of `login`'s in the browser, and how their pages look; its token.

    What the browser held before ends with it: nobody else has the new one.
    """
    before = session_cookie.session_token(request)
    with context.database.begin() as connection:
        token = sessions.begin(connection, login, method, context.sessions)
        sessions.end(connection, before)
    session_cookie.set_cookie(request, response, token)
    looks.leave(request, response, profiles.profile(context.database, login))
    return token


def end_session(request: Request, response: Response, context: DeskContext) -> None:
    """End the browser's session, here and in the database."""
    with context.database.begin() as connection:
        sessions.end(connection, session_cookie.session_token(request))
    session_cookie.delete_cookie(request, response)
    looks.forget(request, response)


def own_path(path: str) -> str:
    """`path` where it is a page of ours, else the first one: ``//host`` is another host's."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
