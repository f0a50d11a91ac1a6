"""In whose name runs and backfills are launched from the web UI: told by the desk, by nobody else.

Dagster's open server knows no users. What its storage writes while a request of the desk is
answered carries the tag of the person who sent it, whatever tags they, or the run that is launched
anew, say. Names of Dagster's internals stand here, and a test fails when they change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dagster import DagsterInstance, DagsterRun
from dagster._core.execution.backfill import PartitionBackfill

from ebook_pipeline.services.actors import LAUNCHED_BY

_LAUNCHER: ContextVar[str | None] = ContextVar("launcher", default=None)


@contextmanager
def launching_as(login: str | None) -> Iterator[None]:
    """What is launched meanwhile is launched by `login`; None: by whoever the tags name."""
    before = _LAUNCHER.set(login)
    try:
        yield
    finally:
        _LAUNCHER.reset(before)


def name_launchers(instance: DagsterInstance) -> None:
    """Have all that this process launches on `instance` name its launcher."""
    storage = instance.run_storage
    add_run, add_backfill = storage.add_run, storage.add_backfill

    def add_named_run(dagster_run: DagsterRun) -> DagsterRun:
        return add_run(dagster_run.with_tags({**dagster_run.tags, **_named()}))

    def add_named_backfill(partition_backfill: PartitionBackfill) -> None:
        tags = {**partition_backfill.tags, **_named()}
        add_backfill(partition_backfill._replace(tags=tags))

    storage.add_run = add_named_run  # type: ignore[method-assign]
    storage.add_backfill = add_named_backfill  # type: ignore[method-assign]


def _named() -> dict[str, str]:
    login = _LAUNCHER.get()
    return {} if login is None else {LAUNCHED_BY: login}
