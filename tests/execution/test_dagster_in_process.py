"""What one run does to Dagster's event log: quick facts, in this process, without servers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest

from ebook_pipeline.execution.dagster_assets import job_config
from tests.support.demo_chain.definitions import APPLES, build_defs, calls_made
from tests.support.demo_chain.stages import DEMO_CHAIN
from tests.support.existing import existing

pytestmark = pytest.mark.filterwarnings("ignore::dagster.PreviewWarning")


class Instance:
    """An instance in `folder` and the demo chain's jobs on it."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance = folder, instance
        self.defs = build_defs(folder)

    def range(
        self, *keys: str, stages: Sequence[str] = DEMO_CHAIN.names
    ) -> dg.ExecuteInProcessResult:
        self.instance.add_dynamic_partitions(APPLES.name or "", keys)
        first, last = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
        return self.defs.resolve_job_def("all_stages").execute_in_process(
            instance=self.instance,
            tags={first: keys[0], last: keys[-1]},
            asset_selection=[dg.AssetKey(stage) for stage in stages],
            raise_on_error=False,
        )

    def scattered(self, *keys: str, **options: object) -> dg.ExecuteInProcessResult:
        return self.defs.resolve_job_def("scattered").execute_in_process(
            instance=self.instance,
            run_config=job_config("scattered", keys, **options),
            raise_on_error=False,
        )

    def told(self, stage: str, key: str) -> list[dg.EventLogRecord]:
        """The materializations of one key, newest first."""
        wanted = dg.AssetRecordsFilter(dg.AssetKey(stage), asset_partitions=[key])
        return list(self.instance.fetch_materializations(wanted, limit=100).records)

    def tags(self, stage: str, key: str) -> dict[str, str]:
        materialization = self.told(stage, key)[0].asset_materialization
        assert materialization is not None
        return dict(materialization.tags or {})


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    (tmp_path / "home").mkdir()
    home, silent = str(tmp_path / "home"), {"telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(home, overrides=silent) as instance:
        yield Instance(tmp_path, instance)


def made(result: dg.ExecuteInProcessResult) -> list[tuple[str, str | None]]:
    events = result.get_asset_materialization_events()
    return [(e.materialization.asset_key.to_user_string(), e.partition) for e in events]


def test_a_subset_of_one_stage_for_one_key_makes_just_that(instance: Instance) -> None:
    instance.range("a")
    result = instance.range("a", stages=["crate"])
    assert result.success
    assert made(result) == [("crate", "a")]
    assert len(instance.told("label", "a")) == 1


def test_a_stage_without_its_upstream_fails_and_says_which_is_missing(instance: Instance) -> None:
    result = instance.range("a", stages=["label"])
    assert not result.success
    [failure] = [event for event in result.all_events if event.is_step_failure]
    data = existing(failure.step_failure_data.user_failure_data)
    assert data.description == "1 of 1 failed: a"
    assert "does not exist yet" in str(data.metadata["a"].value)


def test_a_run_whose_items_are_rejected_or_wait_is_a_success(instance: Instance) -> None:
    result = instance.range("worm", "stone", "wait", "fine")
    assert result.success
    assert {key for stage, key in made(result) if stage == "label"} == {"fine"}


def test_the_input_pointer_is_the_event_of_the_upstream_partition(instance: Instance) -> None:
    instance.range("a", "b")
    for key in ("a", "b"):
        [crate] = instance.told("crate", key)
        assert instance.tags("label", key)["dagster/input_event_pointer/crate"] == str(
            crate.storage_id
        )


def test_the_input_pointer_of_a_stage_made_alone_is_the_newest_event(instance: Instance) -> None:
    instance.range("a")
    instance.scattered("a")
    instance.range("a", stages=["label"])
    newest = instance.told("crate", "a")[0]
    assert instance.tags("label", "a")["dagster/input_event_pointer/crate"] == str(
        newest.storage_id
    )


def test_reused_and_new_items_of_one_run_are_all_told(instance: Instance) -> None:
    instance.range("a", "b")
    result = instance.range("a", "b", "c", "d")
    assert result.success
    assert sorted(made(result)) == sorted(
        (stage, key) for stage in DEMO_CHAIN.names for key in "abcd"
    )
    assert set(calls_made(instance.folder).values()) == {1}


def test_a_forced_batch_makes_everything_again(instance: Instance) -> None:
    instance.scattered("a")
    instance.scattered("a", force=True)
    assert set(calls_made(instance.folder).values()) == {2}


def test_a_scattered_run_can_be_told_its_stages(instance: Instance) -> None:
    result = instance.scattered("a", "b", stages=["picked_apple", "inspection"])
    assert result.success
    assert {stage for stage, _ in made(result)} == {"picked_apple", "inspection"}


def test_a_check_is_told_for_every_item_of_a_scattered_run(instance: Instance) -> None:
    result = instance.scattered("fine", "worm")
    told = {
        (one.check_name, one.partition): one.passed for one in result.get_asset_check_evaluations()
    }
    assert told == {
        ("sound", "fine"): True,
        ("sound", "worm"): False,
        ("holds_one", "fine"): True,
    }
