"""A desk behind a real uvicorn, in a thread: for clients that speak HTTP themselves."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.desk.addresses import DeskAddresses
from ebook_pipeline.desk.app import create_app
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.ingestion import Ingestion
from ebook_pipeline.desk.session_cookie import form_token
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.rate_limits import MemoryRateLimiter
from ebook_pipeline.services.owning import accounts, people
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import SessionLimits
from ebook_pipeline.settings import Settings


@dataclass(frozen=True)
class DeskServer:
    """A desk that listens at `url`."""

    url: str
    database: Database
    ingestion: Ingestion

    def headers(self, login: str, role: Role, account: str) -> dict[str, str]:
        """What a browser sends in which `login`, who is this, has signed in."""
        if account not in accounts.ids(self.database):
            accounts.add(self.database, account, actor="eve")
        people.add(self.database, login, Membership(account=account, role=role), actor="eve")
        with self.database.begin() as connection:
            token = sessions.begin(connection, login, "test", SessionLimits())
        port = self.url.rpartition(":")[2]
        return {
            "Cookie": f"ebooks-session-{port}={token}",
            "Origin": self.url,
            "X-CSRF-Token": form_token(token),
        }

    def client(self, login: str, role: Role, account: str) -> httpx.Client:
        """That browser."""
        return httpx.Client(
            base_url=self.url, headers=self.headers(login, role, account), timeout=60
        )


@contextlib.contextmanager
def desk_server(database: Database, home: Path, **settings: Any) -> Iterator[DeskServer]:
    """A desk over this database until the block ends; limits are counted in memory."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    made = Settings(home=home, desk_port=port, **settings)
    context = DeskContext(
        Resources(made, database=database), MemoryRateLimiter(), DeskAddresses.of(made)
    )
    app = create_app(context)
    config = uvicorn.Config(
        app, port=port, log_level="error", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield DeskServer(f"http://127.0.0.1:{port}", database, app.state.ingestion)
    server.should_exit = True
    thread.join()
