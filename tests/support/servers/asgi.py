"""An ASGI app behind a real port, in a thread of the test's process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from ebook_pipeline.tools.http_server import QuietServer
from tests.support.servers.dagster_server import wait_for


@contextmanager
def served(app: ASGIApp, port: int = 0, **options: Any) -> Iterator[int]:
    """The port at which `app` answers until the block ends; 0 is any that is free."""
    config = uvicorn.Config(
        app, "127.0.0.1", port, log_config=None, proxy_headers=False, lifespan="off", **options
    )
    server = QuietServer(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started or not thread.is_alive(), bool, 60)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(30)
