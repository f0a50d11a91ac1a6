"""What people let clients do: codes, refresh tokens, and the family in which they all end.

A code works once, and so does a refresh token, which brings the next one. Either that comes again
was copied by somebody: who came first may have been the thief, so the whole family ends. A consent
lasts for so long and no longer, however often it was refreshed; then its person is asked again.

https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
"""

import base64
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, func, insert, select, update

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, account_tables, token_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.authorizing.programs import narrowed
from ebook_pipeline.services.signing_in.tokens import digest, new_token

CODE_LIVES = timedelta(minutes=1)
REFRESH_LIVES = timedelta(days=7)
CONSENT_LASTS = timedelta(days=30)
_KEPT = timedelta(days=30)
"""So long after its end a used token is still known as one, and ends what is left."""
_FAMILY = token_tables.token_family.c
_CODE = token_tables.authorization_code.c
_REFRESH = token_tables.refresh_token.c
_PERSON = account_tables.person.c
_CLIENT = token_tables.oauth_client.c
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class InvalidGrant(Denied):
    """A code or refresh token that gives nothing, or nothing any more."""


class InvalidScope(Denied):
    """More than what was given before."""


class Consent(Record):
    """What a person lets a client do, and where the code goes; `challenge`: of PKCE, by S256."""

    client: str
    person: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str


class CodeProof(Record):
    """What a client shows beside a code: who it is, and what only it can know."""

    client: str
    redirect_uri: str
    verifier: str


class Grant(Record):
    """Tokens may be made for this: of `family`, with the refresh token that brings the next."""

    family: str
    client: str
    person: str
    scopes: tuple[str, ...]
    refresh_token: str


def is_challenge(text: str) -> bool:
    """Whether it can be a challenge by S256: 256 bits in base64url."""
    return _CHALLENGE.fullmatch(text) is not None


def give_code(database: Database, consent: Consent, *, actor: str) -> str:
    """The code that takes the person's consent to the client; it works once, for a minute."""
    code, family = new_token(), uuid.uuid4().hex
    facts = consent.model_dump(include={"client", "person"}) | {"scopes": list(consent.scopes)}
    row = {"family": family, "redirect_uri": consent.redirect_uri, "challenge": consent.challenge}
    with database.begin() as connection:
        audit(connection, actor, "client.allow", "", facts)
        _forget(connection)
        connection.execute(insert(token_tables.token_family).values(id=family, **facts))
        ends = {"digest": digest(code), "ends_at": func.now() + CODE_LIVES}
        connection.execute(insert(token_tables.authorization_code).values(**row, **ends))
    return code


def redeem(
    database: Database, code: str, proof: CodeProof, lasts: timedelta = CONSENT_LASTS
) -> Grant:
    """What the code stands for; a consent `lasts` so long. Raises `InvalidGrant`.

    A code that is shown wrongly is used up all the same; one that comes again ends its family.
    """
    with database.begin() as connection:
        row = _taken(connection, token_tables.authorization_code, code, lasts)
        grant = None
        if row is not None and _proves(row, proof):
            grant = _grant(connection, row, lasts)
        elif row is not None:
            end_family(connection, row["family"], "the code was shown wrongly")
    if grant is None:
        raise InvalidGrant("the code is unknown, used or too old, or another client's")
    return grant


def refresh(
    database: Database,
    token: str,
    client: str,
    scopes: frozenset[str] | None = None,
    lasts: timedelta = CONSENT_LASTS,
) -> Grant:
    """The next tokens for a refresh token. Raises `InvalidGrant`, and `InvalidScope` for more
    than was given; that leaves the token as it is."""
    with database.begin() as connection:
        family = _family_of(connection, token_tables.refresh_token, token)
        if family is None or family["client"] != client:
            raise InvalidGrant("the refresh token is unknown, or another client's")
        if scopes is not None and narrowed(scopes, family["scopes"]) != scopes:
            raise InvalidScope("the scope goes beyond what was given")
        row = _taken(connection, token_tables.refresh_token, token, lasts)
        grant = None if row is None else _grant(connection, row, lasts)
    if grant is None:
        raise InvalidGrant("the refresh token is used or too old, or was taken back")
    return grant if scopes is None else grant.model_copy(update={"scopes": tuple(sorted(scopes))})


def revoke(database: Database, token: str, client: str) -> bool:
    """End the family of a refresh token of `client`; whether it was one (RFC 7009)."""
    with database.begin() as connection:
        family = _family_of(connection, token_tables.refresh_token, token)
        if family is None or family["client"] != client:
            return False
        end_family(connection, family["id"], "revoked by its client")
    return True


def lives(connection: Connection, family: str) -> bool:
    """Whether nobody has ended the family."""
    here = (_FAMILY.id == family) & _FAMILY.ended_at.is_(None)
    return bool(connection.execute(select(exists().where(here))).scalar_one())


def end_family(connection: Connection, family: str, why: str) -> None:
    """Let no token of the family open anything any more."""
    this = update(token_tables.token_family).where(_FAMILY.id == family)
    connection.execute(this.where(_FAMILY.ended_at.is_(None)).values(ended_at=func.now(), why=why))


def _family_of(connection: Connection, table: Table, token: str) -> Mapping[str, Any] | None:
    """The family, locked: whatever else is done to it now waits for us."""
    query = select(token_tables.token_family).join(table, table.c.family == _FAMILY.id)
    locked = query.where(table.c.digest == digest(token)).with_for_update(
        of=token_tables.token_family
    )
    row = connection.execute(locked).mappings().first()
    return None if row is None else dict(row)


def _taken(
    connection: Connection, table: Table, token: str, lasts: timedelta
) -> Mapping[str, Any] | None:
    """The token's row with its family's, used from now on; None where it opens nothing.

    One that was used already ends the family.
    """
    family = _family_of(connection, table, token)
    if family is None:
        return None
    here = table.c.digest == digest(token)
    fresh = update(table).where(here, table.c.used_at.is_(None), table.c.ends_at > func.now())
    taken = connection.execute(fresh.values(used_at=func.now()).returning(*table.c)).mappings()
    row = taken.first()
    if row is None:
        used = select(exists().where(here, table.c.used_at.is_not(None)))
        if connection.execute(used).scalar_one():
            end_family(connection, family["id"], f"a {table.name} came again")
        return None
    if family["ended_at"] is not None or not _stands(connection, family, lasts):
        return None
    return {**family, **row}


def _stands(connection: Connection, family: Mapping[str, Any], lasts: timedelta) -> bool:
    """Neither the person nor the client has gone, and the consent is not too old."""
    young = exists().where(_FAMILY.id == family["id"], _FAMILY.at > func.now() - lasts)
    person = exists().where(_PERSON.login == family["person"], _PERSON.left_at.is_(None))
    client = exists().where(_CLIENT.id == family["client"], _CLIENT.ended_at.is_(None))
    return bool(connection.execute(select(person & client & young)).scalar_one())


def _grant(connection: Connection, row: Mapping[str, Any], lasts: timedelta) -> Grant:
    token = f"ebr_{new_token()}"
    values = {"digest": digest(token), "family": row["family"]}
    consent_ends = select(_FAMILY.at + lasts).where(_FAMILY.id == row["family"]).scalar_subquery()
    ends = func.least(func.now() + REFRESH_LIVES, consent_ends)
    connection.execute(insert(token_tables.refresh_token).values(values | {"ends_at": ends}))
    return Grant(
        family=row["family"],
        client=row["client"],
        person=row["person"],
        scopes=tuple(row["scopes"]),
        refresh_token=token,
    )


def _proves(row: Mapping[str, Any], proof: CodeProof) -> bool:
    """The same client and address as at the consent, and PKCE by S256 (RFC 7636 §4.6)."""
    if row["client"] != proof.client or row["redirect_uri"] != proof.redirect_uri:
        return False
    if _VERIFIER.fullmatch(proof.verifier) is None:
        return False
    hashed = hashlib.sha256(proof.verifier.encode("ascii")).digest()
    challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode("ascii")
    return hmac.compare_digest(challenge, row["challenge"])


def _forget(connection: Connection) -> None:
    """What ended long ago is kept no longer."""
    long_ago = func.now() - _KEPT
    connection.execute(delete(token_tables.authorization_code).where(_CODE.ends_at < long_ago))
    connection.execute(delete(token_tables.refresh_token).where(_REFRESH.ends_at < long_ago))
    empty = ~exists().where(_CODE.family == _FAMILY.id) & ~exists().where(
        _REFRESH.family == _FAMILY.id
    )
    old = delete(token_tables.token_family).where(_FAMILY.at < long_ago, empty)
    connection.execute(old)
