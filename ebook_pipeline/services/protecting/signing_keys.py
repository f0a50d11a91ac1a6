"""What access tokens are signed with: RSA keys whose private half only the vault opens.

One key signs; those before it check, as long as tokens that they signed live. RS256, since whoever
reads tokens must know it (RFC 9068 §2.1), and every partner's library does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, text, update

from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.token_tables import signing_key as table
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.protecting.sealing import seal, unseal

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
CHECKS_FOR = timedelta(minutes=20)
"""How long a retired key checks: longer than a token lives, and clocks differ."""
LASTS = timedelta(days=30)
"""How long a key signs before the next one is made by itself."""
_BITS = 2048
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('signing key', 0))")
_CURRENT = table.c.retired_at.is_(None)
_CHECKS = _CURRENT | (table.c.retired_at > func.now() - CHECKS_FOR)


@dataclass(frozen=True)
class SigningKey:
    """The key that signs now; `kid` is what tokens and the key set call it."""

    kid: str
    key: "RSAKey"


def signing_key(database: Database, vault: KeyVault) -> SigningKey:
    """The key that signs now, made where there is none or it is too old; racers get the same."""
    with database.begin() as connection:
        row = _current(connection)
        if row is None:
            connection.execute(_ONE_AT_A_TIME)
            row = _current(connection) or _next(connection, vault)
    return SigningKey(row["kid"], _opened(vault, row))


def rotate(database: Database, vault: KeyVault, *, actor: str, at_once: bool = False) -> str:
    """Sign with a new key from now on; its kid. `at_once`: what the old ones signed is void."""
    with database.begin() as connection:
        connection.execute(_ONE_AT_A_TIME)
        if at_once:
            gone = func.now() - CHECKS_FOR
            connection.execute(update(table).where(_CHECKS).values(retired_at=gone))
        made = _next(connection, vault)
        detail = {"kid": made["kid"], "at_once": at_once}
        audit(connection, actor, "signing_key.rotate", "", detail)
    return str(made["kid"])


def public_keys(database: Database) -> dict[str, dict[str, Any]]:
    """The JWK of every key that checks tokens, by kid, the newest first."""
    query = select(table.c.kid, table.c.public).where(_CHECKS).order_by(table.c.at.desc())
    with database.begin() as connection:
        return {kid: dict(public) for kid, public in connection.execute(query)}


def signing_key_context(kid: str) -> dict[str, str]:
    """What binds a sealed private key to its name."""
    return {"signing_key": kid}


def _current(connection: Connection) -> Mapping[str, Any] | None:
    young = _CURRENT & (table.c.at > func.now() - LASTS)
    query = select(table.c.kid, table.c.sealed).where(young).order_by(table.c.at.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _next(connection: Connection, vault: KeyVault) -> Mapping[str, Any]:
    """A new key; the one before it signs no more."""
    from joserfc.jwk import RSAKey

    connection.execute(update(table).where(_CURRENT).values(retired_at=func.now()))
    key = RSAKey.generate_key(_BITS)
    kid = key.thumbprint()  # RFC 7638
    private = Secret(key.as_pem(private=True))
    sealed = seal(vault, signing_key_context(kid), private)
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
    row = {"kid": kid, "public": public, "sealed": sealed}
    connection.execute(insert(table).values(row))
    return row


def _opened(vault: KeyVault, row: Mapping[str, Any]) -> "RSAKey":
    from joserfc.jwk import RSAKey

    private = unseal(vault, signing_key_context(row["kid"]), bytes(row["sealed"]))
    return RSAKey.import_key(private.reveal())
