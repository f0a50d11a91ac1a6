"""A chain shown to Dagster: assets of one partition per item, made by one step that can be subset.

Dagster's own form, a run per partition and a process per step, costs about a hundred times more per
item; `benchmarks/orchestration.py` measures both.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from ebook_pipeline.execution.batch import Batch
from ebook_pipeline.execution.batch_context import Workshop
from ebook_pipeline.execution.dagster_events import AssetEvent, EventLog, pool_connections
from ebook_pipeline.execution.progress import Done, Ended, Stopped
from ebook_pipeline.execution.stage import Chain, Stage
from ebook_pipeline.foundation.outcome import Outcome

Outfit = Callable[[Mapping[str, object], str], Workshop]
"""Makes the workshop of a run from its resources, by name, and the run's id."""


def chain_assets(
    chain: Chain,
    partitions: dg.PartitionsDefinition[str],
    outfit: Outfit,
    *,
    resources: frozenset[str],
    per_run: int,
) -> dg.AssetsDefinition:
    """The stages of `chain` as one multi-asset; a backfill makes runs of `per_run` items."""

    @dg.multi_asset(
        name=chain.name,
        specs=[_asset_spec(chain, one, partitions) for one in chain],
        check_specs=[spec for one in chain for spec in _check_specs(one, partitions)],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.multi_run(per_run),
        required_resource_keys=set(resources),
    )
    def assets(context: dg.AssetExecutionContext) -> Iterator[AssetEvent]:
        batch = Batch(
            chain,
            outfit(_resources(context, resources), context.run.run_id),
            context.partition_keys,
            selected={key.to_user_string() for key in context.selected_asset_keys},
        )
        yield from _tell(context, batch)

    return assets


def chain_job(
    chain: Chain, name: str, outfit: Outfit, *, resources: frozenset[str], description: str
) -> dg.JobDefinition:
    """A job for scattered items: its config lists them; events land on the same partitions."""

    @dg.op(
        name=f"{name}_batch",
        out={},
        required_resource_keys=set(resources),
        config_schema={
            "keys": dg.Field([str], description="Which items."),
            "stages": dg.Field(
                [str], is_required=False, description="Which stages; all of them if unset."
            ),
            "force": dg.Field(
                bool, default_value=False, description="Do again what is current already."
            ),
        },
    )
    def batch_op(context: dg.OpExecutionContext) -> Iterator[AssetEvent]:
        wanted = context.op_config
        workshop = outfit(_resources(context, resources), context.run.run_id)
        yield from _tell(
            context,
            Batch(
                chain,
                workshop,
                wanted["keys"],
                selected=wanted.get("stages"),
                force=wanted["force"],
            ),
        )

    @dg.job(name=name, description=description, executor_def=dg.in_process_executor)
    def job() -> None:
        batch_op()

    return job


def job_config(name: str, keys: Sequence[str], **options: Any) -> dict[str, Any]:
    """The run config of a `chain_job` for `keys`; options are ``stages`` and ``force``."""
    return {"ops": {f"{name}_batch": {"config": {"keys": list(keys), **options}}}}


def _asset_spec(chain: Chain, one: Stage, partitions: dg.PartitionsDefinition[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        one.name,
        deps=list(chain.upstream(one)),
        description=one.description,
        group_name=one.group,
        kinds=set(one.kinds),
        owners=list(one.owners),
        code_version=one.version,
        partitions_def=partitions,
        skippable=True,
    )


def _check_specs(
    one: Stage, partitions: dg.PartitionsDefinition[str]
) -> Iterator[dg.AssetCheckSpec]:
    for judge in one.judges:
        with warnings.catch_warnings():  # a preview that Dagster's pinned version has
            warnings.simplefilter("ignore", dg.PreviewWarning)
            spec = dg.AssetCheckSpec(
                judge.__name__,
                asset=one.name,
                description=judge.__doc__,
                blocking=judge in one.checks,
                partitions_def=partitions,
            )
        yield spec


def _resources(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, names: frozenset[str]
) -> dict[str, object]:
    return {name: getattr(context.resources, name) for name in names}


def _tell(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, batch: Batch
) -> Iterator[AssetEvent]:
    """Run the batch in this step: stages work in threads, their events leave from here."""
    pool_connections(context.instance)
    events = EventLog(context.instance)
    failed: dict[str, str] = {}
    ended = 0
    work = iter(batch)
    try:
        for event in work:
            if isinstance(event, Done):
                yield from events.tell(event)
            elif isinstance(event, Stopped):
                context.log.log(*_line(event))
                if event.outcome is Outcome.FAILED:
                    failed[event.key] = f"{event.stage}: {event.reason}"
            elif isinstance(event, Ended):
                ended += 1
                events.forget(event.key)
                if ended % 10 == 0:
                    context.log.info(f"{ended} of {len(batch.keys)} done")
    finally:
        work.close()  # type: ignore[attr-defined]
    if failed:
        raise _failure(failed, len(batch.keys))


def _line(stopped: Stopped) -> tuple[str, str]:
    level = "error" if stopped.outcome is Outcome.FAILED else "warning"
    return level, f"{stopped.key}: {stopped.outcome} at {stopped.stage}: {stopped.reason}"


def _failure(failed: Mapping[str, str], total: int) -> dg.Failure:
    """Ends the run after all other items are done; Dagster must not repeat the whole batch."""
    return dg.Failure(
        description=f"{len(failed)} of {total} failed: {', '.join(sorted(failed))}",
        metadata={key: dg.MetadataValue.text(reason) for key, reason in sorted(failed.items())},
        allow_retries=False,
    )
