"""Access tokens: JWT of 15 minutes (RFC 9068), made here and checked here.

A token names whoever it speaks for; what they may is read anew at each request, so that a person
who has left, an ended client or a family that was taken back opens nothing, whatever is signed.
"""

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.token_tables import revoked_token
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.services.authorizing import clients, families
from ebook_pipeline.services.authorizing.programs import narrowed
from ebook_pipeline.services.protecting import signing_keys
from ebook_pipeline.services.signing_in import principals

if TYPE_CHECKING:
    from joserfc.jwk import GuestProtocol, RSAKey

LIVES = timedelta(minutes=15)
_LONGEST = 4096
"""Characters; ours have about 900."""
_TYPE = "at+jwt"
_CLOCKS_DIFFER = 30
_TEXTS = ("sub", "jti", "client_id", "scope")


class Spoken(Record):
    """Whom a token is to speak for: a client, in the name of a person where there is one."""

    client: str
    scopes: tuple[str, ...]
    person: str = ""
    family: str = ""


class AccessTokens:
    """The access tokens of one desk, whose address is `issuer`."""

    def __init__(self, database: Database, vault: KeyVault, issuer: str) -> None:
        self._database, self._vault = database, vault
        self.issuer = issuer

    @property
    def audience(self) -> str:
        """Whom tokens are for: the desk's own API."""
        return f"{self.issuer}/api/v1"

    def make(self, spoken: Spoken) -> str:
        """A token that the key of now signs."""
        from joserfc import jwt

        key = signing_keys.signing_key(self._database, self._vault)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": spoken.person or spoken.client,
            "client_id": spoken.client,
            "scope": " ".join(spoken.scopes),
            "iat": now,
            "exp": now + int(LIVES.total_seconds()),
            "jti": uuid.uuid4().hex,
        }
        family = {"family": spoken.family} if spoken.family else {}
        header = {"alg": signing_keys.ALGORITHM, "typ": _TYPE, "kid": key.kid}
        return jwt.encode(header, claims | family, key.key, algorithms=[signing_keys.ALGORITHM])

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """What a token of ours says that holds; None for anything else."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        if len(token) > _LONGEST or token.count(".") != 2:
            return None
        try:
            read = jwt.decode(token, self._key, algorithms=[signing_keys.ALGORITHM])
            self._expected().validate(read.claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            return None
        texts = all(isinstance(read.claims.get(name), str) for name in _TEXTS)
        return read.claims if texts and read.header.get("typ") == _TYPE else None

    def actor(self, token: str) -> Actor | None:
        """Whom the token speaks for, with what they may now; None where it opens nothing."""
        claims = self.claims(token)
        if claims is None:
            return None
        with self._database.begin() as connection:
            return _actor(connection, claims)

    def revoke(self, token: str, client: str) -> bool:
        """Let the token of `client` open nothing any more; whether it was one (RFC 7009)."""
        claims = self.claims(token)
        if claims is None or claims["client_id"] != client:
            return False
        ends_at = datetime.fromtimestamp(claims["exp"], UTC)
        row = insert(revoked_token).values(jti=claims["jti"], ends_at=ends_at)
        with self._database.begin() as connection:
            long_ago = func.now() - LIVES
            connection.execute(delete(revoked_token).where(revoked_token.c.ends_at < long_ago))
            connection.execute(row.on_conflict_do_nothing())
        return True

    def _key(self, token: "GuestProtocol") -> "RSAKey":
        """The key of ours that the token names; what else its header offers is not looked at."""
        from joserfc.jwk import RSAKey

        kid = token.headers().get("kid")
        public = signing_keys.public_keys(self._database).get(kid if isinstance(kid, str) else "")
        if public is None:
            raise ValueError("the token is signed with no key of ours")
        return RSAKey.import_key({name: public[name] for name in ("kty", "n", "e")})

    def _expected(self) -> Any:
        from joserfc.jwt import JWTClaimsRegistry

        return JWTClaimsRegistry(
            leeway=_CLOCKS_DIFFER,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
            iat={"essential": True},
        )


def _actor(connection: Connection, claims: Mapping[str, Any]) -> Actor | None:
    client = clients.active(connection, claims["client_id"])
    if client is None or _is_revoked(connection, claims["jti"]):
        return None
    scopes = frozenset(claims["scope"].split())
    family = claims.get("family")
    if family is None:
        return client.actor(scopes) if claims["sub"] == client.id else None
    if not families.lives(connection, family):
        return None
    person = principals.actor_of(connection, claims["sub"], door="api")
    if person is None:
        return None
    held = narrowed(scopes, client.scopes)
    return person.model_copy(update={"client": client.id, "scopes": held})


def _is_revoked(connection: Connection, jti: str) -> bool:
    here = select(exists().where(revoked_token.c.jti == jti))
    return bool(connection.execute(here).scalar_one())
