"""Dagster behind the desk: what reaches it, in whose name, and what never does.

In Dagster's stead stands an app that says what it was asked, behind the guard as Dagster is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database import Database
from ebook_pipeline.web.addresses import Addresses
from ebook_pipeline.web.guard import Guard
from ebook_pipeline.web.launchers import _LAUNCHER
from tests.support.desk import COOKIE, ORIGIN, Desk, open_desk
from tests.support.servers.asgi import served
from tests.support.servers.raw_http import RawRequest, handshake

TOKEN = "t" * 43
SOCKET = f"{ORIGIN.replace('http', 'ws')}/dagster/graphql"
SAME: dict[str, str] = {"Sec-Fetch-Site": "same-origin"}


async def echo(request: Request) -> Response:
    """What was asked, and who the guard takes the operator for."""
    return JSONResponse(
        {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": dict(request.headers),
            "body": (await request.body()).decode(),
            "launcher": _LAUNCHER.get(),
        },
        headers={"Set-Cookie": "theirs=1", "Content-Security-Policy": "script-src 'nonce-x'"},
    )


async def parts(_: Request) -> Response:
    return StreamingResponse(iter([b"one", b"two"]), headers={"Content-Type": "text/plain"})


async def talk(socket: WebSocket) -> None:
    await socket.accept(subprotocol="graphql-ws")
    headers = dict(socket.headers)
    await socket.send_json({"headers": headers, "launcher": _LAUNCHER.get()})
    await socket.send_text(await socket.receive_text())
    await socket.close()


@dataclass(frozen=True)
class Setting:
    """A desk and the app that stands for Dagster."""

    desk: Desk
    port: int

    def operator(self) -> TestClient:
        return self.desk.browser("ann")


@pytest.fixture(scope="module")
def dagster_port() -> Iterator[int]:
    routes = [
        WebSocketRoute("/dagster/graphql", talk),
        Route("/dagster/parts", parts),
        Route("/{path:path}", echo, methods=["GET", "POST"]),
    ]
    guard = Guard(Starlette(routes=routes), TOKEN, Addresses(frozenset({"127.0.0.1"})), "/dagster")
    with served(guard) as port:
        yield port


@pytest.fixture
def setting(database: Database, dagster_port: int, tmp_path: Path) -> Iterator[Setting]:
    settings: dict[str, Any] = {
        "home": tmp_path,
        "web_url": f"http://127.0.0.1:{dagster_port}",
        "web_token": TOKEN,
    }
    with open_desk(database, **settings) as desk:
        yield Setting(desk, dagster_port)


def graphql(client: TestClient, **headers: str) -> Any:
    return client.post("/dagster/graphql", json={"query": "{version}"}, headers=headers)


def test_an_operator_s_request_goes_through_as_it_is_and_in_his_name(setting: Setting) -> None:
    operator = setting.operator()
    answer = operator.get("/dagster/assets/raw_file?view=a%20b")
    said = answer.json()
    assert (said["path"], said["query"]) == ("/dagster/assets/raw_file", "view=a%20b")
    assert said["launcher"] == "ann"
    posted = graphql(operator, **SAME).json()
    assert (posted["method"], json.loads(posted["body"])) == ("POST", {"query": "{version}"})


def test_what_says_who_asks_is_the_desk_s_alone(setting: Setting) -> None:
    """Nothing that the browser sends can name another operator, address, proxy or length."""
    lies = {
        "X-Ebooks-Operator": "mallory",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=1.2.3.4",
        "X-Original-URL": "/graphql",
        "Connection": "X-Ebooks-Operator",
        "Referer": "https://evil.example",
    }
    said = setting.operator().get("/dagster/runs", headers=lies).json()
    headers = said["headers"]
    assert (said["launcher"], headers["x-ebooks-operator"]) == ("ann", "ann")
    assert not {name.lower() for name in lies} - {"connection", "x-ebooks-operator"} & set(headers)
    assert "cookie" not in headers
    assert headers["host"] == f"127.0.0.1:{setting.port}"


def test_answers_come_back_with_dagster_s_policy_and_without_its_cookies(setting: Setting) -> None:
    operator = setting.operator()
    answer = operator.get("/dagster/runs")
    assert "Set-Cookie" not in answer.headers
    assert "script-src 'nonce-x'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert operator.get("/dagster/parts").text == "onetwo"


def test_nobody_is_taken_to_the_sign_in_page(setting: Setting) -> None:
    nobody = setting.desk.nobody()
    page = nobody.get("/dagster/runs", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (page.status_code, page.headers["Location"]) == (303, "/sign-in?next=/dagster/runs")
    assert nobody.get("/dagster/runs").status_code == 401
    assert graphql(nobody, **SAME).status_code == 401


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.EDITOR, Role.PUBLISHER, Role.READER])
def test_other_roles_are_refused(setting: Setting, role: Role) -> None:
    somebody = setting.desk.person("udo", role)
    assert somebody.get("/dagster/").status_code == 403
    assert graphql(somebody, **SAME).status_code == 403
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        somebody.websocket_connect(SOCKET, ["graphql-ws"]),
    ):
        pass
    assert refused.value.status_code == 403


def test_no_program_is_handed_through(setting: Setting) -> None:
    """No scope says Dagster, and no key of an operator's program opens it."""
    operator = setting.operator()
    key = {"name": "x", "scopes": ["dagster:use"], "role": "operator"}
    assert operator.post("/api/v1/keys", json=key).status_code == 409
    text = operator.post("/api/v1/keys", json={**key, "scopes": ["book:*"]}).json()["text"]
    assert setting.desk.nobody(Authorization=f"Bearer {text}").get("/dagster/").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_another_site_s_page_changes_nothing(setting: Setting, headers: dict[str, str]) -> None:
    assert graphql(setting.operator(), **headers).status_code == 403


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_alone_is_posted(setting: Setting, media_type: str) -> None:
    answer = setting.operator().post(
        "/dagster/graphql", content=b'{"query": "{version}"}', headers={"Content-Type": media_type}
    )
    assert answer.status_code == 415


def test_graphql_is_asked_in_no_url_and_by_no_other_method(setting: Setting) -> None:
    operator = setting.operator()
    assert operator.get("/dagster/graphql?query=mutation%7Bx%7D").status_code == 405
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert operator.request(method, "/dagster/graphql").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/dagster/../api/v1/me",
        "/dagster/%2e%2e/healthz",
        "/dagster/%2E%2E%2Fhealthz",
        "/dagster/..%5chealthz",
        "/dagster/%252e%252e/healthz",
        "/dagster//evil.example/",
        "/dagster/./graphql",
        "/dagster/a%00b",
        "/dagster/a%0d%0aX: y",
    ],
)
def test_no_path_leads_elsewhere(setting: Setting, path: str) -> None:
    """Byte by byte, since clients tidy paths up; never Dagster's answer for another path."""
    cookie = setting.operator().cookies[COOKIE]
    with served(setting.desk.app) as port:
        head = (("Host", "127.0.0.1:8080"), ("Cookie", f"{COOKIE}={cookie}"))
        request = RawRequest("GET", path.replace(" ", "%20"), head)
        assert request.sent_to(port) in (400, 404)


def test_two_lengths_are_one_request_too_many(setting: Setting) -> None:
    """What one server takes for a body and the next for another request (RFC 9112 §11.2)."""
    cookie = setting.operator().cookies[COOKIE]
    inner = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    head = (
        ("Host", "127.0.0.1:8080"),
        ("Cookie", f"{COOKIE}={cookie}"),
        ("Origin", ORIGIN),
        ("Content-Type", "application/json"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "3"),
    )
    with served(setting.desk.app) as port:
        for body in (b"0\r\n\r\n" + inner, b"1\r\n{\r\n0\r\n\r\n" + inner):
            assert RawRequest("POST", "/dagster/graphql", head, body).sent_to(port) in (400, 403)


def test_messages_go_to_and_fro_in_the_operator_s_name(setting: Setting) -> None:
    with setting.operator().websocket_connect(SOCKET, ["graphql-ws"]) as socket:
        said = socket.receive_json()
        assert (said["launcher"], "cookie" in said["headers"]) == ("ann", False)
        socket.send_text('{"type": "start"}')
        assert socket.receive_text() == '{"type": "start"}'


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_s_page_hears_nothing(setting: Setting, headers: dict[str, str]) -> None:
    operator = setting.operator()
    with (
        pytest.raises(WebSocketDenialResponse),
        operator.websocket_connect(SOCKET, ["graphql-ws"], headers=headers),
    ):
        pass


def test_nobody_hears_anything(setting: Setting) -> None:
    """Over a real socket: no cookie, a wrong one, and a page that says nothing of itself."""
    cookie = setting.operator().cookies[COOKIE]
    here = ("Host", "127.0.0.1:8080")
    own = ("Origin", ORIGIN)
    with served(setting.desk.app) as port:
        path = "/dagster/graphql"
        assert handshake((here, own), path).sent_to(port) == 401
        assert handshake((here, own, ("Cookie", f"{COOKIE}=x")), path).sent_to(port) == 401
        assert handshake((here, ("Cookie", f"{COOKIE}={cookie}")), path).sent_to(port) == 403
        good = handshake((here, own, ("Cookie", f"{COOKIE}={cookie}")), path)
        assert good.sent_to(port) == 101


def test_a_dagster_that_is_not_there_is_said_to_be(database: Database, tmp_path: Path) -> None:
    with open_desk(database, home=tmp_path) as desk:
        answer = desk.browser("ann").get("/dagster/")
    assert (answer.status_code, answer.json()["code"]) == (502, "dagster-unreachable")
