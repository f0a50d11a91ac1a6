"""Work that is killed: a run at an event of it, a call where it calls another."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.support.homes import Home

Event = Callable[[Home], int]
"""What is counted in a home: one more of it is the event."""


def recorded(stage: str, home: Home) -> int:
    """Of how many books the stage has a record; its line in the journal follows a moment later."""
    records = home.settings.root / "objects" / "documents" / "records"
    return len(list((records / stage).glob("*/*/current.json")))


def counted(table: str, home: Home) -> int:
    ((count,),) = rows(home, f"SELECT count(*) FROM {table}")
    return int(count)


def published(home: Home) -> int:
    return len(list((home.settings.root / "released" / "objects").rglob("@entry.json")))


def nothing(_: Home) -> None:
    """Nothing else is killed."""


@contextmanager
def killed_at(patch: pytest.MonkeyPatch, where: object, what: str) -> Iterator[None]:
    """Let what the block does end as by a kill where it calls `what` of `where`."""

    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with patch.context() as patched:
        patched.setattr(where, what, dies)
        with pytest.raises(RuntimeError, match="killed"):
            yield


def killed_run(
    home: Home, words: tuple[object, ...], event: Event, first: Callable[[Home], None] = nothing
) -> tuple[str, ...]:
    """Start a command and kill it at the event; what it had started and still works 10 s later.

    `first` kills a service just before. AssertionError where the command ends without the event.
    """
    before = event(home)
    process = home.started(*words)
    while event(home) == before:
        assert process.poll() is None, f"{event} did not come: {process.communicate()}"
        time.sleep(0.03)  # to look costs 10 ms, which the run could use
    first(home)
    family = _family(process.pid)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(family, timeout=10)
    return tuple(" ".join(one.cmdline())[:200] for one in alive if _works(one))


def kill_postgres(home: Home) -> None:
    """The postmaster; a second later the run has noticed."""
    file = home.settings.root / "postgres" / "data" / "postmaster.pid"
    psutil.Process(int(file.read_text().splitlines()[0])).kill()
    time.sleep(1)


def kill_edge(home: Home) -> None:
    edge = home.stack.process("edge")
    assert edge is not None
    edge.kill()
    time.sleep(1)


def _family(pid: int) -> list[psutil.Process]:
    """All that a run has started, but for the services, which outlive it on purpose."""
    found = psutil.Process(pid).children(recursive=True)
    return [one for one in found if _works(one) and "resources.edge" not in " ".join(_words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def _works(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def rows(home: Home, query: str, database: str = "ebooks") -> list[tuple[Any, ...]]:
    server = home.resources.postgres
    engine = create_engine(server.url(database), poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
