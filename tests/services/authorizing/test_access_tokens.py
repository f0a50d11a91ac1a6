"""Access tokens: what opens, what does not, whatever is signed or claimed; and the keys of it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import text

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.authorizing import clients, families
from ebook_pipeline.services.authorizing.access_tokens import AccessTokens, Spoken
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.protecting import signing_keys
from ebook_pipeline.services.protecting.rewrapping import rewrap
from ebook_pipeline.services.protecting.sealing import unseal
from tests.support.servers.postgres import rows
from tests.support.services.programs import code_for, proof, web_client

ISSUER = "https://desk.example"
Forge = Callable[..., str]


@pytest.fixture
def vault(tmp_path: Path) -> LocalKeyVault:
    return LocalKeyVault(tmp_path)


@pytest.fixture
def tokens(database: Database, vault: LocalKeyVault) -> AccessTokens:
    return AccessTokens(database, vault, ISSUER)


@pytest.fixture
def client(database: Database) -> str:
    return web_client(database, "book:read", "book:change").client.id


def forged(tokens: AccessTokens, database: Database, vault: LocalKeyVault, client: str) -> Forge:
    """Makes tokens signed by the right key, with a header and claims of one's choice."""
    key = signing_keys.signing_key(database, vault)
    good = jwt.decode(
        tokens.make(Spoken(client=client, scopes=("book:read",))), key.key, ["RS256"]
    ).claims

    def forge(header: dict[str, Any] | None = None, **claims: Any) -> str:
        head = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid} | (header or {})
        said = {name: value for name, value in (good | claims).items() if value is not None}
        return jwt.encode(head, said, key.key, algorithms=["RS256"])

    return forge


def test_a_token_says_what_rfc_9068_asks_for(tokens: AccessTokens, client: str) -> None:
    token = tokens.make(Spoken(client=client, scopes=("book:read",)))
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    claims = tokens.claims(token)
    assert claims is not None
    assert (header["alg"], header["typ"]) == ("RS256", "at+jwt")
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"} <= set(claims)
    assert (claims["exp"] - claims["iat"], claims["aud"]) == (900, f"{ISSUER}/api/v1")


def test_a_clients_own_token_speaks_for_the_client(tokens: AccessTokens, client: str) -> None:
    actor = tokens.actor(tokens.make(Spoken(client=client, scopes=("book:read",))))
    assert actor is not None
    assert (actor.name, actor.login) == (f"client:{client}", "")
    assert actor.scopes == frozenset({"book:read"})


def test_a_persons_token_speaks_for_the_person_with_its_scopes(
    database: Database, tokens: AccessTokens, client: str
) -> None:
    grant = families.redeem(database, code_for(database, client, "book:read"), proof(client))
    spoken = Spoken.model_validate(grant.model_dump(exclude={"refresh_token"}))
    token = tokens.make(spoken)
    actor = tokens.actor(token)
    assert actor is not None
    assert (actor.name, actor.client, actor.scopes) == ("api:eve", client, frozenset({"book:read"}))
    assert actor.memberships
    people.leave(database, "eve", actor="ann")
    assert tokens.actor(token) is None


def test_a_token_of_an_ended_family_opens_nothing(
    database: Database, tokens: AccessTokens, client: str
) -> None:
    grant = families.redeem(database, code_for(database, client), proof(client))
    token = tokens.make(Spoken.model_validate(grant.model_dump(exclude={"refresh_token"})))
    families.revoke(database, grant.refresh_token, client)
    assert tokens.actor(token) is None


def test_a_token_of_an_ended_client_opens_nothing(
    database: Database, tokens: AccessTokens, client: str
) -> None:
    token = tokens.make(Spoken(client=client, scopes=("book:read",)))
    clients.end(database, client, actor="ann")
    assert tokens.actor(token) is None


def test_a_token_is_taken_back_by_its_own_client_alone(
    database: Database, tokens: AccessTokens, client: str
) -> None:
    token = tokens.make(Spoken(client=client, scopes=("book:read",)))
    assert not tokens.revoke(token, web_client(database).client.id)
    assert tokens.actor(token) is not None
    assert tokens.revoke(token, client)
    assert tokens.revoke(token, client)
    assert tokens.actor(token) is None


def test_a_whole_resource_holds_each_of_its_actions(
    database: Database, tokens: AccessTokens
) -> None:
    whole = web_client(database, "book:*", "license:read").client.id
    wanted = ("book:read", "license:issue", "booklet:read", "book:*")
    actor = tokens.actor(tokens.make(Spoken(client=whole, scopes=wanted)))
    assert actor is not None
    assert actor.scopes == frozenset({"book:read", "book:*"})


def test_scopes_beyond_the_clients_own_are_worth_nothing(tokens: AccessTokens, client: str) -> None:
    actor = tokens.actor(tokens.make(Spoken(client=client, scopes=("book:read", "book:purge"))))
    assert actor is not None
    assert actor.scopes == frozenset({"book:read"})


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": "https://desk.example"},
    {"aud": ["https://other.example/api/v1"]},
    {"aud": None},
    {"exp": 1},
    {"exp": None},
    {"exp": "9999999999"},
    {"exp": True},
    {"iat": 99_999_999_999},
    {"iat": None},
    {"nbf": 99_999_999_999},
    {"sub": None},
    {"sub": ["eve"]},
    {"jti": None},
    {"scope": None},
    {"scope": ["book:read"]},
    {"client_id": None},
    {"client_id": 1},
    # Signed well, and yet a client is nobody but itself without a family.
    {"sub": "ann"},
    {"client_id": "c0"},
    {"family": "no"},
]
WRONG_HEADERS: list[dict[str, Any]] = [
    {"typ": "JWT"},
    {"typ": None},
    {"kid": "other"},
    {"kid": ""},
    {"kid": "../../vault/1.key"},
    {"kid": "' OR '1'='1"},
    {"kid": "\0"},
    {"kid": "k" * 2_000},
    {"crit": ["family"]},
]


def test_a_token_with_wrong_claims_opens_nothing(
    database: Database, vault: LocalKeyVault, tokens: AccessTokens, client: str
) -> None:
    forge = forged(tokens, database, vault, client)
    assert tokens.actor(forge()) is not None
    assert [said for said in WRONG_CLAIMS if tokens.actor(forge(**said))] == []


def test_a_token_with_another_header_opens_nothing(
    database: Database, vault: LocalKeyVault, tokens: AccessTokens, client: str
) -> None:
    forge = forged(tokens, database, vault, client)
    unsigned = [_unsigned({"alg": "RS256", "typ": "at+jwt"} | head, {}) for head in WRONG_HEADERS]
    signed = [forge(head) for head in WRONG_HEADERS if not {"crit", "typ"} & set(head)]
    assert [token for token in (*unsigned, *signed) if tokens.actor(token)] == []


def test_no_algorithm_but_ours_opens_anything(
    database: Database, vault: LocalKeyVault, tokens: AccessTokens, client: str
) -> None:
    """alg none, HMAC with the public key as secret, and a key that the token brings along."""
    key = signing_keys.signing_key(database, vault)
    claims = dict(tokens.claims(tokens.make(Spoken(client=client, scopes=("book:read",)))) or {})
    none = _unsigned({"alg": "none", "typ": "at+jwt", "kid": key.kid}, claims)
    head = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
    by_hmac = [
        _hmac(head, claims, public)
        for public in (key.key.as_pem(private=False), json.dumps(key.key.as_dict()).encode())
    ]
    own = RSAKey.generate_key(2048)
    brought = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid, "jwk": own.as_dict(private=False)}
    others = [
        jwt.encode(brought, claims, own, algorithms=["RS256"]),
        jwt.encode({"alg": "RS512", "kid": key.kid}, claims, key.key, algorithms=["RS512"]),
        jwt.encode({"alg": "PS256", "kid": key.kid}, claims, key.key, algorithms=["PS256"]),
        jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("s" * 32), algorithms=["HS256"]),
    ]
    assert [tokens.actor(token) for token in (none, *by_hmac, *others)] == [None] * 7


def test_what_is_no_token_opens_nothing(tokens: AccessTokens) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 3_000).decode()[:4_000]
    odd = ["", ".", "..", "a.b.c", "\0.\0.\0", "é.é.é", "\ud800.a.b", "." * 5_000, "a" * 100_000]
    assert [token for token in (*odd, f"{deep}.a.a") if tokens.actor(token)] == []


def test_a_bit_of_a_token_changed_opens_nothing(tokens: AccessTokens, client: str) -> None:
    token = tokens.make(Spoken(client=client, scopes=("book:read",)))
    for place in range(0, len(token) - 1, 41):  # the last letter has bits that say nothing
        changed = token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]
        assert tokens.claims(changed) is None


def test_a_key_checks_until_its_last_token_has_ended(
    database: Database, vault: LocalKeyVault, tokens: AccessTokens, client: str
) -> None:
    before = tokens.make(Spoken(client=client, scopes=("book:read",)))
    kid = signing_keys.rotate(database, vault, actor="ann")
    after = tokens.make(Spoken(client=client, scopes=("book:read",)))
    assert next(iter(signing_keys.public_keys(database))) == kid
    assert tokens.actor(before) is not None
    assert tokens.actor(after) is not None
    with database.begin() as connection:
        connection.execute(text("UPDATE signing_key SET retired_at = now() - interval '21 min'"
                                " WHERE retired_at IS NOT NULL"))  # fmt: skip
    assert list(signing_keys.public_keys(database)) == [kid]
    assert tokens.actor(before) is None


def test_after_a_leak_old_tokens_are_void_at_once(
    database: Database, vault: LocalKeyVault, tokens: AccessTokens, client: str
) -> None:
    before = tokens.make(Spoken(client=client, scopes=("book:read",)))
    signing_keys.rotate(database, vault, actor="ann", at_once=True)
    assert tokens.actor(before) is None


def test_a_key_that_is_too_old_is_followed_by_itself(
    database: Database, vault: LocalKeyVault
) -> None:
    first = signing_keys.signing_key(database, vault)
    assert signing_keys.signing_key(database, vault).kid == first.kid
    with database.begin() as connection:
        connection.execute(text("UPDATE signing_key SET at = at - interval '31 days'"))
    assert signing_keys.signing_key(database, vault).kid != first.kid
    assert len(signing_keys.public_keys(database)) == 2


def test_racers_make_one_key(database: Database, vault: LocalKeyVault) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda _: signing_keys.signing_key(database, vault).kid, range(4)))
    assert len(set(keys)) == len(rows(database, "SELECT * FROM signing_key")) == 1


def test_the_private_key_is_sealed_and_wrapped_anew_with_the_rest(
    database: Database, vault: LocalKeyVault
) -> None:
    key = signing_keys.signing_key(database, vault)
    [(sealed, public)] = rows(database, "SELECT sealed, public FROM signing_key")
    assert b"PRIVATE KEY" not in bytes(sealed)
    assert set(public) == {"kty", "n", "e", "kid", "use", "alg"}
    with pytest.raises(Denied):
        unseal(vault, {"signing_key": "other"}, bytes(sealed))
    vault.rotate()
    assert rewrap(database, vault, actor="ann").signing_keys == 1
    assert signing_keys.signing_key(database, vault).kid == key.kid


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{_part(header)}.{_part(claims)}."


def _hmac(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    body = f"{_part(header)}.{_part(claims)}"
    mac = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
