"""An OpenID provider: where it is, what it says of who signed in, and what of that is believed.

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ebook_pipeline.desk.oidc.fetching import ProviderError, fetched
from ebook_pipeline.services.signing_in.identities import Identity
from ebook_pipeline.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""Signatures by a key of the provider alone: no `none`, and nothing that our secret could sign."""
_LONGEST_TOKEN = 16 << 10
_CACHED_SECONDS = 3600.0
_ASK_AGAIN_SECONDS = 30.0
_CLOCKS_DIFFER = 60


@dataclass(frozen=True)
class Attempt:
    """What one browser began: only it holds these, and the answer must fit them."""

    state: str
    nonce: str
    verifier: str
    next: str


@dataclass
class Provider:
    """A provider as the settings name it; its documents are kept for an hour."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def sign_in_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where the browser goes to sign in."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        where = self._endpoint("authorization_endpoint")
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def identity(self, code: str, attempt: Attempt, redirect_uri: str) -> Identity:
        """Who signed in. Raises `ProviderError` for a token that does not prove it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        headers, form = self._authenticated(form)
        answer = fetched("POST", self._endpoint("token_endpoint"), headers, form)
        claims = self.claims(str(answer.get("id_token", "")), attempt.nonce)
        email = claims.get("email")
        verified = claims.get("email_verified") is True and isinstance(email, str)
        return Identity(
            issuer=self.issuer, subject=claims["sub"], email=email if verified else None
        )

    def claims(self, token: str, nonce: str) -> dict[str, Any]:
        """What an ID token says that holds for us, now, and for this attempt (§3.1.3.7)."""
        if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
            raise ProviderError("the provider's token is none, or too long")
        try:
            read = jwt.decode(token, self._keys(), algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, RecursionError):
            read = self._decoded_with_new_keys(token)
        self._check(dict(read.claims), dict(read.header), nonce)
        return dict(read.claims)

    def _check(self, claims: dict[str, Any], header: dict[str, Any], nonce: str) -> None:
        from authlib.oidc.core import CodeIDToken

        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"client_id": self.client_id, "nonce": nonce}
        try:
            CodeIDToken(claims, header, options, params).validate(leeway=_CLOCKS_DIFFER)
        except (JoseError, ValueError, TypeError) as error:
            raise ProviderError(f"the provider's token is refused: {error}") from error
        if claims.get("nonce") != nonce or not isinstance(claims.get("sub"), str):
            raise ProviderError("the provider's token is of another attempt")

    def _decoded_with_new_keys(self, token: str) -> jwt.Token:
        """The provider may have other keys by now; it is asked at most every half minute."""
        try:
            return jwt.decode(token, self._keys(_ASK_AGAIN_SECONDS), algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise ProviderError("the provider's token is signed by no key of its") from error

    def _keys(self, oldest: float = _CACHED_SECONDS) -> KeySet:
        document = self._document(self._endpoint("jwks_uri"), oldest)
        return KeySet.import_key_set(document)  # type: ignore[arg-type]

    def _authenticated(self, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """The client's own proof, as the provider takes it: Basic unless it says otherwise."""
        from authlib.oauth2.auth import encode_client_secret_basic

        ways = self._metadata().get("token_endpoint_auth_methods_supported")
        if isinstance(ways, list) and "client_secret_basic" not in ways:
            own = {"client_id": self.client_id, "client_secret": self.client_secret}
            return {}, form | own
        _, headers, _ = encode_client_secret_basic(self, "POST", "", {}, "")
        return headers, form

    def _endpoint(self, name: str) -> str:
        """An address of the provider's, over TLS where the provider itself is."""
        url = self._metadata().get(name)
        if not isinstance(url, str) or urlsplit(url).scheme not in self._schemes:
            raise ProviderError(f"the provider names no {name} that can be used")
        return url

    @property
    def _schemes(self) -> set[str]:
        return {"https", urlsplit(self.issuer).scheme}

    def _metadata(self) -> dict[str, Any]:
        """OpenID Connect Discovery §4; the issuer in it is the very one that was asked."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        document = self._document(url, _CACHED_SECONDS)
        if document.get("issuer") != self.issuer:
            raise ProviderError("the provider's document is another issuer's")
        return document

    def _document(self, url: str, oldest: float) -> dict[str, Any]:
        with self._lock:
            at, document = self._kept.get(url, (0.0, {}))
            now = self.clock()
            if not document or now - at > oldest:
                document = fetched("GET", url)
                self._kept[url] = (now, document)
            return document


def provider_of(settings: Settings) -> Provider | None:
    """The provider that the settings name; None where they name none."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret):
        return None
    secret = settings.oidc_client_secret.get_secret_value()
    return _kept_provider(settings.oidc_issuer, settings.oidc_client_id, secret)


@cache
def _kept_provider(issuer: str, client_id: str, secret: str) -> Provider:
    """One for the process: its documents are asked for once an hour."""
    return Provider(issuer, client_id, secret)
