"""Runs that have not ended: those that wait, those that work, and how each is cancelled."""

from collections.abc import Sequence

import dagster as dg

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.services.actors import LAUNCHED_BY, is_shells

QUEUED = "queued"
CANCELLED = "cancelled"
CANCELLING = "cancelling"
NOT_REACHED = "not reached"
RUN_KEY = "dagster/run_key"
"""The tag of a run that a sensor asked for under this key."""
_MOST = 10_000


def queued_runs(instance: dg.DagsterInstance) -> Sequence[dg.RunRecord]:
    """Runs that wait for their turn, the newest first."""
    wanted = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
    return instance.get_run_records(wanted, limit=_MOST)


def named(records: Sequence[dg.RunRecord], names: Sequence[str]) -> list[dg.RunRecord]:
    """The runs whose ids begin so. Raises `NotFound` where that is not exactly one each."""
    return [_named(records, name) for name in dict.fromkeys(names)]


def _named(records: Sequence[dg.RunRecord], name: str) -> dg.RunRecord:
    found = [one for one in records if name and one.dagster_run.run_id.startswith(name)]
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} runs under way are called {name[:80]!r}")
    return found[0]


def cancel(instance: dg.DagsterInstance, record: dg.RunRecord) -> str:
    """Have a run end; what became of it. A run of a shell is its shell's to end.

    One that waits ends at once, one that works within seconds: it starts nothing new and ends its
    tools. What is finished stays. A run whose process is dead can't be reached.
    """
    run = record.dagster_run
    if run.status is not dg.DagsterRunStatus.QUEUED and is_shells(run.tags.get(LAUNCHED_BY, "")):
        return NOT_REACHED
    if not instance.run_coordinator.cancel_run(run.run_id):
        return NOT_REACHED
    return CANCELLED if run.status is dg.DagsterRunStatus.QUEUED else CANCELLING
