"""A run whose worker was killed is seen from every machine, and gives its place free."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from ebook_pipeline.jobs import dead_runs
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.recording import run_claims

WORKER = """
import sys, time
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recording.run_claims import RunClaim
RunClaim(Database(sys.argv[1]), sys.argv[2])
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def working(database: Database, run: str) -> Iterator["subprocess.Popen[str]"]:
    """Another machine's process that works on the run."""
    url = database.engine.url.render_as_string(hide_password=False)
    argv = [sys.executable, "-c", WORKER, url, run]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "held\n"
        yield worker
        worker.kill()


def started(instance: dg.DagsterInstance, job: str = "j", launcher: str = "cli:eve") -> str:
    run = dg.DagsterRun(
        job_name=job,
        status=dg.DagsterRunStatus.STARTED,
        tags={LAUNCHED_BY: launcher},
    )
    instance.add_run(run)
    return run.run_id


def look(instance: dg.DagsterInstance, folder: Path, database: Database) -> list[str]:
    return dead_runs.fail_dead_runs(instance, folder, database)


def test_a_run_is_failed_once_its_killed_worker_was_missed_for_a_while(
    instance: dg.DagsterInstance,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = started(instance)
    with working(database, run) as worker:
        monkeypatch.setattr(dead_runs, "_MISSED_SECONDS", 0)
        assert run_claims.living(database, [run, "another"]) == {run}
        assert look(instance, tmp_path, database) == []
        worker.kill()
        worker.wait()
        while run_claims.living(database, [run]):
            pass
    monkeypatch.setattr(dead_runs, "_MISSED_SECONDS", 3600)
    assert look(instance, tmp_path, database) == []  # a connection may have been lost
    monkeypatch.setattr(dead_runs, "_MISSED_SECONDS", 0)
    assert look(instance, tmp_path, database) == [run]
    (record,) = instance.get_run_records()
    assert record.dagster_run.status is dg.DagsterRunStatus.FAILURE
    assert look(instance, tmp_path, database) == []


def test_a_run_is_missed_from_its_start_and_has_time_to_claim(
    instance: dg.DagsterInstance,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its machine may go before it has said that it lives: the two waits are one, not a sum."""
    run = started(instance, "process_books", "sensor")
    monkeypatch.setattr(dead_runs, "_MISSED_SECONDS", 0)
    assert look(instance, tmp_path, database) == []
    assert run in dead_runs._missing
    monkeypatch.setattr(dead_runs, "_TIME_TO_CLAIM", timedelta(0))
    assert look(instance, tmp_path, database) == [run]


def test_a_run_that_came_back_was_never_missed(
    instance: dg.DagsterInstance,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = started(instance)
    monkeypatch.setattr(dead_runs, "_MISSED_SECONDS", 3600)
    assert look(instance, tmp_path, database) == []
    assert run in dead_runs._missing
    claim = run_claims.RunClaim(database, run)
    assert look(instance, tmp_path, database) == []
    assert run not in dead_runs._missing
    claim.release()
    assert run_claims.living(database, [run]) == set()


def test_a_process_that_begins_another_run_lets_the_one_before_go(database: Database) -> None:
    run_claims.claim_run(database, "one")
    run_claims.claim_run(database, "another")
    run_claims.claim_run(database, "another")
    assert run_claims.living(database, ["one", "another"]) == {"another"}
    run_claims._claims.pop("another").release()


def test_dagster_ends_what_runs_for_ever() -> None:
    import yaml

    from tests.support.paths import PROJECT

    monitoring = yaml.safe_load((PROJECT / "dagster.yaml").read_text())["run_monitoring"]
    assert monitoring["enabled"]
    assert 0 < monitoring["max_runtime_seconds"] <= 172_800
