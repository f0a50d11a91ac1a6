"""Basic authentication (RFC 7617) with an app's password: what every reading app can do.

Not with a person's own password, which apps would keep and send with each request.
"""

import base64
import binascii
from http import HTTPStatus

from starlette.requests import HTTPConnection

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.services.signing_in import app_passwords

CHALLENGE = 'Basic realm="reading apps", charset="UTF-8"'
CLIENTS = "/oauth/"
"""Where HTTP Basic is a client's own, which its routes read (RFC 6749 §2.3.1)."""
_LONGEST = 1000


def authenticate(connection: HTTPConnection, context: DeskContext) -> Actor | None:
    """The person whose app sends this password; None where no Basic credentials are sent.

    Raises `Problem` for bad ones.
    """
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or connection.scope["path"].startswith(CLIENTS):
        return None
    name, separator, text = _decoded(credentials[:_LONGEST]).partition(":")
    actor = app_passwords.actor_by(context.database, name, text) if separator else None
    if actor is None:
        detail = "The name or the app's password is wrong: make one on your page of the desk."
        headers = {"WWW-Authenticate": CHALLENGE}
        raise Problem(HTTPStatus.UNAUTHORIZED, "not-signed-in", detail, headers)
    return actor


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
