"""A server that sleeps while nobody asks, and wakes when it is to end."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
from typing import Any

import httpx
import pytest
import uvicorn

from ebook_pipeline.tools import http_server
from ebook_pipeline.tools.http_server import QuietServer

PROGRAM = """
import uvicorn
from ebook_pipeline.tools import http_server

async def app(scope, receive, send):
    pass

class Telling(http_server.QuietServer):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print("up", flush=True)

http_server._TICK_SECONDS = 3600
Telling(uvicorn.Config(app, port=0, log_level="error", lifespan="off")).run()
"""


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
def slow_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_TICK_SECONDS", 3600)


@pytest.mark.usefixtures("slow_ticks")
def test_it_answers_between_its_ticks_and_ends_when_it_is_asked_to() -> None:
    server = QuietServer(uvicorn.Config(hello, port=0, log_level="error", lifespan="off"))
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    answer = httpx.get(f"http://127.0.0.1:{port}")
    server.should_exit = True
    running.join()
    assert (answer.text, "date" in answer.headers) == ("hello", True)
    assert server.should_exit


def test_a_signal_ends_it_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM


def test_it_is_asked_to_end_before_it_has_begun() -> None:
    server = QuietServer(uvicorn.Config(hello, port=0, log_level="error", lifespan="off"))
    server.should_exit = True
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(server.serve())
    assert server.should_exit


def test_the_date_it_tells_is_renewed_at_every_tick() -> None:
    server = QuietServer(uvicorn.Config(hello, log_level="error", lifespan="off"))
    server.config.load()
    server.server_state.default_headers = []
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(server.on_tick(http_server._COUNTED))
    assert [name for name, _ in server.server_state.default_headers] == [b"date", b"server"]
