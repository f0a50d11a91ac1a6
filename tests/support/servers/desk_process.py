"""A desk in a process of its own, which may be killed in the middle and started anew."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from ebook_pipeline.desk.session_cookie import form_token
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import SessionLimits
from tests.support.homes import free_port
from tests.support.paths import PROJECT
from tests.support.servers.dagster_server import wait_for

_BLOCKED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@dataclass
class DeskProcess:
    """A desk at `url` over `database`; its proxy, whose word it takes, is this machine."""

    database: Database
    home: Path
    port: int
    processes: int = 1
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        own = {
            "EBOOK_HOME": str(self.home),
            "EBOOK_DATABASE_URL": self.database.engine.url.render_as_string(hide_password=False),
            "EBOOK_DESK_PORT": str(self.port),
            "EBOOK_DESK_PROXIES": "127.0.0.1",
            "EBOOK_DESK_PROCESSES": str(self.processes),
            "PYTHONPATH": str(PROJECT),
        }
        argv = [sys.executable, "-m", "ebook_pipeline.desk.server"]
        with (self.home / "desk.log").open("ab") as log:
            self.process = subprocess.Popen(argv, env=os.environ | own, stdout=log, stderr=log)
        wait_for(self._answers, bool)

    def kill(self) -> None:
        """As a machine does that has no memory left: it finishes nothing."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def headers(self, login: str) -> dict[str, str]:
        """What a browser sends in which `login` has signed in."""
        with self.database.begin() as connection:
            token = sessions.begin(connection, login, "test", SessionLimits())
        cookie = f"ebooks-session-{self.port}={token}"
        return {"Cookie": cookie, "Origin": self.url, "X-CSRF-Token": form_token(token)}

    def wait_until_blocked(self, transactions: int) -> None:
        """Until so many transactions wait for a lock: each is in its middle then."""

        def blocked() -> int:
            with self.database.begin() as connection:
                return int(connection.exec_driver_sql(_BLOCKED).scalar_one())

        wait_for(blocked, lambda count: count >= transactions, 60)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "desk.log").read_text()
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz").status_code == 200
        time.sleep(0.05)
        return False


@contextlib.contextmanager
def desk_process(database: Database, home: Path, processes: int = 1) -> Iterator[DeskProcess]:
    """A desk that answers, until the block ends."""
    desk = DeskProcess(database, home, free_port(), processes)
    desk.start()
    try:
        yield desk
    finally:
        desk.kill()
