"""Runs as tasks of ECS, by the production's own `dagster.yaml`, on a server of Amazon's protocols.

No container is started: what ECS is asked for, and what Dagster makes of its answers, is real.
"""

import logging
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.storage.compute_log_manager import ComputeIOType
from dagster._core.storage.dagster_run import DagsterRun
from dagster._daemon.monitoring.run_monitoring import monitor_started_run

from ebook_pipeline.execution import dagster_storage
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from tests.support.aws import iam
from tests.support.aws.ecs import EcsHome, instance_in, open_ecs_home
from tests.support.aws.moto import REGION
from tests.support.aws.stacks import template
from tests.support.paths import PROJECT, TEMPLATES
from tests.support.servers.used_databases import run

pytestmark = [
    pytest.mark.prove,
    pytest.mark.usefixtures("aws_credentials"),
    pytest.mark.filterwarnings("ignore::dagster.PreviewWarning"),
    pytest.mark.filterwarnings("ignore::dagster.BetaWarning"),
]
NAME = "dagster_on_ecs"


@pytest.fixture(scope="module")
def ecs_home(
    postgres_server: EmbeddedPostgres, moto_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EcsHome]:
    folder = tmp_path_factory.mktemp("ecs") / "home"
    url = postgres_server.url(NAME)
    with open_ecs_home(folder, moto_url, url) as opened:
        yield opened
    dagster_storage._engines.pop(url).dispose()
    run(postgres_server, f'DROP DATABASE "{NAME}" WITH (FORCE)')


def started(ecs_home: EcsHome) -> DagsterRun:
    """A run whose process has begun to work."""
    launched = ecs_home.launch()
    ecs_home.instance.report_dagster_event(
        dg.DagsterEvent(event_type_value="PIPELINE_START", job_name=launched.job_name),
        launched.run_id,
    )
    return ecs_home.run(launched.run_id)


def looked_after(ecs_home: EcsHome, run: DagsterRun) -> DagsterRun:
    """The run after the daemon has looked whether it lives."""
    (record,) = ecs_home.instance.get_run_records(dg.RunsFilter(run_ids=[run.run_id]))
    monitor_started_run(ecs_home.instance, None, record, logging.getLogger("test"))  # type: ignore[arg-type]
    return ecs_home.run(run.run_id)


def printed(ecs_home: EcsHome, words: str) -> list[str]:
    """Under which key a run's words were put away."""
    key = [uuid.uuid4().hex, "compute_logs", "step"]
    manager: Any = ecs_home.instance.compute_log_manager
    with manager.open_log_stream(key, ComputeIOType.STDERR) as stream:
        stream.write(words)
    return key


def needs_since(ecs_home: EcsHome, before: int) -> list[iam.Need]:
    calls = ecs_home.proxy.calls[before:]
    return [need for call in calls for need in iam.needs(call, REGION)]


def test_a_run_is_a_task_beside_the_daemons_own(ecs_home: EcsHome) -> None:
    launched = ecs_home.launch()
    task = ecs_home.task(launched)
    assert task["clusterArn"] == ecs_home.own_task["clusterArn"]
    (own,) = ecs_home.own_task["attachments"]
    (its,) = task["attachments"]
    assert its["details"][0] == own["details"][0]  # the subnet
    assert {"key": "dagster/run_id", "value": launched.run_id} in task["tags"]
    (container,) = task["overrides"]["containerOverrides"]
    assert container["name"] == "run"
    assert container["command"][:3] == ["dagster", "api", "execute_run"]
    assert launched.run_id in container["command"][-1]


def test_tags_of_a_run_give_its_task_another_size(ecs_home: EcsHome) -> None:
    task = ecs_home.task(ecs_home.launch(**{"ecs/cpu": "8192", "ecs/memory": "32768"}))
    assert (task["overrides"]["cpu"], task["overrides"]["memory"]) == ("8192", "32768")


def test_a_run_whose_task_was_lost_fails_and_one_that_lives_goes_on(ecs_home: EcsHome) -> None:
    lost, living = started(ecs_home), started(ecs_home)
    ecs_home.lose(lost)
    assert looked_after(ecs_home, lost).status is dg.DagsterRunStatus.FAILURE
    assert looked_after(ecs_home, living).status is dg.DagsterRunStatus.STARTED


def test_who_cancels_a_run_stops_its_task(ecs_home: EcsHome) -> None:
    running = started(ecs_home)
    assert ecs_home.instance.run_launcher.terminate(running.run_id)
    assert ecs_home.task(running)["desiredStatus"] == "STOPPED"
    assert ecs_home.run(running.run_id).status is dg.DagsterRunStatus.CANCELING


def test_what_a_run_prints_is_read_by_another_task(ecs_home: EcsHome, tmp_path: Path) -> None:
    key = printed(ecs_home, "chapter 3 was converted")
    with instance_in(tmp_path / "web") as web:
        read = web.compute_log_manager.get_log_data(key)
    assert (read.stderr or b"").endswith(b"chapter 3 was converted")


def test_the_roles_allow_every_call_and_name_no_action_in_vain(
    ecs_home: EcsHome, tmp_path: Path
) -> None:
    ecs_home.lose(lost := started(ecs_home))
    looked_after(ecs_home, lost)
    needed = [need for need in needs_since(ecs_home, 0) if not is_s3(need)]
    assert unjust(ecs_home, "DaemonRole", needed) == ([], set())
    key = printed(ecs_home, "chapter 4")
    running, before = started(ecs_home), len(ecs_home.proxy.calls)
    with instance_in(tmp_path / "web") as web:
        web.compute_log_manager.get_log_data(key)
        web.run_launcher.terminate(running.run_id)
    assert unjust(ecs_home, "WebRole", needs_since(ecs_home, before)) == ([], set())


def is_s3(need: iam.Need) -> bool:
    return need.action.startswith("s3:")


def unjust(ecs_home: EcsHome, role: str, needed: list[iam.Need]) -> tuple[list[iam.Need], set[str]]:
    """What a role needs and may not do; what it may do and neither needs nor explains."""
    policy = ecs_home.policy(role)
    refused = [need for need in needed if not iam.allows(policy, need)]
    metadata = template("service.yaml")["Resources"][role.replace("Role", "Policy")]["Metadata"]
    called = {need.action for need in needed}
    return refused, iam.actions(policy) - called - set(metadata["NotInEveryRun"])


def test_production_differs_from_a_laptop_in_where_runs_run_alone() -> None:
    own, local = (
        yaml.safe_load(path.read_text())
        for path in (TEMPLATES / "dagster.yaml", PROJECT / "dagster.yaml")
    )
    different = {name for name in own | local if own.get(name) != local.get(name)}
    assert different == {"run_launcher", "compute_logs", "concurrency", "run_monitoring"}
    for name in ("max_runtime_seconds", "enabled"):
        assert own["run_monitoring"][name] == local["run_monitoring"][name]
