"""Many who watch one desk: how long a change of a stage is on its way to them.

A desk in a process of its own, watchers over Server-Sent Events in this one, and one book whose
stages change; each change is timed from before its commit to when a watcher has read it.

    python -m benchmarks.watchers --watchers 1000 --changes 30
"""

import argparse
import asyncio
import contextlib
import json
import os
import time
from collections.abc import Sequence
from statistics import quantiles

import httpx
from sqlalchemy import text

from benchmarks.frame import Cell, Table, print_table
from benchmarks.home import free_port, temporary_home
from benchmarks.upload import Desk, encoded, signed_in
from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting.job_states import STAGES

_BODY = b"a book"
_TUS = {"Tus-Resumable": "1.0.0"}
_OPENED_AT_ONCE = 20


class Watcher:
    """One stream; `heard` has, by number, when each change was read."""

    def __init__(self) -> None:
        self.heard: dict[int, float] = {}
        self.is_ready = asyncio.Event()

    async def run(self, port: int, path: str, cookie: str, slots: asyncio.Semaphore) -> None:
        async with slots:
            reader = await self._opened(port, path, cookie)
        self.is_ready.set()
        while line := await reader.readline():
            if line.startswith(b'data: {"specversion"'):
                told = json.loads(line.removeprefix(b"data: "))
                self.heard.setdefault(int(told["data"].get("edition", 0)), time.monotonic())

    async def _opened(self, port: int, path: str, cookie: str) -> asyncio.StreamReader:
        """A stream that has said how the job stands; whom the desk bids to wait comes again."""
        host = f"127.0.0.1:{port}"
        asked = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"
        while True:
            reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
            self._writer.write(asked.encode())
            if b" 200 " not in await reader.readline():
                self._writer.close()
                await asyncio.sleep(1)
                continue
            while (line := await reader.readline()).strip() != b"event: job":
                if not line:
                    raise ConnectionError("the desk ended the stream")
            return reader


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=30)
    given = parser.parse_args(argv)
    port = free_port()
    with temporary_home() as stack:
        os.environ |= {"EBOOK_DESK_PORT": str(port), "EBOOK_WATCHERS_PER_PERSON": "100000"}
        stack.prepare()
        print_table(_measured(stack, port, given))


def _uploaded(client: httpx.Client, job: str) -> str:
    """The book that the job's file has become."""
    headers = _TUS | {
        "Upload-Length": str(len(_BODY)),
        "Upload-Metadata": encoded({"job": job, "filename": "emma.epub"}),
        "Content-Type": "application/offset+octet-stream",
    }
    client.post("/api/v1/uploads", content=_BODY, headers=headers).raise_for_status()
    return str(client.get(f"/api/v1/jobs/{job}").json()["book"])


def _measured(stack: Stack, port: int, given: argparse.Namespace) -> Table:
    desk = Desk(port)
    desk.start()
    with signed_in(stack, port) as client:
        job = client.post("/api/v1/jobs", json={"account": HOUSE}).json()["id"]
        book = _uploaded(client, job)
        cookie = client.headers["Cookie"]
    with contextlib.closing(Resources(stack.settings).database) as database:
        told = _Told(port, f"/api/v1/jobs/{job}/events", cookie, given)
        seconds = asyncio.run(told.run(Journal(database), book))
        with database.begin() as connection:
            listening = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            listeners = connection.execute(text(listening)).scalar_one()
    desk.measure()
    desk.kill()
    cuts = quantiles(seconds, n=100)
    row: dict[str, Cell] = {
        "watchers": given.watchers,
        "listening connections": listeners,
        "changes heard": len(seconds),
        "missed": given.watchers * given.changes - len(seconds),
        "p50, ms": round(cuts[49] * 1000),
        "p95, ms": round(cuts[94] * 1000),
        "memory grew, MiB": round(desk.peak / (1 << 20), 1),
    }
    said = "from before the commit of a stage's change to when a watcher has read it"
    return Table("A stage's change on screen", tuple(row), [tuple(row.values())], said)


class _Told:
    def __init__(self, port: int, path: str, cookie: str, given: argparse.Namespace) -> None:
        self._port, self._path, self._cookie, self._given = port, path, cookie, given

    async def run(self, journal: Journal, book: str) -> list[float]:
        watchers = [Watcher() for _ in range(self._given.watchers)]
        slots = asyncio.Semaphore(_OPENED_AT_ONCE)
        tasks = [
            asyncio.create_task(watcher.run(self._port, self._path, self._cookie, slots))
            for watcher in watchers
        ]
        for watcher, task in zip(watchers, tasks, strict=True):
            ready = asyncio.create_task(watcher.is_ready.wait())
            await asyncio.wait([ready, task], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        began: dict[int, float] = {}
        for number in range(1, self._given.changes + 1):
            began[number] = time.monotonic()
            stage = STAGES[number % len(STAGES)]
            await asyncio.to_thread(journal.started, "run", book, number, stage)
            await asyncio.sleep(1)
        await asyncio.sleep(3)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [
            heard - began[number]
            for watcher in watchers
            for number, heard in watcher.heard.items()
            if number in began
        ]


if __name__ == "__main__":
    main()
