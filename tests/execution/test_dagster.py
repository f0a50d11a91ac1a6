"""A batch as Dagster shows it, read back through the API that its own pages use.

One real Dagster lives through one history, once; every test reads what is left of it. The names
tell what Dagster does, also where we would like it to do something else.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.demo_chain.definitions import KILL_FILE, TOOL_SECONDS, calls_made, records
from tests.support.demo_chain.stages import DEMO_CHAIN
from tests.support.servers.dagster_server import Dagster, daemon_of, dagster, wait_for

pytestmark = [pytest.mark.prove, pytest.mark.timeout(600)]

MIXED = ["fine-1", "worm-1", "broken-1", "fine-2"]
RANGE = ["fine-3", "fine-4", "fine-5"]
SCATTERED = ["fine-6", "wait-1", "worm-2"]
SLEEPERS = ["sleep-1", "sleep-2", "fine-7"]
KILL_RANGE = ["fine-8", "fine-9", "kill-1", "kill-2", "fine-10"]


@dataclass
class History:
    """What happened in the one Dagster of this module."""

    dagster: Dagster
    mixed: dict[str, Any]
    again: dict[str, Any]
    range_run: dict[str, Any]
    scattered: dict[str, Any]
    cancelled: dict[str, Any]
    seconds_to_cancel: float
    sleeping: int
    killed: dict[str, Any]
    kept_at_the_kill: set[tuple[str, str]]
    labels_at_the_kill: dict[str, str]
    repeated: dict[str, Any]
    calls_before_again: dict[tuple[str, str], int]

    @property
    def folder(self) -> Path:
        return self.dagster.folder

    @property
    def mixed_run(self) -> dict[str, Any]:
        [run] = self.mixed["runs"]
        return dict(run)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with dagster(tmp_path_factory.mktemp("d")) as server:
        server.add_keys([*MIXED, *RANGE, *SCATTERED, *SLEEPERS, *KILL_RANGE])
        mixed = server.backfill(MIXED, DEMO_CHAIN.names)
        with daemon_of(server):
            yield live(server, mixed)


def live(server: Dagster, mixed: str) -> History:
    """All that happens, in this order."""
    server.finished_run(server.first_run(mixed))
    before = calls_made(server.folder)
    again = server.backfill(["fine-1", "fine-2"], DEMO_CHAIN.names)
    killed_run, sleepers = start_range(server, KILL_RANGE), start(server, SLEEPERS)
    seconds = cancel(server, sleepers)
    sleeping = len(sleeping_tools(server.folder))
    killed = kill(server, killed_run)
    kept = {(stage, key) for stage, key in records(server.folder) if key in KILL_RANGE}
    labels = server.partitions("label")
    range_run = start_range(server, RANGE)
    scattered, repeated = start(server, SCATTERED), server.repeat(killed_run)
    return History(
        dagster=server,
        mixed=server.finished_backfill(mixed),
        again=server.finished_backfill(again),
        range_run=server.finished_run(range_run),
        scattered=server.finished_run(scattered),
        cancelled=server.finished_run(sleepers),
        seconds_to_cancel=seconds,
        sleeping=sleeping,
        killed=killed,
        kept_at_the_kill=kept,
        labels_at_the_kill=labels,
        repeated=server.finished_run(repeated),
        calls_before_again=before,
    )


def start(server: Dagster, keys: list[str]) -> str:
    return server.launch("scattered", ops={"scattered_batch": {"config": {"keys": keys}}})


def start_range(server: Dagster, keys: list[str]) -> str:
    """A run of neighbours, as a sensor requests it."""
    first, last = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    return server.launch("all_stages", {first: keys[0], last: keys[-1]})


def cancel(server: Dagster, run: str) -> float:
    """Cancel the run when both of its first items wait for a tool; seconds until it is over."""
    wait_for(lambda: len(sleeping_tools(server.folder)), lambda count: count == 2)
    started = time.monotonic()
    server.terminate(run)
    server.finished_run(run)
    return time.monotonic() - started


def kill(server: Dagster, run: str) -> dict[str, Any]:
    """Let an item kill the process of its run when one before it is finished and told."""
    wait_for(
        lambda: server.partitions("label"), lambda s: "materialized" in {s[k] for k in KILL_RANGE}
    )
    (server.folder / KILL_FILE).touch()
    return server.finished_run(run)


def sleeping_tools(folder: Path) -> list[int]:
    return [
        one.pid
        for one in psutil.process_iter(["cmdline", "cwd"])
        if one.info["cmdline"] == ["sleep", str(TOOL_SECONDS)] and one.info["cwd"] == str(folder)
    ]


def counts(backfill: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    """Per stage: materialized, failed, in progress."""
    return {
        one["assetKey"]["path"][0]: (
            one["numPartitionsMaterialized"],
            one["numPartitionsFailed"],
            one["numPartitionsInProgress"],
        )
        for one in backfill["assetBackfillData"]["assetBackfillStatuses"]
    }


def status(history: History, stage: str, keys: list[str]) -> dict[str, str]:
    found = history.dagster.partitions(stage)
    return {key: found[key] for key in keys}


def test_a_backfill_with_a_failed_item_is_completed_failed_and_counts_per_stage(
    history: History,
) -> None:
    assert history.mixed["status"] == "COMPLETED_FAILED"
    assert counts(history.mixed) == {
        "picked_apple": (4, 0, 0),
        "inspection": (4, 0, 0),
        "crate": (2, 2, 0),
        "label": (2, 2, 0),
    }


def test_a_backfill_is_one_run_which_fails_and_is_not_tried_again(history: History) -> None:
    assert history.mixed_run["status"] == "FAILURE"
    children = [r for r in history.dagster.runs() if r["parentRunId"] == history.mixed_run["runId"]]
    assert children == []


@pytest.mark.parametrize("stage", ["picked_apple", "inspection"])
def test_the_partitions_before_the_fault_are_materialized(history: History, stage: str) -> None:
    assert set(status(history, stage, MIXED).values()) == {"materialized"}


@pytest.mark.parametrize("stage", ["crate", "label"])
def test_beside_a_failure_a_rejected_items_later_partitions_are_shown_as_failed_too(
    history: History, stage: str
) -> None:
    assert status(history, stage, MIXED) == {
        "fine-1": "materialized",
        "fine-2": "materialized",
        "broken-1": "failed",
        "worm-1": "failed",
    }


@pytest.mark.parametrize("stage", ["crate", "label"])
def test_without_a_failure_a_rejected_or_waiting_items_later_partitions_are_missing(
    history: History, stage: str
) -> None:
    assert history.scattered["status"] == "SUCCESS"
    assert status(history, stage, SCATTERED) == {
        "fine-6": "materialized",
        "wait-1": "missing",
        "worm-2": "missing",
    }


def test_the_check_tells_the_rejected_item_from_the_failed_one(history: History) -> None:
    results = history.dagster.checks("inspection", "sound")
    run = history.mixed_run["runId"]
    assert {one["partition"]: one["status"] for one in results if one["runId"] == run} == {
        "fine-1": "SUCCEEDED",
        "fine-2": "SUCCEEDED",
        "broken-1": "SUCCEEDED",
        "worm-1": "FAILED",
    }


def test_the_check_names_the_materialization_that_it_judged(history: History) -> None:
    [result] = [
        one for one in history.dagster.checks("inspection", "sound") if one["partition"] == "worm-1"
    ]
    [told] = history.dagster.materializations("inspection", "worm-1")
    target = result["evaluation"]["targetMaterialization"]
    assert target["runId"] == told["runId"] == history.mixed_run["runId"]
    assert round(target["timestamp"] * 1000) == pytest.approx(int(told["timestamp"]), abs=2)


@pytest.mark.parametrize("stage", DEMO_CHAIN.names)
@pytest.mark.parametrize("key", ["fine-1", "fine-4", "fine-6", "fine-10"])
def test_what_is_finished_is_fresh_however_it_was_launched(
    history: History, stage: str, key: str
) -> None:
    assert history.dagster.freshness(stage, key) == ("FRESH", [])


def test_a_materialization_says_what_people_and_later_stages_want_to_know(history: History) -> None:
    first = history.dagster.materializations("label", "fine-1")[-1]
    assert first["metadata"] == {
        "edition": 1,
        "reused": False,
        "seconds": pytest.approx(0, abs=10),
        "colour": "green",
    }
    assert first["tags"]["dagster/code_version"] == "1"
    upstream = history.dagster.materializations("crate", "fine-1")[-1]
    version = upstream["tags"]["dagster/data_version"]
    assert first["tags"]["dagster/input_data_version/crate"] == version


def test_a_backfill_of_finished_items_reports_all_as_reused_and_calls_nothing(
    history: History,
) -> None:
    assert history.again["status"] == "COMPLETED_SUCCESS"
    assert counts(history.again) == dict.fromkeys(DEMO_CHAIN.names, (2, 0, 0))
    for stage in DEMO_CHAIN.names:
        newest, first = history.dagster.materializations(stage, "fine-1")
        assert (newest["metadata"]["reused"], first["metadata"]["reused"]) == (True, False)
        assert newest["tags"]["dagster/data_version"] == first["tags"]["dagster/data_version"]
    now = calls_made(history.folder)
    assert {call: now[call] for call in history.calls_before_again} == (history.calls_before_again)


@pytest.mark.parametrize("stage", DEMO_CHAIN.names)
def test_a_range_run_by_tags_lands_on_the_partitions_of_its_range(
    history: History, stage: str
) -> None:
    assert history.range_run["status"] == "SUCCESS"
    assert status(history, stage, RANGE) == dict.fromkeys(RANGE, "materialized")
    [told] = history.dagster.materializations(stage, "fine-4")
    assert told["runId"] == history.range_run["runId"]


def test_a_cancelled_run_ends_long_before_its_tools_would_and_leaves_none_behind(
    history: History,
) -> None:
    assert history.cancelled["status"] == "CANCELED"
    assert history.seconds_to_cancel < TOOL_SECONDS / 2
    assert history.sleeping == 0


def test_a_cancelled_run_starts_no_further_item_and_calls_nobody_failed(history: History) -> None:
    assert not any(key == "fine-7" for _, key in calls_made(history.folder))
    assert status(history, "crate", SLEEPERS) == dict.fromkeys(SLEEPERS, "missing")


def test_a_run_whose_process_is_killed_fails_and_keeps_what_was_finished(history: History) -> None:
    assert history.killed["status"] == "FAILURE"
    assert {("label", "fine-8"), ("label", "fine-9")} & history.kept_at_the_kill
    assert not {("crate", "kill-1"), ("label", "fine-10")} & history.kept_at_the_kill


def test_a_killed_runs_partitions_are_failed_unless_they_were_finished(history: History) -> None:
    shown = {key: history.labels_at_the_kill[key] for key in KILL_RANGE}
    finished = {key for stage, key in history.kept_at_the_kill if stage == "label"}
    assert set(shown.values()) == {"materialized", "failed"}
    assert {key for key in KILL_RANGE if shown[key] == "materialized"} <= finished
    assert {shown[key] for key in ("kill-1", "kill-2", "fine-10")} == {"failed"}


def test_repeating_a_killed_run_makes_the_rest_and_does_nothing_twice(history: History) -> None:
    assert history.repeated["status"] == "SUCCESS"
    for stage in DEMO_CHAIN.names:
        assert set(status(history, stage, KILL_RANGE).values()) == {"materialized"}
    calls = calls_made(history.folder)
    assert {calls[call] for call in history.kept_at_the_kill} == {1}


def test_repeating_a_killed_run_reports_what_was_finished_as_reused(history: History) -> None:
    for stage in DEMO_CHAIN.names:
        for key in KILL_RANGE:
            newest = history.dagster.materializations(stage, key)[0]
            assert newest["runId"] == history.repeated["runId"]
            assert newest["metadata"]["reused"] == ((stage, key) in history.kept_at_the_kill)
