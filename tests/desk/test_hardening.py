"""What stands before every route: addresses, headers, sizes, other sites' pages, every error."""

import itertools
import logging
from collections.abc import Iterator
from typing import Annotated

import anyio
import pytest
from fastapi import APIRouter, Depends, Request, WebSocket
from pydantic import BaseModel
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from ebook_pipeline.desk import etags, paging, request_rates
from ebook_pipeline.desk.access import Access, allow, everybody
from ebook_pipeline.desk.request_ids import WithRequestId
from ebook_pipeline.desk.routes import ROUTES, Routes
from ebook_pipeline.foundation.errors import (
    BookError,
    Busy,
    Damaged,
    Denied,
    NotFound,
    ServiceError,
)
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.rate_limits import Rate
from ebook_pipeline.services.audit_and_outbox import audit
from tests.support.desk import ORIGIN, Desk, open_desk
from tests.support.servers.postgres import rows

probe = APIRouter(prefix="/probe")
_ANYBODY = Depends(everybody("a test"))
_SIGNED_IN = Annotated[Access, Depends(allow("person", "change"))]
ERRORS = {
    "book": BookError("RSC-005", "no such element", place="a.xhtml:1"),
    "busy": Busy("later", 7.2),
    "missing": NotFound("no book"),
    "denied": Denied("not you"),
    "conflict": ServiceError("it is there already"),
    "damaged": Damaged("other bytes"),
    "unforeseen": RuntimeError("secret detail"),
}


class Thing(BaseModel):
    name: str
    count: int


@probe.get("/errors/{name}", dependencies=[_ANYBODY])
def fail(name: str) -> None:
    raise ERRORS[name]


@probe.post("/things", dependencies=[_ANYBODY])
def make(thing: Thing) -> Thing:
    return thing


@probe.put("/mine")
def change(request: Request, access: _SIGNED_IN) -> str:
    etags.require_match(request, etags.etag("now"))
    with access.context.database.begin() as connection:
        audit(connection, access.actor.name, "probe", "", {})
    logging.getLogger("probe").warning("changed")
    return access.actor.request


@probe.get("/page", dependencies=[_ANYBODY])
def page(after: paging.After = "") -> list[object]:
    return list(paging.keys_of(after, str, int) or ())


@probe.websocket("/socket")
async def socket(websocket: WebSocket, access: _SIGNED_IN) -> None:
    await websocket.accept()
    await websocket.send_text(access.actor.name)
    await websocket.close()


ALL_ROUTES = (*ROUTES, Routes(probe))
"""The same ones for every desk: what is found out about them is kept for those that are alike."""


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with open_desk(database, ALL_ROUTES, desk_origins="https://desk.example.org") as opened:
        yield opened


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "desk.example.org:81"],
)
def test_a_foreign_host_is_refused(desk: Desk, host: str) -> None:
    answer = desk.nobody().get("/sign-in", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "not-our-address")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_load_balancer_asks_how_the_desk_is_by_any_address(desk: Desk, path: str) -> None:
    assert desk.nobody().get(path, headers={"Host": "10.0.3.17:8080"}).status_code == 200
    assert desk.nobody().get(f"{path}/", headers={"Host": "10.0.3.17:8080"}).status_code == 421


def test_every_answer_keeps_other_pages_out(desk: Desk) -> None:
    client = desk.nobody()
    for answer in (
        client.get("/sign-in"),
        client.get("/nowhere"),
        client.get("/api/v1/probe/errors/unforeseen"),
        client.get("/healthz", headers={"Host": "evil.example"}),
        client.post("/api/v1/probe/things", content=b"x" * (1 << 20) + b"x"),
    ):
        headers = answer.headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
        assert headers["x-request-id"]


def test_over_tls_browsers_stay_there_and_cookies_are_of_this_host(desk: Desk) -> None:
    answer = desk.nobody().get("/sign-in", headers={"Host": "desk.example.org"})
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-ebooks-form=")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))


def test_pages_hold_no_script_and_no_style(desk: Desk) -> None:
    for path in ("/sign-in", "/forgot"):
        text = desk.nobody().get(path).text
        assert "<script" not in text
        assert "<style" not in text
        assert " style=" not in text
        assert " on" not in text.replace(" one", "").replace(" once", "") or "onclick" not in text


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("book", 422, "RSC-005"),
        ("busy", 503, "service-unavailable"),
        ("missing", 404, "not-found"),
        ("denied", 403, "forbidden"),
        ("conflict", 409, "conflict"),
        ("damaged", 500, "internal-server-error"),
        ("unforeseen", 500, "internal"),
    ],
)
def test_every_error_is_a_problem_document(desk: Desk, name: str, status: int, code: str) -> None:
    answer = desk.nobody().get(
        f"/api/v1/probe/errors/{name}", headers={"X-Request-ID": "abcd-1234"}
    )
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert (problem["type"], problem["request_id"]) == ("about:blank", "abcd-1234")
    assert "secret" not in answer.text
    assert answer.headers.get("retry-after") == ("7" if name == "busy" else None)


def test_what_is_wrong_with_a_body_is_said_field_by_field(desk: Desk) -> None:
    client = desk.nobody()
    answer = client.post("/api/v1/probe/things", json={"name": "x" * 10_000, "count": "many"})
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["pointer"] == "/body/count"
    assert len(answer.text) < 1000
    for body in (b"{", b"\xff", b"[" * 100_000, b'{"name": "\\ud800", "count": 1e999}'):
        answer = client.post(
            "/api/v1/probe/things", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422)
    assert client.post("/api/v1/probe/things", content=b"a=b").status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status"), [("PATCH", "/api/v1/me", 405), ("GET", "/x", 404)]
)
def test_what_is_not_there_is_a_problem_too(
    desk: Desk, method: str, path: str, status: int
) -> None:
    answer = desk.nobody().request(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_an_error_is_a_page_for_people(desk: Desk) -> None:
    answer = desk.nobody().get("/welcome/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "<h1>Forbidden</h1>" in answer.text


def test_without_a_database_it_is_a_while_not_a_fault(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_desk(Database("postgresql://nobody@/x?host=/nonexistent")) as away:
        assert away.nobody().get("/healthz").status_code == 200
        answer = away.nobody().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, 503)
    assert answer.headers["retry-after"] == "5"
    assert "nonexistent" not in answer.text


def test_a_body_is_counted_as_it_comes(desk: Desk) -> None:
    taken = 0

    def body() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b" " * (1 << 16)

    headers = {"Content-Type": "application/json"}
    answer = desk.nobody().post("/api/v1/probe/things", content=body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    headers["Content-Length"] = "9" * 30
    answer = desk.nobody().post("/api/v1/probe/things", content=b"{}", headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/write/import", "multipart/form-data; boundary=b"),
        ("/profile/avatar", "multipart/form-data; boundary=b"),
        ("/api/v1/manuscripts/import", "application/octet-stream"),
    ],
)
@pytest.mark.parametrize("cookie", ["", "ebooks-session-8080=made-up"])
def test_of_who_has_not_signed_in_no_large_body_is_read(
    desk: Desk, path: str, media_type: str, cookie: str
) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    parts = itertools.chain([head], itertools.repeat(b" " * (1 << 16), 80))
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": next(parts), "more_body": True}

    async def send(message: Message) -> None:
        answered.append(message)

    headers = [(b"host", b"127.0.0.1:8080"), (b"content-type", media_type.encode())]
    headers += [(b"cookie", cookie.encode())] if cookie else []
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "scheme": "http",
        "http_version": "1.1", "root_path": "", "server": ("127.0.0.1", 8080),
    }  # fmt: skip
    anyio.run(desk.app, scope, receive, send)
    assert answered[0]["status"] == 401
    assert (b"connection", b"close") in answered[0]["headers"]
    assert len(list(parts)) > 60


@pytest.mark.parametrize("path", ["/sign-in?next=%00", "/api/v1/probe/errors/%00"])
def test_a_nul_in_an_address_is_refused(desk: Desk, path: str) -> None:
    assert desk.nobody().get(path).status_code == 400


def test_a_header_that_decides_stands_there_once(desk: Desk) -> None:
    client = desk.nobody()
    request = client.build_request("GET", "/healthz")
    raw = [*request.headers.raw, (b"origin", b"a"), (b"origin", b"b")]
    assert client.get("/healthz", headers=raw).status_code == 400


OWN = {"Origin": ORIGIN}
CROSS = [
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:3000"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
]


def encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """As they go over the line, whatever stands in them."""
    return [(name.encode(), value.encode()) for name, value in headers]


def bare(browser: TestClient) -> TestClient:
    """The browser with its cookie alone, as a foreign page has it send."""
    for name in ("Origin", "X-CSRF-Token"):
        del browser.headers[name]
    return browser


@pytest.mark.parametrize("headers", CROSS, ids=str)
def test_another_sites_page_changes_nothing_even_with_the_token(
    desk: Desk, headers: dict[str, str]
) -> None:
    browser = desk.browser("ann")
    token = browser.headers["X-CSRF-Token"]
    answer = bare(browser).put("/api/v1/probe/mine", headers=headers | {"X-CSRF-Token": token})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert rows(desk.database, "SELECT 1 FROM audit WHERE action = 'probe'") == []


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "another's"])
def test_a_page_of_ours_needs_the_token_of_its_session(desk: Desk, token: str) -> None:
    if token == "another's":
        token = desk.browser("bob").headers["X-CSRF-Token"]
    headers = [*OWN.items(), *([("X-CSRF-Token", token)] if token else [])]
    answer = bare(desk.browser("ann")).put("/api/v1/probe/mine", headers=encoded(headers))
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def greeted(client: TestClient, **headers: str) -> str:
    """What the socket says; WebSocketDisconnect where it is not opened."""
    held = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    own = {"Host": "127.0.0.1:8080", "Cookie": held} | headers
    with client.websocket_connect("/api/v1/probe/socket", headers=own) as opened:
        return str(opened.receive_text())


def test_a_socket_is_opened_by_our_own_pages_alone(desk: Desk) -> None:
    browser = desk.browser("ann")
    assert greeted(browser) == "desk:ann"
    for client, headers in (
        (desk.browser("ann"), {"Host": "evil.example"}),
        (desk.browser("ann"), {"Origin": "https://evil.example"}),
        (bare(browser), {}),
        (desk.nobody(), {"Origin": ORIGIN}),
    ):
        with pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)):
            greeted(client, **headers)


def test_a_change_names_what_it_changes(desk: Desk) -> None:
    browser = desk.browser("ann")
    assert browser.put("/api/v1/probe/mine").status_code == 428
    stale = browser.put("/api/v1/probe/mine", headers={"If-Match": '"old", W/"older"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "etag-stale")
    current = stale.headers["etag"]
    weak = browser.put("/api/v1/probe/mine", headers={"If-Match": f"W/{current}"})
    assert weak.status_code == 412  # RFC 9110 §13.1.1: compared strongly
    assert browser.put("/api/v1/probe/mine", headers={"If-Match": current}).status_code == 200


def test_a_request_has_one_id_in_answer_log_and_audit(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(WithRequestId())
    headers = {"If-Match": "*", "X-Request-ID": "caller-0001"}
    answer = desk.browser("ann").put("/api/v1/probe/mine", headers=headers)
    assert answer.json() == answer.headers["x-request-id"] == "caller-0001"
    query = "SELECT actor, correlation FROM audit WHERE action = 'probe'"
    assert rows(desk.database, query) == [("desk:ann", "request:caller-0001")]
    (line,) = [record for record in caplog.records if record.name == "probe"]
    assert line.request_id == "caller-0001"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "given", ["short", "with space 1", "a" * 129, "läuft-nicht", "a\tb\tc\td\te"]
)
def test_an_id_that_could_forge_a_log_is_replaced(desk: Desk, given: str) -> None:
    answer = desk.nobody().get("/healthz", headers=encoded([("X-Request-ID", given)]))
    assert len(answer.headers["x-request-id"]) == 36


def test_a_cursor_is_one_of_ours(desk: Desk) -> None:
    client = desk.nobody()
    whole = paging.cursor("emma", 7)
    assert client.get("/api/v1/probe/page", params={"after": whole}).json() == ["emma", 7]
    for wrong in (
        "!",
        whole[:-3],
        paging.cursor(7, "emma"),
        paging.cursor("a"),
        "W1tbW1s",
        "bnVsbA",
    ):
        answer = client.get("/api/v1/probe/page", params={"after": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor")


def test_too_much_of_an_address_is_told_when_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_rates, "OF_ADDRESS", Rate(burst=5, seconds=3600))
    client = desk.nobody()
    assert [client.get("/sign-in").status_code for _ in range(6)] == [200] * 5 + [429]
    assert client.get("/healthz").status_code == 200  # tells of the process, and asks no database
    refused = client.get("/api/v1/me")
    assert refused.status_code == 429
    assert 3590 < int(refused.headers["retry-after"]) <= 3600
