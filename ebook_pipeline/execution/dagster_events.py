"""What a batch did, as Dagster's event log wants to read it.

It touches Dagster's internals (raw tags, event records), as `dagster_storage` does: pinned to one
version, and `tests/execution/test_dagster.py` fails when Dagster changes them.
"""

from collections.abc import Iterator, Mapping

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)

from ebook_pipeline.execution.progress import Done

AssetEvent = dg.AssetMaterialization | dg.AssetCheckEvaluation


class EventLog:
    """The events of one run: a materialization per finished stage, an evaluation per check.

    A materialization names the data version and the event of each upstream asset, from which the
    UI tells what is fresh and what is stale.
    """

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._latest: dict[tuple[str, str], dg.EventLogRecord | None] = {}

    def tell(self, done: Done) -> Iterator[AssetEvent]:
        """The events of one finished stage; each is stored before the next is asked for."""
        name = done.stage.name
        yield dg.AssetMaterialization(
            asset_key=name,
            partition=done.key,
            metadata={**done.shown, **self._facts(done)},
            tags=self._tags(done),
        )
        self._latest.pop((name, done.key), None)
        for check, passed in done.checks.items():
            yield dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(name),
                check_name=check,
                passed=passed,
                partition=done.key,
                blocking=False,
                target_materialization_data=self._target(name, done.key),
            )

    def forget(self, key: str) -> None:
        """Drop what is remembered of an item that has ended: a batch may be long."""
        self._latest = {place: event for place, event in self._latest.items() if place[1] != key}

    def _facts(self, done: Done) -> Mapping[str, dg.MetadataValue]:
        return {
            "edition": dg.MetadataValue.int(done.edition),
            "seconds": dg.MetadataValue.float(round(done.seconds, 3)),
            "reused": dg.MetadataValue.bool(done.reused),
        }

    def _tags(self, done: Done) -> dict[str, str]:
        tags = {
            DATA_VERSION_TAG: done.stored.data_version,
            CODE_VERSION_TAG: done.stage.version,
            DATA_VERSION_IS_USER_PROVIDED_TAG: "true",
        }
        for name, version in done.inputs.items():
            asset = dg.AssetKey(name)
            event = self._event(name, done.key)
            tags[get_input_data_version_tag(asset)] = version
            tags[get_input_event_pointer_tag(asset)] = str(event.storage_id) if event else "NULL"
        return tags

    def _event(self, name: str, key: str) -> dg.EventLogRecord | None:
        if (name, key) not in self._latest:
            self._latest[name, key] = self._fetch(name, key)
        return self._latest[name, key]

    def _fetch(self, name: str, key: str) -> dg.EventLogRecord | None:
        wanted = dg.AssetRecordsFilter(dg.AssetKey(name), asset_partitions=[key])
        records = self._instance.fetch_materializations(wanted, limit=1).records
        return records[0] if records else None

    def _target(self, name: str, key: str) -> AssetCheckEvaluationTargetMaterializationData | None:
        event = self._event(name, key)
        if event is None:
            return None
        return AssetCheckEvaluationTargetMaterializationData(
            storage_id=event.storage_id, run_id=event.run_id, timestamp=event.timestamp
        )
