"""How the desk bears a load: searches over HTTP, so many a second whether it keeps up or not.

A desk of its own answers on this machine's loopback, over a generated catalogue in an embedded
Postgres. A search is due at its own time and is measured from that time on, so that a desk that
falls behind is seen to. Asked as by a hundred addresses, each within its limits. CPU is what a
processor worked for a search in the desk, without Postgres, however busy the machine is.

    python -m benchmarks.desk --rows 20000 --rate 200 --seconds 30
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from benchmarks.catalog import filled, titles
from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.resources.database import Database

COLUMNS = ("searches", "a second", "p50 ms", "p95 ms", "worst ms", "failed", "CPU ms", "RSS MB")
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
        before = worked(process.pid)
        figures = asyncio.run(measure(words, asked.rate, asked.seconds))
        of_each = (worked(process.pid) - before) * 1000 / (asked.rate * asked.seconds)
        row = [*figures, of_each, memory(process.pid)]
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


async def measure(words: Sequence[str], rate: int, seconds: int) -> list[Cell]:
    """How many searches, at which rate, how long they took, how many failed."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        begun = time.monotonic() + 0.5
        asked = (
            _search(client, words[at % len(words)], at, begun + at / rate)
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
    """Seconds that processors have worked for the desk, the database's server not included."""
    return sum(sum(one.cpu_times()[:2]) for one in _family(process))


def memory(process: int) -> float:
    """Megabytes that the desk has resident, what its processes share counted for each."""
    return sum(one.memory_info().rss for one in _family(process)) / 1e6


def _family(process: int) -> list[psutil.Process]:
    own = psutil.Process(process)
    return [own, *own.children()]


async def _search(client: httpx.AsyncClient, words: str, number: int, due: float) -> float | None:
    """Milliseconds from when the search was due; None where it failed."""
    await asyncio.sleep(max(0.0, due - time.monotonic()))
    headers = {"X-Forwarded-For": f"10.0.0.{number % _ADDRESSES}"}
    url = f"http://127.0.0.1:{_PORT}/api/v1/catalog/search"
    try:
        answer = await client.get(url, params={"query": words}, headers=headers)
    except httpx.HTTPError:
        return None
    return (time.monotonic() - due) * 1000 if answer.status_code == 200 else None


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
