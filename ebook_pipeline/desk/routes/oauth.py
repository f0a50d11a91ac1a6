"""OAuth 2.0 over HTTP: consent, tokens, taking them back, and the documents that say where."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from ebook_pipeline.desk import rendering, session_cookie
from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.authentication import CurrentActor
from ebook_pipeline.desk.context import Context, DeskContext
from ebook_pipeline.desk.oauth import tokens
from ebook_pipeline.desk.oauth.consent import Asking, asking
from ebook_pipeline.desk.oauth.parameters import Parameters, client_of, form, parameters
from ebook_pipeline.desk.oauth.refusals import NO_STORE, OAuthError, Refused, way_back
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.services.authorizing import families
from ebook_pipeline.services.authorizing.clients import Client
from ebook_pipeline.services.authorizing.programs import all_scopes
from ebook_pipeline.services.protecting import signing_keys

router = APIRouter(
    prefix="/oauth",
    include_in_schema=False,
    dependencies=[Depends(everybody("a client proves itself, a person is asked"))],
)
documents = APIRouter(
    include_in_schema=False, dependencies=[Depends(everybody("what programs must know"))]
)
Sent = Annotated[Parameters | Refused, Depends(form)]
_MINUTES = {"Cache-Control": "public, max-age=300"}


@router.post("/token")
def token(request: Request, context: Context, sent: Sent) -> Response:
    """Tokens for a code, a refresh token or a client's own secret."""
    return _answered(request, context, sent, tokens.issue)


@router.post("/revoke")
def revoke(request: Request, context: Context, sent: Sent) -> Response:
    """A token taken back (RFC 7009)."""
    return _answered(request, context, sent, tokens.revoke)


@router.post("/introspect")
def introspect(request: Request, context: Context, sent: Sent) -> Response:
    """What a token is (RFC 7662)."""
    return _answered(request, context, sent, tokens.introspect)


@router.get("/authorize")
def ask(request: Request, context: Context, actor: CurrentActor) -> Response:
    """The page that asks a person whether a client may act for them."""
    asked = _asking(context, request.query_params.multi_items())
    try:
        consent = asked.consent(actor.login)
    except Refused as refused:
        return _sent_back(context, asked, refused)
    if not session_cookie.is_by_cookie(request):
        here = f"{request.url.path}?{request.url.query}"
        page = f"/sign-in?next={quote(here, safe='')}"
        return RedirectResponse(page, HTTPStatus.SEE_OTHER, NO_STORE)
    values = {
        "client": asked.client.name,
        "account": asked.client.account,
        "address": asked.redirect_uri,
        "login": actor.login,
        "scopes": sorted(consent.scopes),
        "fields": asked.fields,
    }
    headers = {"Content-Security-Policy": asked.content_policy}
    return rendering.render(request, "consent", values, headers=headers)


@router.post("/authorize")
def decide(request: Request, context: Context, actor: CurrentActor, sent: Sent) -> Response:
    """The person's answer: a code for the client, or none. A program can't give it."""
    if not session_cookie.is_by_cookie(request):
        raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", "A person decides this, in a browser.")
    if isinstance(sent, Refused):
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid", str(sent))
    asked = _asking(context, list(sent.items()))
    try:
        consent = asked.consent(actor.login)
        _require_allowed(sent)
    except Refused as refused:
        return _sent_back(context, asked, refused)
    code = families.give_code(context.database, consent, actor=actor.name)
    issuer = context.addresses.public
    return way_back(asked.redirect_uri, issuer, sent.get("state"), code=code)


@router.get("/jwks.json")
def key_set(context: Context) -> Response:
    """The keys that check access tokens (RFC 7517)."""
    signing_keys.signing_key(context.database, context.resources.key_vault)  # there is one
    keys = list(signing_keys.public_keys(context.database).values())
    return JSONResponse({"keys": keys}, headers=_MINUTES)


@documents.get("/.well-known/oauth-authorization-server")
def describe_server(context: Context) -> Response:
    """Where what is (RFC 8414)."""
    issuer = context.addresses.public
    ways = ["client_secret_basic", "client_secret_post"]
    document = {
        "issuer": issuer,
        **{
            f"{name}_endpoint": f"{issuer}/oauth/{path}"
            for name, path in (
                ("authorization", "authorize"),
                ("token", "token"),
                ("revocation", "revoke"),
                ("introspection", "introspect"),
            )
        },
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        "scopes_supported": sorted(all_scopes()),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": sorted(tokens.GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*ways, "none"],
        "revocation_endpoint_auth_methods_supported": [*ways, "none"],
        "introspection_endpoint_auth_methods_supported": ways,
        "authorization_response_iss_parameter_supported": True,
    }
    return JSONResponse(document, headers=_MINUTES)


@documents.get("/.well-known/oauth-protected-resource/api/v1")
def describe_resource(context: Context) -> Response:
    """Whose tokens the API takes (RFC 9728)."""
    issued = tokens.access_tokens(context)
    document = {
        "resource": issued.audience,
        "authorization_servers": [issued.issuer],
        "jwks_uri": f"{issued.issuer}/oauth/jwks.json",
        "scopes_supported": sorted(all_scopes()),
        "bearer_methods_supported": ["header"],
    }
    return JSONResponse(document, headers=_MINUTES)


def _answered(
    request: Request,
    context: DeskContext,
    sent: Parameters | Refused,
    do: Callable[[DeskContext, Client, Parameters], Mapping[str, Any] | None],
) -> Response:
    """What `do` gives to the client that proves itself, or why not."""
    try:
        if isinstance(sent, Refused):
            raise sent
        client = client_of(context.database, sent, request.headers)
        return JSONResponse(do(context, client, sent) or {}, headers=NO_STORE)
    except Refused as refused:
        return refused.response()


def _asking(context: DeskContext, pairs: list[tuple[str, str]]) -> Asking:
    """Who asks. Raises `Problem` where that is not known: nobody is sent anywhere."""
    try:
        asked = asking(context, parameters(pairs))
    except Refused as refused:
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid", str(refused)) from refused
    if asked is None:
        detail = "No such program is known here, or not at that address."
        raise Problem(HTTPStatus.BAD_REQUEST, "unknown-client", detail)
    return asked


def _require_allowed(sent: Parameters) -> None:
    if sent.get("decision") != "allow":
        raise Refused(OAuthError.ACCESS_DENIED, "the person does not want it")


def _sent_back(context: DeskContext, asked: Asking, refused: Refused) -> Response:
    said = {"error": refused.error.value, "error_description": str(refused)}
    issuer = context.addresses.public
    return way_back(asked.redirect_uri, issuer, asked.sent.get("state"), **said)
