"""What a client sends: each parameter once, from a form, and who it is.

https://www.rfc-editor.org/rfc/rfc6749#section-3.2
"""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote_plus

from starlette.requests import Request

from ebook_pipeline.desk.oauth.refusals import OAuthError, Refused
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.authorizing import clients
from ebook_pipeline.services.authorizing.clients import Client

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 16 << 10
_MOST_FIELDS = 50
_LONGEST_VALUE = 4096


class Parameters(dict[str, str]):
    """Parameters by name; those without a value are not there (RFC 6749 §3.1)."""

    def required(self, name: str) -> str:
        """The parameter. Raises `Refused` where it is missing."""
        if name not in self:
            raise Refused(OAuthError.INVALID_REQUEST, f"{name} is missing")
        return self[name]

    def scopes(self) -> frozenset[str] | None:
        """What is asked for; None where nothing is said."""
        return frozenset(self["scope"].split()) if "scope" in self else None


async def form(request: Request) -> Parameters | Refused:
    """The parameters of a POST, or why they can't be read: a dependency raises nothing of ours."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM:
        return Refused(OAuthError.INVALID_REQUEST, f"send a form: {FORM}")
    sent = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    try:
        return parameters([(name, str(value)) for name, value in sent.multi_items()])
    except Refused as refused:
        return refused


def parameters(pairs: list[tuple[str, str]]) -> Parameters:
    """Pairs as parameters. Raises `Refused` where one stands there twice, or is too long."""
    read = Parameters()
    for name, value in pairs:
        if name in read:
            raise Refused(OAuthError.INVALID_REQUEST, "a parameter stands there twice")
        if len(value) > _LONGEST_VALUE or "\0" in value:
            raise Refused(OAuthError.INVALID_REQUEST, "a parameter is too long")
        read[name] = value
    return Parameters({name: value for name, value in read.items() if value})


def client_of(database: Database, sent: Parameters, headers: Mapping[str, str]) -> Client:
    """Who asks: by HTTP Basic, or by the form; never by both. Raises `Refused`."""
    basic = _basic(headers.get("authorization", ""))
    if basic is None:
        identity, secret = sent.required("client_id"), sent.get("client_secret")
    else:
        identity, secret = basic
        if "client_secret" in sent or sent.get("client_id", identity) != identity:
            raise Refused(OAuthError.INVALID_REQUEST, "the client says in two ways who it is")
    found = clients.authenticated(database, identity, secret)
    if found is None:
        raise Refused(OAuthError.INVALID_CLIENT, "the client is unknown, or its secret wrong")
    return found


def _basic(header: str) -> tuple[str, str] | None:
    """Id and secret, each encoded as in a form (RFC 6749 §2.3.1); None where nobody says Basic."""
    scheme, _, word = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(word.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Refused(OAuthError.INVALID_CLIENT, "Authorization can't be read") from error
    identity, _, secret = text.partition(":")
    return unquote_plus(identity).replace("\0", ""), unquote_plus(secret)
