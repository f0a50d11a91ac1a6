"""A sign-in that has begun: sealed in a cookie of the browser that began it, and nowhere else.

Nothing is stored for who only begins. The cookie is encrypted under a secret of the house, so its
holder can neither read the verifier nor make one.

https://openid.net/specs/openid-connect-core-1_0.html#NonceNotes
"""

import hmac
import json
import time
from dataclasses import asdict

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.oidc.provider import Attempt
from ebook_pipeline.services.protecting.content_keys import named_secret
from ebook_pipeline.services.signing_in.tokens import new_token

COOKIE = "ebooks-oidc"
SECRET = "sign-in attempts"  # noqa: S105 - a name
_LIVES_SECONDS = 600
_LONGEST = 4000
_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = list(_HEADER.values())


def new_attempt(path: str) -> Attempt:
    """An attempt that leads to `path`, a page of ours."""
    return Attempt(state=new_token(), nonce=new_token(), verifier=new_token(), next=path)


def sealed(context: DeskContext, attempt: Attempt) -> str:
    """The cookie's value; it is good for ten minutes."""
    body = {**asdict(attempt), "ends": int(time.time()) + _LIVES_SECONDS}
    return jwe.encrypt_compact(_HEADER, json.dumps(body), _key(context), algorithms=_ALGORITHMS)


def opened(context: DeskContext, cookie: str, state: str) -> Attempt | None:
    """The attempt of this browser that `state` belongs to; None where there is none."""
    if not cookie or len(cookie) > _LONGEST:
        return None
    try:
        read = jwe.decrypt_compact(cookie, _key(context), algorithms=_ALGORITHMS)
        body = json.loads(read.plaintext or b"")
    except (JoseError, ValueError, TypeError, RecursionError):
        return None
    fits = hmac.compare_digest(str(body["state"]).encode(), state.encode("utf-8", "replace"))
    if not fits or body.pop("ends") < time.time():
        return None
    return Attempt(**body)


def _key(context: DeskContext) -> OctKey:
    secret = named_secret(context.database, context.resources.key_vault, SECRET)
    return OctKey.import_key(secret.reveal())
