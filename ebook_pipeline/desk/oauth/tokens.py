"""Tokens for clients: the grants of the token endpoint, taking back, and what a token is.

https://www.rfc-editor.org/rfc/rfc6749#section-4, /rfc7009, /rfc7662
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.oauth.parameters import Parameters
from ebook_pipeline.desk.oauth.refusals import OAuthError, Refused
from ebook_pipeline.services.authorizing import families
from ebook_pipeline.services.authorizing.access_tokens import LIVES, AccessTokens, Spoken
from ebook_pipeline.services.authorizing.clients import Client
from ebook_pipeline.services.authorizing.families import (
    CodeProof,
    Grant,
    InvalidGrant,
    InvalidScope,
)
from ebook_pipeline.services.authorizing.programs import narrowed


def access_tokens(context: DeskContext) -> AccessTokens:
    """The tokens of this desk; its public address is their issuer."""
    vault = context.resources.key_vault
    return AccessTokens(context.database, vault, context.addresses.public)


def issue(context: DeskContext, client: Client, sent: Parameters) -> Mapping[str, Any]:
    """The answer of the token endpoint. Raises `Refused`."""
    kind = sent.required("grant_type")
    if kind not in GRANTS:
        raise Refused(OAuthError.UNSUPPORTED_GRANT_TYPE, "there is no such grant here")
    try:
        return GRANTS[kind](context, client, sent)
    except InvalidGrant as error:
        raise Refused(OAuthError.INVALID_GRANT, str(error)) from error
    except InvalidScope as error:
        raise Refused(OAuthError.INVALID_SCOPE, str(error)) from error


def revoke(context: DeskContext, client: Client, sent: Parameters) -> None:
    """Take a token back, and all that came of the same consent; what is none is gone already."""
    token = sent.required("token")
    if not families.revoke(context.database, token, client.id):
        access_tokens(context).revoke(token, client.id)


def introspect(context: DeskContext, client: Client, sent: Parameters) -> Mapping[str, Any]:
    """What an access token of this client is; of anything else only that it opens nothing."""
    token = sent.required("token")
    if client.is_public:
        raise Refused(OAuthError.UNAUTHORIZED_CLIENT, "a public client may not ask")
    tokens = access_tokens(context)
    claims = tokens.claims(token)
    actor = None if claims is None else tokens.actor(token)
    if claims is None or actor is None or claims["client_id"] != client.id:
        return {"active": False}
    scope = " ".join(sorted(actor.scopes or ()))
    told = ("iss", "aud", "sub", "client_id", "iat", "exp", "jti")
    said = {name: claims[name] for name in told}
    return {"active": True, "token_type": "Bearer", "scope": scope, **said}


def _by_secret(context: DeskContext, client: Client, sent: Parameters) -> Mapping[str, Any]:
    """RFC 6749 §4.4: a program in its own name."""
    if client.is_public:
        raise Refused(OAuthError.UNAUTHORIZED_CLIENT, "a public client has no name of its own")
    scopes = requested_scopes(client, sent)
    return _answer(context, Spoken(client=client.id, scopes=scopes))


def _by_code(context: DeskContext, client: Client, sent: Parameters) -> Mapping[str, Any]:
    """RFC 6749 §4.1.3, with RFC 7636."""
    proof = CodeProof(
        client=client.id,
        redirect_uri=sent.required("redirect_uri"),
        verifier=sent.required("code_verifier"),
    )
    code, lasts = sent.required("code"), _consent_lasts(context)
    return _granted(context, families.redeem(context.database, code, proof, lasts))


def _by_refresh(context: DeskContext, client: Client, sent: Parameters) -> Mapping[str, Any]:
    """RFC 6749 §6, with the next refresh token each time."""
    token, lasts = sent.required("refresh_token"), _consent_lasts(context)
    grant = families.refresh(context.database, token, client.id, sent.scopes(), lasts)
    return _granted(context, grant)


GRANTS: Mapping[str, Callable[[DeskContext, Client, Parameters], Mapping[str, Any]]]
GRANTS = MappingProxyType(
    {
        "authorization_code": _by_code,
        "client_credentials": _by_secret,
        "refresh_token": _by_refresh,
    }
)


def requested_scopes(client: Client, sent: Parameters) -> tuple[str, ...]:
    """What the client asks for, all of its own if it says nothing. Raises `Refused` for more."""
    wanted = sent.scopes()
    if wanted is None:
        return client.scopes
    if not wanted or narrowed(wanted, client.scopes) != wanted:
        raise Refused(OAuthError.INVALID_SCOPE, "the scope goes beyond the client's own")
    return tuple(sorted(wanted))


def _consent_lasts(context: DeskContext) -> timedelta:
    return timedelta(days=context.settings.consent_days)


def _granted(context: DeskContext, grant: Grant) -> Mapping[str, Any]:
    spoken = Spoken.model_validate(grant.model_dump(exclude={"refresh_token"}))
    return {**_answer(context, spoken), "refresh_token": grant.refresh_token}


def _answer(context: DeskContext, spoken: Spoken) -> Mapping[str, Any]:
    return {
        "access_token": access_tokens(context).make(spoken),
        "token_type": "Bearer",
        "expires_in": int(LIVES.total_seconds()),
        "scope": " ".join(spoken.scopes),
    }
