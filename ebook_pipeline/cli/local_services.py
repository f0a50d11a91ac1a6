"""The local services: Postgres, the edge, the desk, Dagster's web UI and daemon."""

import contextlib
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources import Resources, disk
from ebook_pipeline.settings import Settings, login
from ebook_pipeline.web import access_token
from ebook_pipeline.web.addresses import HEALTH, base_url, local_url

if TYPE_CHECKING:
    from ebook_pipeline.resources.database.postgres import EmbeddedPostgres

_PATIENCE = 90.0
"""Seconds, of the clock and of a processor, that a service may take to answer."""
_GETS_ON = 1.0
"""Seconds of a processor in that time which tell a busy machine from a service that hangs."""


@dataclass(frozen=True)
class Program:
    """A long-running process of ours: how it is started, and the address that says it is ready."""

    name: str
    argv: tuple[str, ...]
    port: int
    setting: str
    health: str


class Stack:
    """What one machine runs for a project, below its home folder; every method may be repeated.

    `operators` of the home are known once its database was prepared.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.root = settings.root
        self.operators: tuple[str, ...] = ()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @cached_property
    def postgres(self) -> "EmbeddedPostgres | None":
        """The embedded server; None where the database is another's."""
        from ebook_pipeline.resources.database.postgres import EmbeddedPostgres

        return None if self.settings.database_url else EmbeddedPostgres(self.root / "postgres")

    @property
    def dagster_home(self) -> Path:
        return self.root / "dagster"

    @property
    def web_url(self) -> str:
        """The web UI's address, which opens it to no one: see `web_link`."""
        return base_url(self.settings)

    @property
    def desk_url(self) -> str:
        """The desk's address on this machine."""
        return local_url(self.settings, self.settings.desk_port)

    def web_link(self, path: str = "/") -> str:
        """A page of the running web UI, with the token that opens it."""
        return access_token.link(self.settings, path)

    def prepare(self) -> bool:
        """Folders, database and migrations, and the environment that Dagster reads.

        Returns whether Postgres was started by this call.
        """
        self._folders()
        self._log_to_file()
        started = self.postgres is not None and not self.postgres.running()
        if self.postgres:
            self.postgres.start()
        os.environ.update(self.environment())
        self._set_up()
        return started

    def _set_up(self) -> None:
        """All tables; and on one machine whoever sets it up is its first operator."""
        from ebook_pipeline.services.owning import people

        with contextlib.closing(Resources(self.settings).database) as database:
            database.migrate()
            if self.settings.env == "local" and not people.operators(database):
                people.first_operator(database, people.login_of(login()))
            self.operators = tuple(people.operators(database))

    def environment(self) -> dict[str, str]:
        """What a Dagster process of this project must find in its environment."""
        return {
            "DAGSTER_HOME": str(self.dagster_home),
            "EBOOK_HOME": str(self.root),
            "EBOOK_DAGSTER_DATABASE_URL": self._dagster_database(),
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }

    def up(self) -> None:
        """Start what is not running: the edge, the desk, the web UI with its daemon.

        Raises `ServiceError` where the web UI that runs is one without a token.
        """
        self.prepare()
        if self.settings.env == "local":
            self.start(self.edge())
        self.start(self.desk())
        self.start(self.dagster())
        if not access_token.token_file(self.settings).exists():
            raise ServiceError(
                "The services that run here were started by an older version, and their web UI"
                " has no link. Run `ebooks down`, then `ebooks up`."
            )

    def down(self) -> list[str]:
        """Stop all that was started, Dagster first; the names of what was stopped."""
        stopped = [name for name in ("dagster", "desk", "edge") if self.stop(name)]
        if self.postgres and self.postgres.running():
            self.postgres.stop()
            stopped.append("postgres")
        return stopped

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[None]:
        """Postgres and the edge for one command: what it had to start it stops again."""
        started_postgres = self.prepare()
        started_edge = self.start(self.edge()) if self.settings.env == "local" else False
        try:
            yield
        finally:
            if started_edge:
                self.stop("edge")
            if started_postgres and self.postgres:
                self.postgres.stop()

    def edge(self) -> Program:
        edge = Resources(self.settings).edge_server()
        address = f"http://{self.settings.host}:{self.settings.edge_port}/healthz"
        return Program("edge", edge, self.settings.edge_port, "EBOOK_EDGE_PORT", address)

    def desk(self) -> Program:
        argv = (sys.executable, "-m", "ebook_pipeline.desk.server")
        address = f"{self.desk_url}{HEALTH}"
        return Program("desk", argv, self.settings.desk_port, "EBOOK_DESK_PORT", address)

    def dagster(self) -> Program:
        argv = (sys.executable, "-m", "ebook_pipeline.web.local_dagster")
        address = f"{self.web_url}{HEALTH}"
        return Program("dagster", argv, self.settings.web_port, "EBOOK_WEB_PORT", address)

    def start(self, program: Program) -> bool:
        """Start `program` unless it runs already; returns whether it did.

        Raises `ServiceError` where its port is taken, or where it does not become ready.
        """
        if self.process(program.name):
            return False
        if _taken(self.settings.host, program.port):
            raise ServiceError(
                f"Port {program.port} is taken: free it, or choose another by {program.setting}."
            )
        log = self.root / "logs" / f"{program.name}.log"
        with log.open("ab") as stream:
            child = subprocess.Popen(
                program.argv,
                stdout=stream,
                stderr=stream,
                stdin=subprocess.DEVNULL,
                cwd=self.root,
                env=os.environ | self.environment(),
                start_new_session=True,
            )
        self._children[program.name] = child
        self._remember(program.name, child.pid)
        _wait_until_ready(program, child, log)
        return True

    def stop(self, name: str) -> bool:
        """End a program and all of its children; returns whether it ran."""
        process = self.process(name)
        if process:
            _end(process)
        child = self._children.pop(name, None)
        if child:
            child.wait()
        self._pid_file(name).unlink(missing_ok=True)
        return process is not None

    def process(self, name: str) -> psutil.Process | None:
        """The running process of `name`; a recycled process number is not taken for it."""
        path = self._pid_file(name)
        try:
            note = json.loads(path.read_text())
            process = psutil.Process(note["pid"])
            alive = process.create_time() == note["created"]
        except (FileNotFoundError, psutil.NoSuchProcess):
            return None
        return process if alive and process.status() != psutil.STATUS_ZOMBIE else None

    def _remember(self, name: str, pid: int) -> None:
        note = {"pid": pid, "created": psutil.Process(pid).create_time()}
        self._pid_file(name).write_text(json.dumps(note))

    def _pid_file(self, name: str) -> Path:
        return self.root / "run" / f"{name}.json"

    def _dagster_database(self) -> str:
        if self.settings.dagster_database_url:
            return self.settings.dagster_database_url.get_secret_value()
        if self.postgres is None:
            raise ServiceError("EBOOK_DATABASE_URL is set: set EBOOK_DAGSTER_DATABASE_URL too.")
        return self.postgres.application_url("dagster", makes_tables=True)

    def _log_to_file(self) -> None:
        """What libraries and tools say goes to a file; people read what commands print."""
        file = logging.FileHandler(self.root / "logs" / "ebooks.log", delay=True)
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.basicConfig(handlers=[file], level=logging.WARNING, force=True)

    def _folders(self) -> None:
        """Nobody else looks into the home; what is made from here on is this user's alone."""
        disk.keep_private()
        disk.make_private_folder(self.root)
        for name in ("landing", "logs", "run", "dagster", "scratch"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_dagster_yaml(), self.dagster_home / "dagster.yaml")
        nux = self.dagster_home / ".nux" / "nux.yaml"
        nux.parent.mkdir(exist_ok=True)
        nux.write_text("seen: 1\n")


def _dagster_yaml() -> Path:
    """The project's file; an installed wheel carries a copy inside the package."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "dagster.yaml"
    return beside if beside.exists() else package / "dagster.yaml"


def _taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def _wait_until_ready(program: Program, child: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers; on a busy machine as long as it gets on, which its processor time tells."""
    deadline, used = time.monotonic() + _PATIENCE, 0.0
    while not answers(program.health):
        if child.poll() is not None:
            raise ServiceError(f"{program.name} ended at once: see {log}")
        if time.monotonic() > deadline:
            before, used = used, _cpu_seconds(child.pid)
            if not before + _GETS_ON < used < _PATIENCE:
                text = f"{program.name} did not become ready in {_PATIENCE:.0f} s: see {log}"
                raise ServiceError(text)
            deadline += _PATIENCE
        time.sleep(0.05)


def _cpu_seconds(pid: int) -> float:
    """What a process and its children have used so far; 0 once it is gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(sum(member.cpu_times()[:2]) for member in family)
    except psutil.Error:
        return 0.0


def answers(url: str) -> bool:
    """Whether a server answers there, and is well."""
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=2)
    try:
        connection.request("GET", where.path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(process: psutil.Process) -> None:
    family = [*process.children(recursive=True), process]
    process.terminate()
    _, alive = psutil.wait_procs(family, timeout=10)
    for survivor in alive:
        survivor.kill()
    psutil.wait_procs(alive, timeout=5)


def described(environment: Mapping[str, str]) -> str:
    """Shell lines that put a command beside the running services; without secrets."""
    return "\n".join(f"export {k}={v}" for k, v in environment.items() if "URL" not in k)
