"""Signing in at another provider by OpenID Connect, where the settings name one."""

import logging
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from ebook_pipeline.desk import rendering, request_rates, session_cookie
from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.context import Context, DeskContext
from ebook_pipeline.desk.oidc import attempts
from ebook_pipeline.desk.oidc.fetching import ProviderError
from ebook_pipeline.desk.oidc.provider import Provider, provider_of
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.sign_in import own_path, signed_in
from ebook_pipeline.services.signing_in import identities
from ebook_pipeline.services.signing_in.identities import UnknownPerson

METHOD = "oidc"
_LOG = logging.getLogger(__name__)
_LONGEST = 4096
_CALLBACK = "/sign-in/oidc/callback"

router = APIRouter(
    include_in_schema=False, dependencies=[Depends(everybody("whoever signs in is nobody yet"))]
)
Word = Annotated[str, Query(max_length=_LONGEST)]


@router.get("/sign-in/oidc")
def begin(request: Request, context: Context, next: Word = "/") -> Response:
    """To the provider, with what only this browser holds."""
    provider = _provider(context)
    attempt = attempts.new_attempt(own_path(next))
    url = provider.sign_in_url(attempt, _redirect_uri(context))
    answer = RedirectResponse(url, HTTPStatus.SEE_OTHER)
    value = attempts.sealed(context, attempt)
    session_cookie.set_cookie(request, answer, value, attempts.COOKIE)
    return answer


@router.get(_CALLBACK)
def come_back(
    request: Request,
    context: Context,
    state: Word = "",
    code: Word = "",
    error: Word = "",
    iss: Word = "",
) -> Response:
    """A session for the person whom the provider names, if an operator has added them."""
    provider = _provider(context)
    request_rates.check_link(request, context)
    held = request.cookies.get(session_cookie.cookie_name(request, attempts.COOKIE), "")
    attempt = attempts.opened(context, held, state)
    if attempt is None or (iss and iss != provider.issuer):
        return _refused(request, "oidc_attempt", "it was begun in no browser, or in another one")
    if error or not code:
        return _refused(request, "oidc_refused", f"the provider says {error[:100]!r}")
    try:
        identity = provider.identity(code, attempt, _redirect_uri(context))
        login = identities.login_of(context.database, identity)
    except ProviderError as fault:
        return _refused(request, "oidc_refused", str(fault))
    except UnknownPerson as unknown:
        return _refused(request, "oidc_unknown", str(unknown))
    answer = signed_in(request, context, login, METHOD, attempt.next)
    session_cookie.delete_cookie(request, answer, attempts.COOKIE)
    return answer


def _provider(context: DeskContext) -> Provider:
    found = provider_of(context.settings)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such page.")
    return found


def _redirect_uri(context: DeskContext) -> str:
    return f"{context.addresses.public}{_CALLBACK}"


def _refused(request: Request, problem: str, why: str) -> Response:
    """The sign-in page again; the log says why."""
    _LOG.warning("sign-in by OpenID Connect refused: %s", why)
    values = {"next": "/", "name": "", "problem": problem}
    page = rendering.render(request, "sign_in", values, HTTPStatus.FORBIDDEN)
    session_cookie.delete_cookie(request, page, attempts.COOKIE)
    return page
