"""A large upload whose connection is cut, and whose desk is killed: what is wrong, or sent again.

A desk is started as a process over a home of its own; one file goes up by tus in requests of
`--request` MiB, cut in the middle `--cuts` times, while the desk is killed -9 `--kills` times and
started anew. Memory is that of the desk's process, above what it had before the first byte.

    python -m benchmarks.upload --gigabytes 2 --cuts 10 --kills 3
"""

import argparse
import base64
import contextlib
import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httpx
import psutil

from benchmarks.frame import Cell, Table, print_table
from benchmarks.home import free_port, temporary_home
from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.desk.session_cookie import form_token
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import SessionLimits

_PIECE = 1 << 20
_TUS = {"Tus-Resumable": "1.0.0"}


class _Cut(Exception):
    """The sender ends the connection in the middle of a request."""


@dataclass
class Desk:
    """A desk's process, which may be killed and started anew."""

    port: int
    process: "subprocess.Popen[bytes] | None" = None
    before: int = 0
    peak: int = 0

    def start(self) -> None:
        command = [sys.executable, "-m", "ebook_pipeline.desk.server"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200:
                    break
            time.sleep(0.05)
        self.before = self.memory()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def memory(self) -> int:
        assert self.process is not None
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident

    def measure(self) -> None:
        self.peak = max(self.peak, self.memory() - self.before)


@dataclass
class Sender:
    """Sends one file; `again`: bytes that were sent more than once, per interruption."""

    desk: Desk
    client: httpx.Client
    body: "Body"
    request: int
    cuts: set[int]
    kills: set[int]
    again: list[int] = field(default_factory=list)
    sent: int = 0

    def send(self, url: str) -> None:
        offset = 0
        while offset < self.body.length:
            try:
                end = min(offset + self.request, self.body.length)
                headers = {
                    "Upload-Offset": str(offset),
                    "Content-Type": "application/offset+octet-stream",
                    "Content-Length": str(end - offset),
                }
                answer = self.client.patch(
                    url, content=self._pieces(offset, end), headers=_TUS | headers
                )
                offset = _taken(answer)
            except (_Cut, httpx.TransportError):
                offset = self._offset(url)
                self.again.append(self.sent - offset)

    def _pieces(self, offset: int, end: int) -> Iterator[bytes]:
        while offset < end:
            piece = self.body.piece(offset, min(_PIECE, end - offset))
            offset += len(piece)
            self.sent = offset
            self.desk.measure()
            yield piece
            if self._reached(self.kills, offset):
                self.desk.kill()
                self.desk.start()
                raise _Cut
            if self._reached(self.cuts, offset):
                raise _Cut

    @staticmethod
    def _reached(marks: set[int], offset: int) -> bool:
        passed = {mark for mark in marks if mark <= offset}
        marks -= passed
        return bool(passed)

    def _offset(self, url: str) -> int:
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = self.client.head(url, headers=_TUS)
                if answer.status_code == 200:
                    return int(answer.headers["Upload-Offset"])
            time.sleep(0.05)


@dataclass(frozen=True)
class Body:
    """Bytes that no disk holds: the same ones wherever they are asked for."""

    length: int
    block: bytes = random.Random(1).randbytes(_PIECE)

    def piece(self, offset: int, length: int) -> bytes:
        """A piece of at most a MiB; each begins with where it lies: none is like another."""
        number, inside = divmod(offset, _PIECE)
        whole = number.to_bytes(8, "big") + self.block[8:]
        return whole[inside : inside + min(length, _PIECE - inside)]

    def sha256(self) -> str:
        digest, offset = hashlib.sha256(), 0
        while offset < self.length:
            piece = self.piece(offset, self.length - offset)
            digest.update(piece)
            offset += len(piece)
        return digest.hexdigest()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--request", type=int, default=64, help="MiB of one request")
    parser.add_argument("--cuts", type=int, default=10)
    parser.add_argument("--kills", type=int, default=3)
    given = parser.parse_args(argv)
    port = free_port()
    length = int(given.gigabytes * (1 << 30)) + 12_345
    with temporary_home() as stack:
        os.environ |= {"EBOOK_DESK_PORT": str(port), "EBOOK_MAX_BOOK_BYTES": str(length)}
        os.environ["EBOOK_UPLOAD_GIGABYTES_PER_DAY"] = "1000"
        stack.prepare()
        print_table(_measured(stack, port, Body(length), given))


def _measured(stack: Stack, port: int, body: Body, given: argparse.Namespace) -> Table:
    chance = random.Random(2)
    desk = Desk(port)
    desk.start()
    with signed_in(stack, port) as client:
        job = client.post("/api/v1/jobs", json={"account": HOUSE}).json()["id"]
        about = {"job": job, "filename": "large.epub"}
        headers = {"Upload-Length": str(body.length), "Upload-Metadata": encoded(about)}
        url = client.post("/api/v1/uploads", headers=_TUS | headers).headers["Location"]
        cuts, kills = (
            {chance.randrange(body.length) for _ in range(count)}
            for count in (given.cuts, given.kills)
        )
        sender = Sender(desk, client, body, given.request << 20, cuts, kills)
        began = time.monotonic()
        sender.send(url)
        seconds = time.monotonic() - began
        while client.get(f"/api/v1/jobs/{job}").json()["book"] is None:
            time.sleep(0.2)
        waited = time.monotonic() - began - seconds
        desk.measure()
    landed = stack.root / "landing" / HOUSE / "uploads" / job / "large.epub"
    with landed.open("rb") as stream:
        right = hashlib.file_digest(stream, "sha256").hexdigest() == body.sha256()
    desk.kill()
    return _table(body, sender, right, (seconds, waited))


def _table(body: Body, sender: "Sender", right: bool, taken: tuple[float, float]) -> Table:
    """`taken`: seconds for the sending, and after it until the book was submitted."""
    seconds, waited = taken
    row: dict[str, Cell] = {
        "MiB": body.length >> 20,
        "bytes are right": str(right),
        "interrupted": len(sender.again),
        "sent again, MiB": round(max(sender.again, default=0) / (1 << 20), 1),
        "seconds": round(seconds, 1),
        "MiB/s": round(body.length / (1 << 20) / seconds, 1),
        "until submitted, s": round(waited, 1),
        "memory grew, MiB": round(sender.desk.peak / (1 << 20), 1),
    }
    said = "sent again: the most after any interruption, what was on its way included"
    return Table("An upload that is cut and killed", tuple(row), [tuple(row.values())], said)


def _taken(answer: httpx.Response) -> int:
    """How far the upload is; where nothing was taken, that is asked for, as clients do."""
    if answer.status_code != 204:
        raise _Cut
    return int(answer.headers["Upload-Offset"])


def signed_in(stack: Stack, port: int) -> httpx.Client:
    """The browser of an author of the house."""
    login = "sender"
    with contextlib.closing(Resources(stack.settings).database) as database:
        operator = people.operators(database)[0]
        membership = Membership(account=HOUSE, role=Role.AUTHOR)
        people.add(database, login, membership, actor=f"cli:{operator}")
        with database.begin() as connection:
            token = sessions.begin(connection, login, "benchmark", SessionLimits())
    address = f"http://127.0.0.1:{port}"
    headers = {
        "Cookie": f"ebooks-session-{port}={token}",
        "Origin": address,
        "X-CSRF-Token": form_token(token),
    }
    return httpx.Client(base_url=address, headers=headers, timeout=120)


def encoded(pairs: dict[str, str]) -> str:
    """Upload-Metadata."""
    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items()
    )


if __name__ == "__main__":
    main()
