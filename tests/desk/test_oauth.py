"""Tokens over HTTP: Authlib's client and joserfc judge what the desk issues, and thieves try."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from ebook_pipeline.services.authorizing.clients import NewClient
from tests.support.desk import ORIGIN, Desk
from tests.support.servers.asgi import served
from tests.support.services.programs import CALLBACK, CHALLENGE, VERIFIER, web_client

ASKED = {
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "person:read",
    "state": "s1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
READ_ME = "/api/v1/me"


@pytest.fixture
def client(desk: Desk) -> NewClient:
    return web_client(desk.database, "person:read", "book:read")


def judge(port: int, client: NewClient, **more: Any) -> Any:
    """Authlib's own client of the desk at `port`."""
    session = OAuth2Client(client.client.id, client.secret, redirect_uri=CALLBACK, **more)
    session.base_url = f"http://127.0.0.1:{port}"
    return session


def allowed(
    desk: Desk, browser: TestClient, client: NewClient, decision: str = "allow", **other: str
) -> Mapping[str, str]:
    """What the client is sent when the person in `browser` has decided."""
    asked = {**ASKED, "client_id": client.client.id, **other}
    form = asked | {"decision": decision}
    answer = browser.post("/oauth/authorize", data=form, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(where.query).items()}


def exchanged(desk: Desk, client: NewClient, code: str, **other: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **other,
    }
    return posted(desk, client, form)


def posted(
    desk: Desk, client: NewClient, form: Mapping[str, str], path: str = "/oauth/token"
) -> Any:
    return desk.nobody().post(path, data=dict(form), auth=(client.client.id, str(client.secret)))


def test_the_documents_are_what_rfc_8414_and_9728_ask_for(desk: Desk) -> None:
    program = desk.nobody()
    server = program.get("/.well-known/oauth-authorization-server").json()
    over_tls = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in server.items()
    }
    AuthorizationServerMetadata(over_tls).validate()  # a laptop's desk has no TLS
    assert server["issuer"] == ORIGIN
    assert server["code_challenge_methods_supported"] == ["S256"]
    resource = program.get("/.well-known/oauth-protected-resource/api/v1").json()
    assert resource["authorization_servers"] == [ORIGIN]


def test_a_program_gets_a_token_in_its_own_name(desk: Desk, client: NewClient) -> None:
    with served(desk.app) as port, judge(port, client) as session:
        token = session.fetch_token("/oauth/token", grant_type="client_credentials")
    keys = KeySet.import_key_set(desk.nobody().get("/oauth/jwks.json").json())
    read = jwt.decode(token["access_token"], keys, algorithms=["RS256"])
    assert (read.header["typ"], read.claims["sub"]) == ("at+jwt", client.client.id)
    assert (token["token_type"], token["expires_in"], "refresh_token" in token) == (
        "Bearer",
        900,
        False,
    )


def test_a_person_lets_a_program_act_which_refreshes_and_is_stopped(
    desk: Desk, client: NewClient
) -> None:
    """Consent page, code, PKCE, refresh and revocation, by Authlib's client."""
    scope = {"scope": "person:read", "code_challenge_method": "S256"}
    with served(desk.app) as port, judge(port, client, **scope) as session:
        url, _ = session.create_authorization_url("/oauth/authorize", code_verifier=VERIFIER)
        browser = desk.browser("eve")
        page = browser.get(url, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert {"A shop", "person:read", CALLBACK} <= set(re.split(r"[<>]", page.text))
        sent = allowed(desk, browser, client, state="s2")
        assert (sent["state"], sent["iss"]) == ("s2", ORIGIN)
        token = session.fetch_token("/oauth/token", code=sent["code"], code_verifier=VERIFIER)
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        assert desk.nobody(**bearer).get(READ_ME).json()["login"] == "eve"
        fresh = session.refresh_token("/oauth/token", token["refresh_token"])
        assert fresh["refresh_token"] != token["refresh_token"]
        told = session.introspect_token("/oauth/introspect", fresh["access_token"]).json()
        assert (told["active"], told["sub"], told["scope"]) == (True, "eve", "person:read")
        revoked = session.revoke_token("/oauth/revoke", fresh["refresh_token"])
        assert revoked.status_code == 200
    for gone in (token, fresh):
        bearer = {"Authorization": f"Bearer {gone['access_token']}"}
        assert desk.nobody(**bearer).get(READ_ME).status_code == 401


def test_a_token_may_no_more_than_its_scope(desk: Desk, client: NewClient) -> None:
    code = allowed(desk, desk.browser("eve"), client, scope="book:read")["code"]
    token = exchanged(desk, client, code).json()["access_token"]
    refused = desk.nobody(Authorization=f"Bearer {token}").get(READ_ME)
    assert refused.status_code == 403


def test_who_is_not_signed_in_is_asked_to_and_comes_back(desk: Desk, client: NewClient) -> None:
    asked = {**ASKED, "client_id": client.client.id}
    answer = desk.nobody().get("/oauth/authorize", params=asked, follow_redirects=False)
    where = urlsplit(answer.headers["Location"])
    assert (answer.status_code, where.netloc, where.path) == (303, "", "/sign-in")
    back = urlsplit(parse_qs(where.query)["next"][0])
    assert (back.path, parse_qs(back.query)["state"]) == ("/oauth/authorize", ["s1"])


def test_a_person_may_say_no(desk: Desk, client: NewClient) -> None:
    sent = allowed(desk, desk.browser("eve"), client, decision="deny")
    assert (sent["error"], sent["state"], "code" in sent) == ("access_denied", "s1", False)


def test_the_page_can_be_sent_by_no_other_site_and_framed_by_none(
    desk: Desk, client: NewClient
) -> None:
    browser = desk.browser("eve")
    asked = {**ASKED, "client_id": client.client.id, "decision": "allow"}
    page = browser.get("/oauth/authorize", params=asked)
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://shop.example;" in policy
    for foreign in ({"Origin": "https://evil.example"}, {"X-CSRF-Token": "x"}):
        answer = browser.post("/oauth/authorize", data=asked, headers=foreign)
        assert answer.status_code == 403


def test_a_program_gives_itself_no_consent(desk: Desk, client: NewClient) -> None:
    code = allowed(desk, desk.browser("eve"), client)["code"]
    token = exchanged(desk, client, code).json()["access_token"]
    program = desk.nobody(Authorization=f"Bearer {token}")
    asked = {**ASKED, "client_id": client.client.id, "decision": "allow"}
    assert program.post("/oauth/authorize", data=asked).status_code == 403


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "c0"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": f"{CALLBACK}/../x"},
        {"redirect_uri": ""},
        {"redirect_uri": f"{CALLBACK}\0"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_clients(
    desk: Desk, client: NewClient, other: dict[str, str]
) -> None:
    asked = {**ASKED, "client_id": client.client.id, **other}
    answer = desk.browser("eve").get("/oauth/authorize", params=asked, follow_redirects=False)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_what_stands_twice_is_refused(desk: Desk, client: NewClient) -> None:
    query = urlencode({**ASKED, "client_id": client.client.id})
    twice = f"/oauth/authorize?{query}&redirect_uri=https%3A%2F%2Fevil.example"
    assert desk.browser("eve").get(twice, follow_redirects=False).status_code == 400
    body = "grant_type=client_credentials&scope=book%3Aread&scope=person%3Aread"
    answer = desk.nobody().post(
        "/oauth/token",
        content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=(client.client.id, str(client.secret)),
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),  # plain, by RFC 7636
        ({"scope": "book:purge"}, "invalid_scope"),
        ({"scope": "book:*"}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
    ],
)
def test_what_is_asked_for_wrongly_comes_back_as_an_error(
    desk: Desk, client: NewClient, other: dict[str, str], error: str
) -> None:
    sent = allowed(desk, desk.browser("eve"), client, **other)
    assert (sent["error"], sent["iss"], "code" in sent) == (error, ORIGIN, False)


def test_a_stolen_code_is_worth_nothing_without_the_verifier(desk: Desk, client: NewClient) -> None:
    other = web_client(desk.database, "person:read")
    for thief, said in (
        (client, {"code_verifier": "w" * 43}),
        (client, {"code_verifier": CHALLENGE}),
        (client, {"redirect_uri": "https://evil.example/"}),
        (other, {}),
    ):
        code = allowed(desk, desk.browser("eve"), client)["code"]
        assert exchanged(desk, thief, code, **said).json()["error"] == "invalid_grant"
        assert exchanged(desk, client, code).json()["error"] == "invalid_grant"


def test_a_code_that_comes_again_ends_the_tokens_that_it_brought(
    desk: Desk, client: NewClient
) -> None:
    code = allowed(desk, desk.browser("eve"), client)["code"]
    token = exchanged(desk, client, code).json()["access_token"]
    assert exchanged(desk, client, code).json()["error"] == "invalid_grant"
    assert desk.nobody(Authorization=f"Bearer {token}").get(READ_ME).status_code == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "book:purge"}, 400, "invalid_scope"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "other"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_secret": "x"}, 400, "invalid_request"),
        ({"grant_type": "x" * 5_000}, 400, "invalid_request"),
    ],
)
def test_what_brings_no_token_says_why(
    desk: Desk, client: NewClient, form: dict[str, str], status: int, error: str
) -> None:
    answer = posted(desk, client, form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_that_does_not_prove_itself_gets_nothing(desk: Desk, client: NewClient) -> None:
    form = {"grant_type": "client_credentials"}
    program = desk.nobody()
    wrong = [
        program.post("/oauth/token", data=form, auth=(client.client.id, "wrong")),
        program.post("/oauth/token", data=form, auth=("c0", "wrong")),
        program.post("/oauth/token", data={**form, "client_id": client.client.id}),
        program.post("/oauth/token", data=form, headers={"Authorization": "Basic %"}),
        program.post("/oauth/token", data=form, headers={"Authorization": "Basic AAAA"}),
    ]
    assert [(one.status_code, one.json()["error"]) for one in wrong] == [
        (401, "invalid_client")
    ] * 5
    by_form = {**form, "client_id": client.client.id, "client_secret": str(client.secret)}
    assert program.post("/oauth/token", data=by_form).status_code == 200
    assert program.post("/oauth/token", json=by_form).json()["error"] == "invalid_request"
    assert program.get("/oauth/token").status_code == 405


def test_others_tokens_are_neither_told_about_nor_taken_back(desk: Desk, client: NewClient) -> None:
    other = web_client(desk.database, "person:read")
    token = posted(desk, client, {"grant_type": "client_credentials"}).json()["access_token"]
    told = posted(desk, other, {"token": token}, "/oauth/introspect")
    assert told.json() == {"active": False}
    assert posted(desk, other, {"token": token}, "/oauth/revoke").status_code == 200
    assert posted(desk, client, {"token": token}, "/oauth/introspect").json()["active"]
    assert posted(desk, client, {"token": token}, "/oauth/revoke").status_code == 200
    assert not posted(desk, client, {"token": token}, "/oauth/introspect").json()["active"]
    assert posted(desk, client, {"token": "junk"}, "/oauth/revoke").status_code == 200


def test_a_bad_token_never_falls_through_to_a_cookie(desk: Desk) -> None:
    browser = desk.browser("eve")
    assert browser.get(READ_ME).status_code == 200
    for bad in ("x", "ebk_x", "a.b.c", ""):
        answer = browser.get(READ_ME, headers={"Authorization": f"Bearer {bad}"})
        assert (answer.status_code, "invalid_token" in answer.headers["WWW-Authenticate"]) == (
            401, True,
        )  # fmt: skip
