"""Dagster's storage as `dagster.yaml` names it: connections are kept, and one that is lost costs
nobody anything."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    SensorInstigatorData,
    TickStatus,
)
from sqlalchemy import Engine, event

from ebook_pipeline.execution import dagster_storage
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from tests.support.demo_chain.definitions import APPLES, build_defs
from tests.support.paths import PROJECT
from tests.support.servers.used_databases import run

pytestmark = pytest.mark.filterwarnings("ignore::dagster.PreviewWarning")

NAME = "dagster_of_a_batch"
FORK = """
import os, sys
from ebook_pipeline.execution.dagster_storage import PooledPostgresStorage

runs = PooledPostgresStorage(sys.argv[1]).run_storage
runs.get_runs_count()
child = os.fork()
if child == 0:
    PooledPostgresStorage(sys.argv[1]).run_storage.get_runs_count()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(runs.get_runs_count())
"""


@pytest.fixture
def url(postgres_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(dagster_storage, "_engines", {})
    url = postgres_server.url(NAME)
    monkeypatch.setenv("EBOOK_DAGSTER_DATABASE_URL", url)
    yield url
    for engine in dagster_storage._engines.values():
        engine.dispose()
    run(postgres_server, f'DROP DATABASE "{NAME}" WITH (FORCE)')


@contextmanager
def instance_in(folder: Path) -> Iterator[dg.DagsterInstance]:
    """An instance with the storage that the project's own file names."""
    folder.mkdir(exist_ok=True)
    configured = yaml.safe_load((PROJECT / "dagster.yaml").read_text())["storage"]
    settings = {"storage": configured, "telemetry": {"enabled": False}}
    with dg.DagsterInstance.local_temp(str(folder), overrides=settings) as instance:
        yield instance


@contextmanager
def counted(what: str) -> Iterator[list[object]]:
    """What SQLAlchemy tells of all engines meanwhile: ``connect``, ``before_cursor_execute``."""
    told: list[object] = []

    def hear(*facts: object) -> None:
        told.append(facts)

    event.listen(Engine, what, hear)
    try:
        yield told
    finally:
        event.remove(Engine, what, hear)


def stands(sensor: str, cursor: str | None = None) -> InstigatorState:
    """A sensor that runs, and how far it is."""
    place = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("place"), "ours")
    return InstigatorState(
        RemoteInstigatorOrigin(place, sensor),
        InstigatorType.SENSOR,
        InstigatorStatus.RUNNING,
        SensorInstigatorData(cursor=cursor),
    )


@pytest.mark.usefixtures("url")
def test_a_batch_keeps_its_connections_instead_of_opening_some_for_every_event(
    tmp_path: Path,
) -> None:
    first, last = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    with instance_in(tmp_path / "home") as instance, counted("connect") as connections:
        instance.add_dynamic_partitions(APPLES.name or "", list("abcde"))
        job = build_defs(tmp_path).resolve_job_def("all_stages")
        made = job.execute_in_process(instance=instance, tags={first: "a", last: "e"})
        assert made.success
        labels = dg.AssetRecordsFilter(dg.AssetKey("label"))
        assert len(instance.fetch_materializations(labels, limit=100).records) == 5
    assert len(connections) < 12


@pytest.mark.usefixtures("url")
def test_a_second_instance_opens_no_connection(tmp_path: Path) -> None:
    with instance_in(tmp_path / "one") as instance:
        assert instance.get_runs_count() == 0
        with counted("connect") as connections, instance_in(tmp_path / "two") as second:
            assert second.get_runs_count() == 0
            assert second.all_instigator_state() == []
    assert connections == []


@pytest.mark.usefixtures("url")
def test_where_sensors_stand_is_one_query(tmp_path: Path) -> None:
    with instance_in(tmp_path / "home") as instance:
        instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
        with counted("before_cursor_execute") as queries:
            instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
    assert len(queries) == 1


@pytest.mark.usefixtures("url")
def test_where_a_sensor_stands_is_written_by_one_statement(tmp_path: Path) -> None:
    with instance_in(tmp_path / "home") as instance:
        for state in (stands("a"), stands("b")):
            instance.add_instigator_state(state)
        instance.update_instigator_state(stands("a", cursor="1"))
        with counted("before_cursor_execute") as statements:
            instance.update_instigator_state(stands("a", cursor="2"))
        assert len(statements) == 1
        now = stands("a", cursor="2")
        assert instance.get_instigator_state(now.instigator_origin_id, now.selector_id) == now
        both = instance.all_instigator_state()
        assert sorted(both, key=lambda state: state.instigator_name) == [now, stands("b")]
        with pytest.raises(dg.DagsterInvariantViolationError, match="not present"):
            instance.update_instigator_state(stands("c"))


@pytest.mark.usefixtures("url")
def test_ticks_that_are_too_old_are_looked_for_once_an_hour_for_each_sensor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def purge(sensor: str) -> int:
        with counted("before_cursor_execute") as queries:
            instance.purge_ticks(sensor, sensor, 0.0, [TickStatus.SKIPPED])
        return len(queries)

    with instance_in(tmp_path / "home") as instance:
        instance.all_instigator_state()
        assert [purge("one"), purge("one"), purge("two")] == [1, 0, 1]
        monkeypatch.setattr(dagster_storage, "_PURGED_SECONDS", 0)
        assert purge("one") == 1


@pytest.mark.usefixtures("url")
def test_a_connection_that_the_server_closed_is_opened_anew(
    tmp_path: Path, postgres_server: EmbeddedPostgres
) -> None:
    with instance_in(tmp_path / "home") as instance:
        assert instance.get_runs_count() == 0
        ours = f"FROM pg_stat_activity WHERE datname = '{NAME}'"
        run(postgres_server, f"SELECT pg_terminate_backend(pid, 10000) {ours}")
        assert instance.get_runs_count() == 0
        assert instance.all_instigator_state() == []


@pytest.mark.prove
def test_a_fork_takes_no_connection_of_its_parent(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK, url], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert (done.stdout, done.returncode) == ("0\n", 0), done.stderr
