"""``ebooks runs``: runs that have not ended, whether they live, and an end for those that don't."""

from typing import TYPE_CHECKING

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, safe
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    import dagster as dg


@click.command()
@click.option("--fail", "run", help="Report this run as failed, whatever its process does.")
@click.option("--dead", is_flag=True, help="Report all as failed that have no living process.")
@as_json
def runs(run: str | None, dead: bool, as_json: bool) -> None:
    """Runs that have begun and not ended, and whether their processes live.

    A dead run keeps a place of those that may run at a time. The daemon ends it by itself within
    minutes; --fail and --dead do so at once. Its books are taken up again by `ebooks retry`.
    """
    import dagster as dg

    from ebook_pipeline.jobs import dead_runs

    with changing(Settings()) as resources, dg.DagsterInstance.get() as instance:
        begun = dead_runs.begun_runs(instance)
        living = _living(resources, begun)
        ids = [record.dagster_run.run_id for record in begun]
        chosen = [one for one in ids if one not in living] if dead else _called(ids, run)
        if chosen:
            _audit(resources, chosen)
        for record in begun:
            if record.dagster_run.run_id in chosen:
                dead_runs.fail(instance, record.dagster_run, "An operator ended the run.")
        facts = [_facts(record, living, chosen) for record in begun]
    if as_json:
        print_json(facts)
        return
    for fact in facts:
        console().print(
            f"{fact['run']}  {safe(str(fact['job']))}  {fact['state']}  since {fact['since']}"
        )
    if not facts:
        console().print("no run is under way")


def _living(resources: Resources, begun: "list[dg.RunRecord]") -> set[str]:
    from ebook_pipeline.execution import scratch
    from ebook_pipeline.services.recording import run_claims

    ids = [record.dagster_run.run_id for record in begun]
    if resources.settings.env == "local":
        return {run for run in ids if scratch.lives(resources.settings.scratch, run)}
    return run_claims.living(resources.database, ids)


def _called(ids: list[str], run: str | None) -> list[str]:
    if run is None:
        return []
    found = [one for one in ids if one.startswith(run)]
    if len(found) != 1 or not run:
        raise NotFound(f"{len(found) or 'no'} runs under way are called {run[:80]!r}")
    return found


def _audit(resources: Resources, chosen: list[str]) -> None:
    from ebook_pipeline.services.audit_and_outbox import audit

    with resources.database.begin() as connection:
        audit(connection, actor(), "run.fail", "", {"runs": chosen})


def _facts(record: "dg.RunRecord", living: set[str], failed: list[str]) -> dict[str, object]:
    run = record.dagster_run
    state = "lives" if run.run_id in living else "dead"
    return {
        "run": run.run_id,
        "job": run.job_name,
        "status": run.status.value,
        "since": f"{record.create_timestamp:%Y-%m-%d %H:%M}",
        "state": "failed" if run.run_id in failed else state,
    }
