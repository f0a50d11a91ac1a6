"""Signing in and out over HTTP for pages of others' making: `/auth/login`, `/auth/logout`.

Programs use OAuth (`/oauth/token`); this gives a browser the session that `/sign-in` gives.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ebook_pipeline.desk import csrf, request_rates, session_cookie
from ebook_pipeline.desk.access import Access, allow, everybody
from ebook_pipeline.desk.context import Context
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.sign_in import begin_session, end_session
from ebook_pipeline.desk.session_cookie import METHOD
from ebook_pipeline.services.signing_in import passwords

router = APIRouter(prefix="/auth", tags=["people"])


class Credentials(BaseModel):
    """A login or confirmed mail address, and its password."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "rita", "password": "correct horse"}]},
    )
    name: str = Field(min_length=1, max_length=254)
    password: SecretStr = Field(max_length=2 * passwords.LONGEST)


class SessionBegun(BaseModel):
    """`csrf_token` goes into the header `X-CSRF-Token` of every change."""

    login: str
    csrf_token: str


@router.post(
    "/login",
    summary="Sign in",
    dependencies=[Depends(everybody("whoever signs in is nobody yet"))],
)
def login(
    wanted: Credentials, request: Request, response: Response, context: Context
) -> SessionBegun:
    """A session's cookie for whom both fit; 403 else, which does not say why.

    JSON alone is taken, which no form of another site can send.
    """
    if {"origin", "sec-fetch-site"} & set(request.headers):
        csrf.require_own_page(request)
    request_rates.check_sign_in(request, context, wanted.name)
    found = passwords.login_by(context.database, wanted.name, wanted.password.get_secret_value())
    if found is None:
        raise Problem(HTTPStatus.FORBIDDEN, "wrong-password", "Name or password is wrong.")
    token = begin_session(request, response, context, found, METHOD)
    return SessionBegun(login=found, csrf_token=session_cookie.form_token(token))


@router.post("/logout", summary="Sign out", status_code=HTTPStatus.NO_CONTENT)
def logout(
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("session", "delete"))],
) -> None:
    """The session of the cookie ends; a token ends at `/oauth/revoke`."""
    end_session(request, response, access.context)
