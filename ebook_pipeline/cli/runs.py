"""``ebooks runs`` and ``cancel``: runs that have not ended, and an end for them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, safe
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    import dagster as dg


@click.command()
@click.option("--fail", "run", help="Report this run as failed, whatever its process does.")
@click.option("--dead", is_flag=True, help="Report all as failed that have no living process.")
@as_json
def runs(run: str | None, dead: bool, as_json: bool) -> None:
    """Runs that have not ended: those that wait, those that work, and whether they live.

    A dead run keeps a place of those that may run at a time. The daemon ends it by itself within
    minutes; --fail and --dead do so at once. Its books are taken up again by `ebooks retry`.
    """
    import dagster as dg

    from ebook_pipeline.jobs import dead_runs, open_runs

    with changing(Settings()) as resources, dg.DagsterInstance.get() as instance:
        begun = dead_runs.begun_runs(instance)
        living = _living(resources, begun)
        called = open_runs.named(begun, [run] if run is not None else [])
        failing = [one for one in begun if _id(one) not in living] if dead else called
        if failing:
            _audit(resources, "run.fail", failing)
        for record in failing:
            dead_runs.fail(instance, record.dagster_run, "An operator ended the run.")
        states = {_id(one): "lives" if _id(one) in living else "dead" for one in begun}
        states |= dict.fromkeys(map(_id, failing), "failed")
        waiting = open_runs.queued_runs(instance)
        facts = [_facts(one, states.get(_id(one), open_runs.QUEUED)) for one in (*begun, *waiting)]
    _print(facts, as_json, "no run is under way")


@click.command()
@click.argument("names", metavar="RUN", nargs=-1)
@click.option("--queued", is_flag=True, help="All that wait for their turn.")
@click.option("--all", "everything", is_flag=True, help="All that wait, and all that work.")
@as_json
def cancel(names: tuple[str, ...], queued: bool, everything: bool, as_json: bool) -> None:
    """End runs that wait or work: nothing new begins, and what is finished stays.

    Their books stand as *failed* where the run had not come to them, until `ebooks retry`. Ends
    with 1 where a run can't be reached: a dead one is `ebooks runs --dead`'s, a shell ends its own.
    """
    import dagster as dg

    from ebook_pipeline.jobs import dead_runs, open_runs

    if sum((bool(names), queued, everything)) != 1:
        raise click.UsageError("name runs (`ebooks runs` lists them), or --queued, or --all")
    with changing(Settings()) as resources, dg.DagsterInstance.get() as instance:
        waiting = list(open_runs.queued_runs(instance))
        known = [*waiting, *(dead_runs.begun_runs(instance) if not queued else ())]
        chosen = open_runs.named(known, names) if names else known
        if chosen:
            _audit(resources, "run.cancel", chosen)
        facts = [_facts(record, open_runs.cancel(instance, record)) for record in chosen]
    _print(facts, as_json, "no run is under way")
    if any(fact["state"] == open_runs.NOT_REACHED for fact in facts):
        click.get_current_context().exit(1)


def _living(resources: Resources, begun: "Iterable[dg.RunRecord]") -> set[str]:
    from ebook_pipeline.execution import scratch
    from ebook_pipeline.services.recording import run_claims

    ids = list(map(_id, begun))
    if resources.settings.env == "local":
        return {run for run in ids if scratch.lives(resources.settings.scratch, run)}
    return run_claims.living(resources.database, ids)


def _audit(resources: Resources, action: str, chosen: "Iterable[dg.RunRecord]") -> None:
    from ebook_pipeline.services.audit_and_outbox import audit

    with resources.database.begin() as connection:
        audit(connection, actor(), action, "", {"runs": list(map(_id, chosen))})


def _id(record: "dg.RunRecord") -> str:
    return record.dagster_run.run_id


def _facts(record: "dg.RunRecord", state: str) -> dict[str, object]:
    run = record.dagster_run
    return {
        "run": run.run_id,
        "job": run.job_name,
        "status": run.status.value,
        "since": f"{record.create_timestamp:%Y-%m-%d %H:%M}",
        "state": state,
    }


def _print(facts: list[dict[str, object]], as_json: bool, nothing: str) -> None:
    if as_json:
        print_json(facts)
        return
    for fact in facts:
        console().print(
            f"{fact['run']}  {safe(str(fact['job']))}  {fact['state']}  since {fact['since']}"
        )
    if not facts:
        console().print(nothing)
