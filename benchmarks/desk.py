"""How the desk bears a load: searches over HTTP, so many a second whether it keeps up or not.

A desk of its own answers on this machine's loopback, over a generated catalogue in an embedded
Postgres. A search is due at its own time and is measured from that time on, so that a desk that
falls behind is seen to. Asked as by a hundred addresses, each within its limits. CPU is what
processors worked for one search: what the machine bears is their number divided by all three.

    python -m benchmarks.desk --rows 20000 --rate 200 --seconds 30
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil
from sqlalchemy import text

from benchmarks.catalog import filled, titles
from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.resources.database import Database

LATENCIES = ("searches", "a second", "p50 ms", "p95 ms", "worst ms", "failed")
COLUMNS = (*LATENCIES, "CPU ms: desk", "Postgres", "who asks", "RSS MB")
_PORT = 18080
_ADDRESSES = 100
_STARTS_WITHIN = 60


def main() -> None:
    """One table: the latencies of a load, and the desk's memory after it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000, help="books in the catalogue")
    parser.add_argument("--rate", type=int, default=200, help="searches a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--processes", type=int, default=1, help="of the desk")
    parser.add_argument("--keep", type=Path, help="keep the catalogue in this folder, to use again")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    asked = parser.parse_args()
    with (
        filled(asked.rows, asked.keep) as database,
        desk(database, asked.processes) as process,
    ):
        words = titles(database, 2000, random.Random(1))
        load = f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors before"
        working = (process.pid, server(database), os.getpid())
        before = [worked(one) for one in working]
        figures = asyncio.run(measure(words, asked.rate, asked.seconds))
        passed = [worked(one) - was for one, was in zip(working, before, strict=True)]
        of_each = [seconds * 1000 / (asked.rate * asked.seconds) for seconds in passed]
        row = [*figures, *of_each, memory(process.pid)]
    said = (
        f"{asked.rows:,} books, {asked.rate} searches a second for {asked.seconds} s,"
        f" {asked.processes} processes; {load}"
    )
    table = Table("The desk under a load of searches", COLUMNS, [row], said)
    print(json.dumps(table.as_facts())) if asked.json else print_table(table)


@contextmanager
def desk(database: Database, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """A desk in a process of its own, which answers until the body ends."""
    with tempfile.TemporaryDirectory(prefix="desk-benchmark-") as home:
        environment = os.environ | {
            "EBOOK_HOME": home,
            "EBOOK_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "EBOOK_DESK_PORT": str(_PORT),
            "EBOOK_DESK_PROXIES": "127.0.0.1",
            "EBOOK_DESK_PROCESSES": str(processes),
        }
        argv = [sys.executable, "-m", "ebook_pipeline.desk.server"]
        process = subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait()
            yield process
        finally:
            process.terminate()
            process.wait()


class Asker:
    """One address with one connection, over which one search after the other goes."""

    def __init__(self, number: int) -> None:
        self._head = (
            f" HTTP/1.1\r\nHost: 127.0.0.1:{_PORT}\r\nX-Forwarded-For: 10.0.0.{number}\r\n\r\n"
        ).encode()
        self._free = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def search(self, words: str, due: float) -> float | None:
        """Milliseconds from when the search was due; None where it failed."""
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        async with self._free:
            try:
                status = await self._ask(f"/api/v1/catalog/search?query={quote(words)}")
            except (OSError, asyncio.IncompleteReadError):
                self._streams = None
                return None
        return (time.monotonic() - due) * 1000 if status == HTTPStatus.OK else None

    async def _ask(self, path: str) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", _PORT)
        reader, writer = self._streams
        writer.write(b"GET " + path.encode() + self._head)
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = re.findall(rb"content-length: (\d+)", head.lower())
        await reader.readexactly(int(length))
        return int(head.split(b" ", 2)[1])


async def measure(words: Sequence[str], rate: int, seconds: int) -> list[Cell]:
    """How many searches, at which rate, how long they took, how many failed."""
    askers = [Asker(number) for number in range(_ADDRESSES)]
    begun = time.monotonic() + 0.5
    asked = (
        askers[at % _ADDRESSES].search(words[at % len(words)], begun + at / rate)
        for at in range(rate * seconds)
    )
    taken = await asyncio.gather(*asked)
    passed = time.monotonic() - begun
    good = sorted(milliseconds for milliseconds in taken if milliseconds is not None)
    if not good:
        return [len(taken), len(taken) / passed, None, None, None, len(taken)]
    p95 = good[min(len(good) - 1, int(len(good) * 0.95))]
    failed = len(taken) - len(good)
    return [len(taken), len(taken) / passed, statistics.median(good), p95, good[-1], failed]


def worked(process: int) -> float:
    """Seconds that processors have worked for a process and its children."""
    if process == os.getpid():
        return time.process_time()
    own, *children = _family(process)  # and those that it has waited for
    return sum(own.cpu_times()[:4]) + sum(sum(child.cpu_times()[:2]) for child in children)


def server(database: Database) -> int:
    """The process of the database's server whose children answer."""
    with database.begin() as connection:
        backend: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return psutil.Process(backend).ppid()


def memory(process: int) -> float:
    """Megabytes that the desk has resident, what its processes share counted for each."""
    return sum(one.memory_info().rss for one in _family(process)) / 1e6


def _family(process: int) -> list[psutil.Process]:
    own = psutil.Process(process)
    return [own, *own.children()]


def _wait() -> None:
    end = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{_PORT}/readyz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the desk does not start")


if __name__ == "__main__":
    main()
