"""Sign-in by OpenID Connect: whom the provider names comes in, and no token of a liar's does."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.desk.oidc import provider
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.account_tables import person
from ebook_pipeline.services.owning import people
from tests.support.desk import ORIGIN, Desk, open_desk
from tests.support.servers.asgi import served
from tests.support.servers.postgres import rows

CLIENT, SECRET = "desk", "s" * 40
KEY = RSAKey.generate_key(2048, {"kid": "k1"})
BEGIN, BACK = "/sign-in/oidc?next=/dagster/", "/sign-in/oidc/callback"


@dataclass
class FakeProvider:
    """A provider that says whatever a test wants it to."""

    issuer: str = ""
    email: str = "eve@example.org"
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    token: Callable[[dict[str, Any]], str] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    documents: int = 0

    def app(self) -> Starlette:
        paths: dict[str, Any] = {
            "/.well-known/openid-configuration": self.describe,
            "/jwks": self.keys,
            "/token": self.exchange,
        }
        return Starlette(
            routes=[Route(path, do, methods=["GET", "POST"]) for path, do in paths.items()]
        )

    async def describe(self, _: Request) -> Response:
        self.documents += 1
        names = {"authorization": "authorize", "token": "token"}
        document = {f"{name}_endpoint": f"{self.issuer}/{at}" for name, at in names.items()}
        document |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        return JSONResponse(document | self.metadata)

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [KEY.as_dict(private=False) | {"use": "sig"}]})

    async def exchange(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.asked.append(form | {"authorization": request.headers.get("authorization", "")})
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300,
            "nonce": form["code"], "email": self.email, "email_verified": True,
        }  # fmt: skip
        said = {name: value for name, value in (said | self.claims).items() if value is not None}
        token = self.token(said) if self.token else signed(said)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


def signed(claims: dict[str, Any], header: dict[str, Any] | None = None, key: Any = KEY) -> str:
    head = {"alg": "RS256", "kid": "k1"} | (header or {})
    return jwt.encode(head, claims, key, algorithms=[head["alg"]])


@pytest.fixture(scope="module")
def running() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with served(fake.app()) as port:
        fake.issuer = f"http://127.0.0.1:{port}"
        yield fake


@pytest.fixture
def fake(running: FakeProvider) -> Iterator[FakeProvider]:
    yield running
    running.claims, running.metadata, running.token = {}, {}, None
    running.asked.clear()


@pytest.fixture
def desk(database: Database, fake: FakeProvider, tmp_path: Path) -> Iterator[Desk]:
    provider._kept_provider.cache_clear()
    settings: dict[str, Any] = {
        "oidc_issuer": fake.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }
    with open_desk(database, home=tmp_path, **settings) as opened:
        confirm(database, "eve", fake.email)
        yield opened


def confirm(database: Database, login: str, email: str) -> None:
    this = update(person).where(person.c.login == login)
    with database.begin() as connection:
        connection.execute(this.values(email=email, email_confirmed_at=func.now()))


def begun(browser: TestClient) -> dict[str, str]:
    """What the browser takes to the provider."""
    answer = browser.get(BEGIN, follow_redirects=False)
    assert answer.status_code == 303
    where = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in where.items()}


def back(browser: TestClient, asked: dict[str, str], **other: str) -> Any:
    """The browser comes back; the provider's code tells our fake which nonce it was asked for."""
    params = {"state": asked["state"], "code": asked["nonce"], **other}
    return browser.get(BACK, params=params, follow_redirects=False)


def signed_in(desk: Desk) -> Any:
    browser = desk.nobody()
    return back(browser, begun(browser))


def test_a_person_with_a_confirmed_address_comes_in(desk: Desk, fake: FakeProvider) -> None:
    browser = desk.nobody()
    asked = begun(browser)
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == f"{ORIGIN}{BACK}"
    answer = back(browser, asked)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dagster/")
    assert browser.get("/api/v1/me").json()["login"] == "eve"
    (sent,) = fake.asked
    assert (sent["authorization"][:6], len(sent["code_verifier"])) == ("Basic ", 43)
    assert SECRET not in str(rows(desk.database, "SELECT * FROM audit"))


def test_from_then_on_the_subject_says_who_it_is(desk: Desk, fake: FakeProvider) -> None:
    assert signed_in(desk).status_code == 303
    fake.claims = {"email": "other@example.org", "email_verified": False}
    assert signed_in(desk).status_code == 303
    fake.claims = {"sub": "u-2"}  # the address has gone to somebody else
    assert signed_in(desk).status_code == 403
    assert rows(desk.database, "SELECT person FROM identity") == [("eve",)]


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.org"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": ["eve@example.org"]},
        {"email": "%"},
    ],
)
def test_whom_nobody_added_is_refused_and_gets_no_right(
    desk: Desk, fake: FakeProvider, claims: dict[str, Any]
) -> None:
    fake.claims = claims
    answer = signed_in(desk)
    assert (answer.status_code, "eve" in answer.text) == (403, False)
    assert rows(desk.database, "SELECT * FROM identity") == []


def test_an_address_that_is_not_confirmed_here_is_nobody_s(desk: Desk, fake: FakeProvider) -> None:
    fake.claims = {"email": "bob@example.org"}
    assert signed_in(desk).status_code == 403


def test_who_has_left_is_out(desk: Desk) -> None:
    assert signed_in(desk).status_code == 303
    people.leave(desk.database, "eve", actor="ann")
    assert signed_in(desk).status_code == 403
    reader = Membership(account=HOUSE, role=Role.READER)
    people.add(desk.database, "eve", reader, actor="ann")
    assert signed_in(desk).status_code == 303


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": "another"},
    {"aud": ["another"]},
    {"aud": ["desk", "another"], "azp": "another"},
    {"aud": None},
    {"exp": 1},
    {"exp": None},
    {"iat": None},
    {"nbf": 99_999_999_999},
    {"nonce": "another"},
    {"nonce": None},
    {"sub": None},
    {"sub": ""},
    {"sub": "s" * 256},
    {"sub": 1},
    {"junk": "x" * 20_000},
]


def test_a_token_with_wrong_claims_signs_nobody_in(desk: Desk, fake: FakeProvider) -> None:
    browser = desk.nobody()
    for claims in WRONG_CLAIMS:
        fake.claims = claims
        assert back(browser, begun(browser)).status_code == 403, claims


def test_a_token_that_is_signed_wrongly_signs_nobody_in(desk: Desk, fake: FakeProvider) -> None:
    own = RSAKey.generate_key(2048)
    brought = {"jwk": own.as_dict(private=False)}
    forgers: list[Callable[[dict[str, Any]], str]] = [
        lambda claims: signed(claims, key=own),
        lambda claims: signed(claims, brought, own),
        lambda claims: signed(claims, {"alg": "HS256"}, OctKey.import_key(SECRET)),
        lambda claims: by_hmac(KEY.as_pem(private=False), claims),
        lambda claims: unsigned({"alg": "none"}, claims),
        lambda claims: unsigned({"alg": "RS256", "kid": "k1"}, claims),
        lambda claims: signed(claims)[:-20],
        lambda _: "",
        lambda _: "a.b.c",
        lambda _: "é.é.é",
    ]
    browser = desk.nobody()
    for forge in forgers:
        fake.token = forge
        assert back(browser, begun(browser)).status_code == 403


def by_hmac(secret: bytes, claims: dict[str, Any]) -> str:
    """Signed with what everybody knows, as if it were a secret."""
    body = unsigned({"alg": "HS256", "kid": "k1"}, claims)[:-1]
    mac = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def test_an_answer_counts_in_the_browser_that_asked_alone(desk: Desk) -> None:
    """Else a thief has somebody sign in as himself (login CSRF), or takes a code over."""
    mine, another = desk.nobody(), desk.nobody()
    asked = begun(mine)
    assert back(another, asked).status_code == 403
    begun(another)
    assert back(another, asked).status_code == 403
    assert back(mine, asked, state="x").status_code == 403
    asked = begun(mine)
    assert back(mine, asked, iss="https://evil.example").status_code == 403
    assert back(mine, begun(mine)).status_code == 303


def test_an_attempt_is_good_for_one_answer(desk: Desk) -> None:
    browser = desk.nobody()
    asked = begun(browser)
    assert back(browser, asked).status_code == 303
    assert back(browser, asked).status_code == 403


def test_the_provider_s_refusal_is_one(desk: Desk) -> None:
    browser = desk.nobody()
    assert back(browser, begun(browser), error="access_denied").status_code == 403


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "x"])
def test_nobody_is_led_to_another_site(desk: Desk, path: str) -> None:
    browser = desk.nobody()
    answer = browser.get("/sign-in/oidc", params={"next": path}, follow_redirects=False)
    where = parse_qs(urlsplit(answer.headers["Location"]).query)
    asked = {name: values[0] for name, values in where.items()}
    assert back(browser, asked).headers["Location"] == "/"


def test_the_cookie_tells_its_holder_nothing(desk: Desk) -> None:
    browser = desk.nobody()
    asked = begun(browser)
    held = " ".join(str(value) for value in browser.cookies.values())
    assert asked["state"] not in held
    assert asked["nonce"] not in held


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_document_that_lies_leads_nowhere(
    desk: Desk, fake: FakeProvider, metadata: dict[str, Any]
) -> None:
    fake.metadata = metadata
    answer = desk.nobody().get(BEGIN, follow_redirects=False)
    assert (answer.status_code, "Location" in answer.headers) == (409, False)


def test_the_provider_s_documents_are_asked_for_once(desk: Desk, fake: FakeProvider) -> None:
    before = fake.documents
    for _ in range(3):
        assert signed_in(desk).status_code == 303
    assert fake.documents == before + 1


def test_without_a_provider_there_is_no_such_page(database: Database, tmp_path: Path) -> None:
    with open_desk(database, home=tmp_path) as desk:
        assert desk.nobody().get(BEGIN, follow_redirects=False).status_code == 404
        assert "oidc" not in desk.nobody().get("/sign-in").text
