"""Runs whose process was killed: Dagster does not notice, and would wait for them for ever."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.execution import scratch
from ebook_pipeline.jobs import reprocess, verify
from ebook_pipeline.jobs.ingest import ingest, release
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.actors import LAUNCHED_BY, is_shells
from ebook_pipeline.services.recording import run_claims

_BEGUN = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_OURS = frozenset({ingest.name, release.name, reprocess.NAME, verify.NAME})
_TIME_TO_CLAIM = timedelta(minutes=2)
_MISSED_SECONDS = 180.0
_missing: dict[str, float] = {}
"""Since when each run is missed, as this process saw it (`time.monotonic`)."""
_RESTORED = "The run was under way when the backup was taken. `ebooks status` shows its books."
_WORDS = "The run's process was killed. `ebooks status` says where its books stand."


def fail_dead_runs(
    instance: dg.DagsterInstance, folder: Path, database: Database | None = None
) -> list[str]:
    """Report runs as failed that have died; their ids. They would keep their places for ever.

    On one machine a run claims scratch space in `folder`, and loses it with its process. With a
    `database` it is asked who lives, for other machines' claims are not seen here; there a run
    must be missed for some minutes.
    """
    if database is None:
        dead = [run for run in begun_runs(instance) if not _lives(run, folder)]
    else:
        records = instance.get_run_records(dg.RunsFilter(statuses=_BEGUN))
        begun = [record for record in records if _claims(record.dagster_run)]
        missed = _missed(begun, run_claims.living(database, map(_id, begun)))
        dead = [record for record in missed if _must_live(record)]
    return [fail(instance, record.dagster_run) for record in dead]


def begun_runs(instance: dg.DagsterInstance) -> list[dg.RunRecord]:
    """Runs that should have a living process."""
    records = instance.get_run_records(dg.RunsFilter(statuses=_BEGUN))
    return [record for record in records if _must_live(record)]


def _missed(begun: Sequence[dg.RunRecord], living: set[str]) -> list[dg.RunRecord]:
    """Those that nobody has held for a while: a lost connection is no death."""
    now = time.monotonic()
    gone = {_id(record): record for record in begun if _id(record) not in living}
    for run in set(_missing) - set(gone):
        del _missing[run]
    for run in gone:
        _missing.setdefault(run, now)
    return [record for run, record in gone.items() if now - _missing[run] >= _MISSED_SECONDS]


def _id(record: dg.RunRecord) -> str:
    return record.dagster_run.run_id


def fail_restored_runs() -> list[str]:
    """Report every run that had begun as failed: a restored home has no process; their ids."""
    with dg.DagsterInstance.get() as instance:
        records = instance.get_run_records(dg.RunsFilter(statuses=_BEGUN))
        return [fail(instance, record.dagster_run, _RESTORED) for record in records]


def fail(instance: dg.DagsterInstance, run: dg.DagsterRun, words: str = "") -> str:
    """Report one run as failed, whatever its process does; its id."""
    instance.report_run_failed(run, words or _WORDS)
    return run.run_id


def _lives(record: dg.RunRecord, folder: Path) -> bool:
    return scratch.lives(folder, record.dagster_run.run_id)


def _must_live(record: dg.RunRecord) -> bool:
    """A shell's run claims before Dagster hears of it; others soon after they have started."""
    run = record.dagster_run
    if is_shells(run.tags.get(LAUNCHED_BY, "")):
        return True
    return _claims(run) and datetime.now(UTC) - record.update_timestamp > _TIME_TO_CLAIM


def _claims(run: dg.DagsterRun) -> bool:
    """Whether it is of those that say that they live, and has begun."""
    if is_shells(run.tags.get(LAUNCHED_BY, "")):
        return True
    selected = {key.to_user_string() for key in run.asset_selection or ()}
    if run.job_name not in _OURS and not selected & set(BOOK_CHAIN.names):
        return False
    return run.status in (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
