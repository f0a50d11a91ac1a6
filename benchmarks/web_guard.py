"""What the guard before Dagster's web UI costs a request, beside the same Dagster without it.

    PYTHONPATH=. .venv/bin/python benchmarks/web_guard.py --requests 1000

Needs the tests' support. Milliseconds are medians of requests one after the other on one kept
connection, and of a WebSocket's opening; CPU is the server process' own time.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from tests.support.servers.dagster_server import dagster, guarded_ui
from tests.support.servers.raw_http import handshake

Ask = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1000)
    count = parser.parse_args().requests
    with (
        tempfile.TemporaryDirectory() as folder,
        dagster(Path(folder)) as server,
        guarded_ui(server) as ui,
    ):
        bearer = {"Authorization": f"Bearer {ui.token}"}
        print(f"{'':16}{'without':>21}{'with the guard':>21}")
        for what in ("graphql", "static file", "page", "new connection", "websocket"):
            bare = measured(server.port, what, count, {})
            guarded = measured(ui.port, what, count, bearer)
            print(
                f"{what:16}"
                + "".join(f"{ms:8.2f} ms, CPU {cpu:4.2f}" for ms, cpu in (bare, guarded))
            )


def measured(port: int, what: str, count: int, headers: dict[str, str]) -> tuple[float, float]:
    """(median milliseconds, milliseconds of the server's CPU) of a request."""
    process = listener(port)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        ask = asks(client, port, headers)[what]
        for _ in range(20):
            ask()
        before = sum(process.cpu_times()[:2])
        taken = [timed(ask) for _ in range(count)]
        used = sum(process.cpu_times()[:2]) - before
    return statistics.median(taken) * 1000, used / count * 1000


def asks(client: httpx.Client, port: int, headers: dict[str, str]) -> dict[str, Ask]:
    own = (("Host", f"127.0.0.1:{port}"), ("Origin", f"http://127.0.0.1:{port}"))
    opening = (*own, *headers.items())
    return {
        "graphql": lambda: client.post("/graphql", json={"query": "{version}"}).raise_for_status(),
        "static file": lambda: client.get("/favicon.svg").raise_for_status(),
        "page": lambda: client.get("/").raise_for_status(),
        "new connection": lambda: httpx.get(
            f"http://127.0.0.1:{port}/favicon.svg", headers=headers, verify=False
        ).raise_for_status(),
        "websocket": lambda: handshake(opening).sent_to(port),
    }


def timed(ask: Ask) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def listener(port: int) -> psutil.Process:
    """The process that listens at `port`."""
    listening = psutil.net_connections("tcp")
    found = next(c for c in listening if c.status == "LISTEN" and tuple(c.laddr)[1:] == (port,))
    return psutil.Process(found.pid)


if __name__ == "__main__":
    main()
