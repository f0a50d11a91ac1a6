"""What a program states in `Authorization: Bearer`: an API key, or an access token (RFC 6750)."""

from http import HTTPStatus

from starlette.requests import HTTPConnection

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.oauth.tokens import access_tokens
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.services.authorizing import api_keys


def authenticate(connection: HTTPConnection, context: DeskContext) -> Actor | None:
    """The program, or the person whom it speaks for; None where nobody says Bearer.

    Raises `Problem` for what opens nothing.
    """
    scheme, _, word = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    text = word.strip()
    if text.startswith(api_keys.PREFIX):
        actor = api_keys.actor_by(context.database, text)
    else:
        actor = access_tokens(context).actor(text)
    if actor is None:
        raise _invalid_token(context)
    return actor


def _invalid_token(context: DeskContext) -> Problem:
    """RFC 6750 §3.1; where to get a good one by RFC 9728 §5.1."""
    where = f"{context.addresses.public}/.well-known/oauth-protected-resource/api/v1"
    challenge = f'Bearer error="invalid_token", resource_metadata="{where}"'
    detail = "The token or key opens nothing, or nothing any more."
    return Problem(
        HTTPStatus.UNAUTHORIZED, "invalid-token", detail, {"WWW-Authenticate": challenge}
    )
