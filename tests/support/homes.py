"""Homes of the pipeline for tests: their own services and ports, and a command line."""

import contextlib
import functools
import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.notifying import confirming
from ebook_pipeline.settings import Settings
from tests.support import in_process
from tests.support.in_process import CommandResult
from tests.support.made_once import made_once
from tests.support.paths import SAMPLES
from tests.support.servers.postgres import prepared

CONTACTS = ("author@example.org", "editions@example.org")
"""Whom the samples' sidecars name; their homes have it confirmed."""


def samples() -> Sequence[Path]:
    return [*sorted(SAMPLES.glob("*.epub")), *sorted(SAMPLES.glob("*.pdf"))]


_LOWEST, _PER_WORKER = 20_000, 1500
"""Below the ports that the system gives to whoever asks (32,768 and up), for eight workers."""


@functools.cache
def _ports() -> Iterator[int]:
    """This worker's own, from anywhere among them: other sessions may run on the machine."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    start = random.randrange(_PER_WORKER)
    turns = ((start + number) % _PER_WORKER for number in itertools.count())
    return (_LOWEST + worker * _PER_WORKER + turn for turn in turns)


def free_port() -> int:
    """A port that nobody is given between now and the start of who shall listen there."""
    for port in _ports():
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the numbers of ports have no end")


@dataclass
class Home:
    """A home of the pipeline, and its command line."""

    settings: Settings
    environment: dict[str, str]
    stack: Stack

    @functools.cached_property
    def resources(self) -> Resources:
        return Resources(self.settings, **in_process.tools(self.settings))

    def ebooks(self, *words: object, **environment: str) -> CommandResult:
        """A command in this process: what it says in a process of its own, but without delay."""
        return in_process.ebooks(words, self.environment | environment)

    def shell(self, *words: object, **environment: str) -> CommandResult:
        """A command in a process of its own, as people start it."""
        with self.started(*words, **environment) as process:
            out, err = process.communicate(timeout=280)
        return CommandResult(process.returncode, out, err)

    def started(self, *words: object, **environment: str) -> "subprocess.Popen[str]":
        """The command, not waited for."""
        return subprocess.Popen(
            [sys.executable, "-m", "ebook_pipeline.cli", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment | environment,
        )


@contextlib.contextmanager
def open_home(folder: Path, **environment: str) -> Iterator[Home]:
    """A home whose Postgres and edge run, or which has Amazon's in their stead.

    This process' environment is the home's meanwhile.
    """
    own = {
        "EBOOK_HOME": str(folder),
        "EBOOK_EDGE_PORT": str(free_port()),
        "EBOOK_WEB_PORT": str(free_port()),
        "EBOOK_DESK_PORT": str(free_port()),
        "USER": "eve",
    }
    before, mask = dict(os.environ), os.umask(0o077)
    os.umask(mask)
    for name in [name for name in before if name.startswith(("EBOOK_", "DAGSTER_"))]:
        del os.environ[name]
    os.environ.update(own | environment)
    stack = Stack(Settings())
    try:
        if stack.postgres is not None and not stack.postgres.folder.exists():
            prepared(stack.postgres.folder)
        stack.prepare()
        if stack.settings.env == "local":
            stack.start(stack.edge())
        home = Home(Settings(), dict(os.environ), stack)
        yield home
        for made in map(vars(home.resources).get, ("cdn", "database")):
            if made is not None:
                made.close()
    finally:
        stack.down()
        os.umask(mask)
        os.environ.clear()
        os.environ.update(before)


def filled_once(name: str, fill: Callable[[Home], None]) -> Path:
    """The folder of a home that `fill` fills once for all workers of a session."""

    def make(folder: Path) -> None:
        with open_home(folder / "home") as home:
            fill(home)

    return made_once(name, make) / "home"


@contextlib.contextmanager
def copied_home(made: Path, folder: Path) -> Iterator[Home]:
    """A copy of a home, with services of its own."""
    shutil.copytree(made, folder, symlinks=True)
    with open_home(folder) as home:
        yield home


@contextlib.contextmanager
def home_with_samples(folder: Path) -> Iterator[tuple[Home, CommandResult]]:
    """A home that has ingested the samples, and what the command said to that in its home.

    The books are taken through the chain by a process that is started as people start it.
    """
    made = filled_once("samples", _ingest)
    with copied_home(made, folder) as home:
        yield home, CommandResult(**json.loads(made.with_name("said.json").read_text()))


def _ingest(home: Home) -> None:
    for contact in CONTACTS:
        confirming.vouch(home.resources.database, "house", contact, 20, actor="eve")
    result = home.shell("ingest", *samples(), "--json")
    home.settings.root.with_name("said.json").write_text(json.dumps(asdict(result)))
