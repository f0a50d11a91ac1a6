"""The guard by itself, request by request: what it lets through to the app behind it."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.types import Message, Receive, Scope, Send

from ebook_pipeline.web.addresses import Addresses
from ebook_pipeline.web.guard import Guard

HOST, TOKEN, ORIGIN = "127.0.0.1:8000", "the-token", "http://127.0.0.1:8000"
COOKIE = ("cookie", f"ebooks-8000={TOKEN}")
PAGE = (("host", HOST), COOKIE, ("origin", ORIGIN))
PROGRAM = (("host", HOST), ("authorization", f"Bearer {TOKEN}"))
JSON = ("content-type", "application/json")
CHANGE = b'{"query": "mutation"}'
THROUGH = 299
"""What the app behind the guard answers."""


@dataclass(frozen=True)
class Sent:
    """A request as a server hands it on; of a WebSocket its handshake."""

    path: str = "/graphql"
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = (*PAGE, JSON)
    body: tuple[bytes, ...] = (CHANGE,)
    query: str = ""
    socket: bool = False

    def scope(self) -> dict[str, Any]:
        own = {"subprotocols": ["graphql-ws"]} if self.socket else {"method": self.method}
        return own | {
            "type": "websocket" if self.socket else "http",
            "scheme": "ws" if self.socket else "http",
            "path": unquote(self.path),
            "raw_path": self.path.encode(),
            "query_string": self.query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in self.headers],
            "server": ("127.0.0.1", 8000),
        }

    def answered(self, prefix: str = "") -> int:
        """The guard's status, or `THROUGH` where the app was asked."""
        return asyncio.run(_answered(self, prefix))


async def _answered(sent: Sent, prefix: str) -> int:
    answers: list[Message] = []
    parts = [
        {"type": "http.request", "body": part, "more_body": part is not sent.body[-1]}
        for part in sent.body
    ]

    async def receive() -> Message:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answers.append(message)

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        answers.append({"status": THROUGH})

    addresses = Addresses(frozenset({"127.0.0.1", "localhost", "[::1]"}))
    await Guard(behind, TOKEN, addresses, prefix)(sent.scope(), receive, send)
    return next(int(message["status"]) for message in answers if "status" in message)


def other(name: str, value: str) -> tuple[tuple[str, str], ...]:
    """An own page's headers with another value of one."""
    return (*(pair for pair in (*PAGE, JSON) if pair[0] != name), (name, value))


HOSTS = (
    "127.0.0.1.:8000", "localhost.:8000", "127.1:8000", "0x7f000001:8000", "0177.0.0.1:8000",
    "[::ffff:127.0.0.1]:8000", "[0:0:0:0:0:0:0:1]:8000", "[::1%25lo]:8000", "127.0.0.1:8000:1",
    "127.0.0.1:", "a@127.0.0.1:8000", "127.0.0.1:8000, 127.0.0.1:8000", "127.0.0.1:8000/",
    "127.0.0.1\xb7:8000", "http://127.0.0.1:8000", "127.0.0.1:800000", " 127.0.0.1:8000", "",
)  # fmt: skip
ORIGINS = (
    "null", "NULL", "", "http://127.0.0.1:8000/", "HTTP://127.0.0.1:8000", "http://127.0.0.1",
    "http://127.0.0.1:08000", "http://127.0.0.1:8000 http://evil.example", "//127.0.0.1:8000",
    "http://a@127.0.0.1:8000", "http://[::1]:8000", "ws://127.0.0.1:8000", "file://",
)  # fmt: skip
SITES = ("cross-site", "same-site", "none", "SAME-ORIGIN", "same-origin, none", "", "null")
TYPES = (
    "", "text/plain", "application/json-patch+json", "text/json", "application/jsonp",
    "application/x-www-form-urlencoded; a=application/json", "text/plain, application/json",
    "multipart/form-data; boundary=application/json", "application/json, text/plain",
)  # fmt: skip
BODIES = (
    (b"",), (b"", CHANGE), (b" \r\n", CHANGE), (b"[" + CHANGE + b"]",), (b"\xef\xbb\xbf" + CHANGE,),
    (b"query=mutation",), (b"\0" + CHANGE,), (b'"' + CHANGE + b'"',),
)  # fmt: skip
PATHS = (
    "/graphql%0A",
    "/graphql%0D",
    "/graphql%00",
    "/graphql%7F",
    "/%0Agraphql",
    "/graphql%C2%85",
)


@pytest.mark.parametrize("prefix", ["", "/dagster"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_path_that_a_route_may_read_otherwise_is_refused(
    method: str, path: str, prefix: str
) -> None:
    assert Sent(prefix + path, method, query="query=mutation").answered(prefix) == 400


@pytest.mark.parametrize(
    ("name", "values", "status"),
    [("host", HOSTS, 421), ("origin", ORIGINS, 403), ("sec-fetch-site", SITES, 403),
     ("content-type", TYPES, 415)],
)  # fmt: skip
def test_no_spelling_of_a_header_passes_for_our_own(
    name: str, values: tuple[str, ...], status: int
) -> None:
    got = {value: Sent(headers=other(name, value)).answered() for value in values}
    assert got == dict.fromkeys(values, status)


def test_no_body_but_one_json_object_reaches_dagster() -> None:
    assert {body: Sent(body=body).answered() for body in BODIES} == dict.fromkeys(BODIES, 400)


METHODS = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (Sent(method="GET", query="query=mutation", body=(CHANGE,)), 405),
        (Sent(method="HEAD", query="query=mutation", body=(CHANGE,)), 405),
        *((Sent(method="GET", headers=(*PAGE, JSON, (name, "POST"))), 405) for name in METHODS),
        (Sent(method="get"), 405),
        (Sent(method="POST "), 405),
        (Sent("*"), 400),
        (Sent("graphql"), 400),
        (Sent(query=f"token={TOKEN}", headers=(("host", HOST), ("origin", ORIGIN), JSON)), 401),
        (Sent(headers=other("cookie", f"ebooks-8000=wrong; ebooks-8001={TOKEN}")), 401),
        (Sent(headers=other("cookie", f"EBOOKS-8000={TOKEN}")), 401),
        (Sent(headers=(("host", HOST), ("authorization", f"Bearer  {TOKEN}"), JSON)), 401),
        (Sent(headers=(("host", HOST), ("authorization", f"Bearer\t{TOKEN}"), JSON)), 401),
        (Sent(headers=(("host", HOST), ("authorization", "Bearer \xe9\xff"), JSON)), 401),
        (Sent(headers=(*PROGRAM, JSON, ("x-ebooks-operator", "ann, bob"))), 400),
        (Sent(headers=(*PROGRAM, JSON, *[("x-ebooks-operator", "ann")] * 2)), 400),
        (Sent(headers=(*PROGRAM, *[JSON] * 2)), 400),
        (Sent(headers=(*PROGRAM, JSON, ("content-length", "9"), ("transfer-encoding", "x"))), 400),
        (Sent(headers=(*PAGE, *[("sec-fetch-site", "same-origin")] * 2, JSON)), 400),
    ],
)  # fmt: skip
def test_what_is_said_twice_or_by_another_way_is_refused(sent: Sent, status: int) -> None:
    assert sent.answered() == status


@pytest.mark.parametrize(
    "headers",
    [
        other("origin", "null"),
        (("host", HOST), COOKIE),
        (*PAGE, ("sec-fetch-site", "none")),
        (("host", HOST), COOKIE, ("sec-websocket-protocol", f"graphql-ws, {TOKEN}")),
        (("host", HOST), ("origin", ORIGIN), ("sec-websocket-protocol", f"bearer, {TOKEN}")),
        (("host", HOST), ("origin", ORIGIN), ("sec-websocket-protocol", f"ebooks-8000={TOKEN}")),
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/graphql%0A", "/other"])
def test_no_foreign_handshake_opens_a_websocket(
    path: str, headers: tuple[tuple[str, str], ...]
) -> None:
    assert Sent(path, headers=headers, socket=True).answered() in (400, 401, 403)


def test_what_our_own_pages_and_programs_send_passes() -> None:
    ours = (
        Sent(),
        Sent(headers=(*PROGRAM, JSON, ("x-ebooks-operator", "ann"))),
        Sent(headers=(*PAGE, ("content-type", 'Application/JSON ; charset="utf-8"'))),
        Sent("/runs/%C3%A9%20a", "GET", headers=(*PAGE, ("sec-fetch-site", "none"))),
        Sent(headers=PAGE, socket=True),
    )
    assert [sent.answered() for sent in ours] == [THROUGH] * len(ours)
