"""A proxy before Amazon that notes every call, and makes chosen ones fail as networks do.

A fault is what becomes of one exchange; a plan says which exchange has which.
"""

import http.client
import random
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "expect", "content-length"}


@dataclass
class Call:
    """What was asked over the wire; `number` counts from 1 in each plan, `who` is an access key."""

    number: int
    who: str
    service: str
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = field(repr=False, default=b"")


class Answer(NamedTuple):
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Exchange:
    """One call, and what a fault may do about it."""

    def __init__(self, handler: "_Handler", call: Call) -> None:
        self._handler, self.call = handler, call

    def forward(self) -> Answer:
        return self._handler.forward(self.call)

    def send(self, answer: Answer, share: float = 1.0) -> None:
        """Answer the caller; of a body cut short it gets only a share."""
        self._handler.send(answer, share)

    def hang_up(self) -> None:
        self._handler.hang_up()


Fault = Callable[[Exchange], None]
Plan = Callable[[Call], Fault | None]


def refused(status: int, code: str, message: str = "as the test wants") -> Fault:
    """Answered by the service with an error, and nothing was done."""

    def fault(exchange: Exchange) -> None:
        if exchange.call.service in ("kms", "sqs"):
            kind = [("Content-Type", "application/x-amz-json-1.1")]
            body = f'{{"__type": "{code}", "message": "{message}"}}'
        else:
            kind = [("Content-Type", "application/xml")]
            error = f"<Code>{code}</Code><Message>{message}</Message>"
            body = f"<Error>{error}<RequestId>x</RequestId></Error>"
            if exchange.call.service != "s3":
                body = f"<ErrorResponse>{body}</ErrorResponse>"
        exchange.send(Answer(status, kind, body.encode()))

    return fault


def never_arrived(exchange: Exchange) -> None:
    """The connection broke before the service saw anything."""
    exchange.hang_up()


def unheard(exchange: Exchange) -> None:
    """The service did what it was asked for, and its answer was lost."""
    exchange.forward()
    exchange.hang_up()


def cut(exchange: Exchange) -> None:
    """The connection broke in the middle of the answer's body."""
    exchange.send(exchange.forward(), share=0.5)
    exchange.hang_up()


def slow(seconds: float) -> Fault:
    """Answered late."""

    def fault(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.send(exchange.forward())

    return fault


def down_after(number: int, fault: Fault) -> Plan:
    """This call is done and its answer lost; later ones fail, until the plan is over."""

    def plan(call: Call) -> Fault | None:
        if call.number == number:
            return unheard
        return fault if call.number > number else None

    return plan


def first(times: int, condition: Callable[[Call], bool], fault: Fault) -> Plan:
    """So many calls of a kind fail, and then no further one."""
    left = [times]

    def plan(call: Call) -> Fault | None:
        if not condition(call) or not left[0]:
            return None
        left[0] -= 1
        return fault

    return plan


def whenever(condition: Callable[[Call], bool], fault: Fault) -> Plan:
    return lambda call: fault if condition(call) else None


def now_and_then(seed: int, share: float, faults: Sequence[Fault]) -> Plan:
    """So large a share of the calls fails, each in one of these ways."""
    dice, guard = random.Random(seed), Lock()

    def plan(_: Call) -> Fault | None:
        with guard:
            return dice.choice(faults) if dice.random() < share else None

    return plan


def is_call(service: str, method: str = "", path: str = "") -> Callable[[Call], bool]:
    """Whether a call is of this service and method, with this in its path."""
    return lambda call: call.service == service and method in call.method and path in call.path


class Proxy:
    """Where clients believe Amazon is. It notes all `calls`, and those of the last plan apart."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream)
        self.calls: list[Call] = []
        self.planned: list[Call] = []
        self.plan: Plan = lambda _: None
        self.counted = self.struck = 0
        self._guard = Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    @contextmanager
    def failing(self, plan: Plan) -> Iterator[None]:
        """Faults by this plan while the body runs; calls and faults are counted anew."""
        self.counted = self.struck = 0
        before = len(self.calls)
        self.plan = plan
        try:
            yield
        finally:
            self.plan = lambda _: None
            self.planned = self.calls[before:]

    def noted(self, call: Call) -> Fault | None:
        """The fault of this call, which gets its number here."""
        with self._guard:
            self.counted += 1
            call.number = self.counted
            self.calls.append(call if call.service != "s3" else replace(call, body=b""))
            fault = self.plan(call)
            self.struck += fault is not None
        return fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a client's pool keeps its connections open
    proxy: Proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _exchange(self) -> None:
        call = self._call()
        fault = self.server.proxy.noted(call)
        exchange = Exchange(self, call)
        if fault is not None:
            fault(exchange)
        else:
            exchange.send(exchange.forward())

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _exchange  # noqa: N815

    def _call(self) -> Call:
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(address.query, keep_blank_values=True)
        signed = headers.get("authorization", "").partition("Credential=")[2]
        scope = (signed or query.get("X-Amz-Credential", [""])[0]).split("/")
        return Call(
            number=0,
            who=scope[0],
            service=scope[3] if len(scope) > 3 else "",
            method=self.command,
            path=unquote(address.path),
            query=query,
            headers=headers,
            body=self._body(headers),
        )

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def forward(self, call: Call) -> Answer:
        upstream = self.server.proxy.upstream
        connection = http.client.HTTPConnection(str(upstream.hostname), upstream.port, timeout=60)
        try:
            headers = {k: v for k, v in call.headers.items() if k not in _OF_THE_CONNECTION}
            connection.request(call.method, self.path, call.body, headers)
            answer = connection.getresponse()
            body = answer.read()
            return Answer(answer.status, answer.getheaders(), body)
        finally:
            connection.close()

    def send(self, answer: Answer, share: float) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in _OF_THE_CONNECTION:
                self.send_header(name, value)
        length = dict((n.lower(), v) for n, v in answer.headers).get("content-length")
        shown = length if self.command == "HEAD" and length else str(len(answer.body))
        self.send_header("Content-Length", shown)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: int(len(answer.body) * share)])
        self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: object) -> None:
        """Tests print nothing."""
