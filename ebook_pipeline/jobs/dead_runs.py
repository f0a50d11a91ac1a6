"""Runs whose process was killed: Dagster does not notice, and would wait for them for ever."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.execution import scratch
from ebook_pipeline.jobs import reprocess, verify
from ebook_pipeline.jobs.ingest import ingest, release

LAUNCHED_BY = "ebooks/launched_by"
_BEGUN = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_OURS = frozenset({ingest.name, release.name, reprocess.NAME, verify.NAME})
_TIME_TO_CLAIM = timedelta(minutes=2)
_WORDS = "The run's process was killed. `ebooks status` says where its books stand."


def fail_dead_runs(instance: dg.DagsterInstance, folder: Path) -> list[str]:
    """Report runs as failed that claimed scratch space in `folder` and died; their ids.

    A dead run would keep its place among the few that may run at a time. Only for one machine:
    another machine's claims are not seen here.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=_BEGUN))
    dead = [record for record in records if _must_live(record) and not _lives(record, folder)]
    for record in dead:
        instance.report_run_failed(record.dagster_run, _WORDS)
    return [record.dagster_run.run_id for record in dead]


def _lives(record: dg.RunRecord, folder: Path) -> bool:
    return scratch.lives(folder, record.dagster_run.run_id)


def _must_live(record: dg.RunRecord) -> bool:
    """A shell's run claims before Dagster hears of it; others soon after they have started."""
    run = record.dagster_run
    if LAUNCHED_BY in run.tags:
        return True
    selected = {key.to_user_string() for key in run.asset_selection or ()}
    if run.job_name not in _OURS and not selected & set(BOOK_CHAIN.names):
        return False
    begun = run.status in (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
    return begun and datetime.now(UTC) - record.update_timestamp > _TIME_TO_CLAIM
