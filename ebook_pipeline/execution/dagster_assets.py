"""A chain shown to Dagster: assets of one partition per item, made by one step that can be subset.

Dagster's own form, a run per partition and a process per step, costs about a hundred times more per
item; `benchmarks/orchestration.py` measures both.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import dagster as dg

from ebook_pipeline.execution.batch import Batch
from ebook_pipeline.execution.batch_context import BatchContext
from ebook_pipeline.execution.chain import Chain
from ebook_pipeline.execution.dagster_events import AssetEvent, EventLog
from ebook_pipeline.execution.item_context import ItemContext
from ebook_pipeline.execution.progress import Done, Ended, Stopped
from ebook_pipeline.execution.stage import Stage
from ebook_pipeline.foundation.outcome import Outcome

C = TypeVar("C", bound=ItemContext)
_NONE: frozenset[str] = frozenset()
_BATCH_CONFIG = {
    "keys": dg.Field([str], description="Which items."),
    "stages": dg.Field([str], is_required=False, description="Which stages; all of them if unset."),
    "force": dg.Field(bool, default_value=False, description="Do again what is current already."),
    "reprocessing": dg.Field(
        int, default_value=0, description="Whose items they are, by number; nobody's if 0."
    ),
}
"""What a run of a job of scattered items is told."""


def chain_assets(
    chain: Chain[C],
    partitions: dg.PartitionsDefinition[str],
    context_of: Callable[[str], BatchContext[C]],
    *,
    per_run: int,
    resources: frozenset[str] = _NONE,
) -> dg.AssetsDefinition:
    """The stages of `chain` as one multi-asset; a backfill makes runs of `per_run` items.

    `context_of` makes a batch's context from the run's id. `resources` are Dagster's names of what
    stages use: its UI shows who uses them, and a run fails at once where one cannot be made.
    """

    @dg.multi_asset(
        name=chain.name,
        specs=[_asset_spec(chain, stage, partitions) for stage in chain],
        check_specs=[spec for stage in chain for spec in _check_specs(stage, partitions)],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.multi_run(per_run),
        required_resource_keys=set(resources),
    )
    def assets(context: dg.AssetExecutionContext) -> Iterator[AssetEvent]:
        batch = Batch(
            chain,
            context_of(context.run.run_id),
            context.partition_keys,
            selected={key.to_user_string() for key in context.selected_asset_keys},
        )
        yield from _tell(context, batch)

    return assets


def chain_job(
    chain: Chain[C],
    name: str,
    context_of: Callable[[str], BatchContext[C]],
    *,
    description: str,
    resources: frozenset[str] = _NONE,
    goes_on: Callable[[int], bool] = lambda _: True,
) -> dg.JobDefinition:
    """A job for scattered items: its config lists them; events land on the same partitions.

    Items of a reprocessing are begun while `goes_on` is true of its number. Others are passed over
    that are unchanged since a run took them through the whole chain: what they are was told then.
    """

    @dg.op(
        name=f"{name}_batch",
        out={},
        required_resource_keys=set(resources),
        config_schema=_BATCH_CONFIG,
    )
    def batch_op(context: dg.OpExecutionContext) -> Iterator[AssetEvent]:
        wanted = context.op_config
        number = wanted["reprocessing"]
        batch = Batch(
            chain,
            context_of(context.run.run_id),
            wanted["keys"],
            selected=wanted.get("stages"),
            force=wanted["force"],
            goes_on=lambda: not number or goes_on(number),
        )
        yield from _tell(context, batch if number else batch.passing_over())

    @dg.job(name=name, description=description, executor_def=dg.in_process_executor)
    def job() -> None:
        batch_op()

    return job


def job_config(name: str, keys: Sequence[str], **options: Any) -> dict[str, Any]:
    """The run config of a `chain_job` for `keys`.

    Options are ``stages``, ``force`` and ``reprocessing``.
    """
    return {"ops": {f"{name}_batch": {"config": {"keys": list(keys), **options}}}}


def _asset_spec(
    chain: Chain[Any], stage: Stage, partitions: dg.PartitionsDefinition[str]
) -> dg.AssetSpec:
    return dg.AssetSpec(
        stage.name,
        deps=list(chain.upstream(stage)),
        description=stage.description,
        group_name=stage.group,
        kinds=set(stage.kinds),
        owners=list(stage.owners),
        code_version=stage.version,
        partitions_def=partitions,
        skippable=True,
    )


def _check_specs(
    stage: Stage, partitions: dg.PartitionsDefinition[str]
) -> Iterator[dg.AssetCheckSpec]:
    for judge in stage.judges:
        with warnings.catch_warnings():  # a preview that Dagster's pinned version has
            warnings.simplefilter("ignore", dg.PreviewWarning)
            spec = dg.AssetCheckSpec(
                judge.__name__,
                asset=stage.name,
                description=judge.__doc__,
                blocking=judge in stage.checks,
                partitions_def=partitions,
            )
        yield spec


def _tell(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, batch: Batch[Any]
) -> Iterator[AssetEvent]:
    """Run the batch in this step: stages work in threads, their events leave from here."""
    events = EventLog(context.instance)
    failed: dict[str, str] = {}
    ended = unchanged = 0
    work = iter(batch)
    try:
        for event in work:
            if isinstance(event, Done):
                yield from events.tell(event)
            elif isinstance(event, Stopped):
                context.log.log(*_line(event))
                if event.outcome is Outcome.FAILED:
                    failed[event.key] = f"{event.stage}: {event.reason}"
            elif isinstance(event, Ended) and event.unchanged:
                unchanged += 1
            elif isinstance(event, Ended):
                ended += 1
                events.forget(event.key)
                if ended % 10 == 0:
                    context.log.info(f"{ended + unchanged} of {len(batch.keys)} done")
    finally:
        work.close()
    if unchanged:
        context.log.info(f"{unchanged} of {len(batch.keys)} are unchanged since they were done")
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
