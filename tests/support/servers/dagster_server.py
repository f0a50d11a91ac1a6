"""A whole Dagster for tests: code server, webserver and daemon as processes, asked by GraphQL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import yaml

from tests.support.demo_chain.definitions import FOLDER
from tests.support.homes import free_port
from tests.support.paths import PROJECT

T = TypeVar("T")
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

WORKSPACE = "load_from: [{grpc_server: {socket: SOCKET, location_name: demo}}]"


class Dagster:
    """Speaks to a running webserver; a GraphQL error raises `AssertionError`."""

    def __init__(self, folder: Path, client: httpx.Client) -> None:
        self.folder, self._client = folder, client

    @property
    def port(self) -> int:
        """Where its web server listens, which nothing guards."""
        return self._client.base_url.port or 80

    def is_up(self) -> bool:
        try:
            return "demo" in str(self.ask("{repositoriesOrError {... on RepositoryConnection "
                                             "{nodes {location {name}}}}}"))  # fmt: skip
        except httpx.TransportError:
            return False

    def ask(self, query: str, **variables: object) -> Any:
        """The one answer of a query with one root field."""
        answer = self._client.post("/graphql", json={"query": query, "variables": variables})
        document = answer.json()
        assert "errors" not in document, document["errors"]
        [value] = document["data"].values()
        return value

    def add_keys(self, keys: Iterable[str]) -> None:
        for key in keys:
            answer = self.ask(
                "mutation($key: String!) {addDynamicPartition(partitionsDefName: \"apples\", "
                "partitionKey: $key, repositorySelector: {repositoryName: \"__repository__\", "
                "repositoryLocationName: \"demo\"}) {__typename}}",
                key=key,
            )  # fmt: skip
            assert answer["__typename"] == "AddDynamicPartitionSuccess"

    def backfill(self, keys: Sequence[str], stages: Sequence[str]) -> str:
        """Launch a backfill; its id."""
        selection = [{"path": [stage]} for stage in stages]
        answer = self.ask(
            """mutation($params: LaunchBackfillParams!) {launchPartitionBackfill(backfillParams:
            $params) {__typename ... on LaunchBackfillSuccess {backfillId}
            ... on PythonError {message}}}""",
            params={"partitionNames": list(keys), "assetSelection": selection},
        )
        return str(answer["backfillId"])

    def finished_backfill(self, number: str) -> dict[str, Any]:
        query = """query($id: String!) {partitionBackfillOrError(backfillId: $id) {
            ... on PartitionBackfill {status runs {runId status} assetBackfillData {
            assetBackfillStatuses {... on AssetPartitionsStatusCounts {assetKey {path}
            numPartitionsTargeted numPartitionsInProgress numPartitionsMaterialized
            numPartitionsFailed}}}}}}"""
        busy = {"REQUESTED", "CANCELING", "COMPLETING", "FAILING"}
        return wait_for(lambda: self.ask(query, id=number), lambda b: b["status"] not in busy)

    def first_run(self, backfill: str) -> str:
        """The id of the first run that the daemon makes of a backfill."""
        query = """query($id: String!) {partitionBackfillOrError(backfillId: $id) {
            ... on PartitionBackfill {runs {runId}}}}"""
        runs = wait_for(lambda: self.ask(query, id=backfill)["runs"], bool)
        return str(runs[0]["runId"])

    def launch(self, job: str, tags: dict[str, str] | None = None, **config: Any) -> str:
        """Launch a run of a job; its id."""
        selector = {
            "jobName": job,
            "repositoryName": "__repository__",
            "repositoryLocationName": "demo",
        }
        pairs = [{"key": key, "value": value} for key, value in (tags or {}).items()]
        answer = self.ask(
            """mutation($params: ExecutionParams!) {launchRun(executionParams: $params) {__typename
            ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}
            ... on RunConfigValidationInvalid {errors {message}}}}""",
            params={
                "selector": selector,
                "runConfigData": config,
                "executionMetadata": {"tags": pairs},
            },
        )
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def repeat(self, run: str) -> str:
        """Launch the re-execution of a whole run; its id."""
        answer = self.ask(
            """mutation($id: String!) {launchRunReexecution(reexecutionParams: {parentRunId: $id,
            strategy: ALL_STEPS}) {__typename ... on LaunchRunSuccess {run {runId}}
            ... on PythonError {message}}}""",
            id=run,
        )
        return str(answer["run"]["runId"])

    def terminate(self, run: str) -> None:
        answer = self.ask(
            "mutation($id: String!) {terminateRun(runId: $id) {__typename}}",
            id=run,
        )
        assert answer["__typename"] == "TerminateRunSuccess", answer

    def run(self, run: str) -> dict[str, Any]:
        query = """query($id: ID!) {runOrError(runId: $id) {... on Run {runId status
            startTime endTime tags {key value}}}}"""
        return dict(self.ask(query, id=run))

    def finished_run(self, run: str) -> dict[str, Any]:
        return wait_for(lambda: self.run(run), lambda found: found["status"] in ENDED)

    def runs(self) -> list[dict[str, Any]]:
        query = "{runsOrError {... on Runs {results {runId status parentRunId}}}}"
        return list(self.ask(query)["results"])

    def partitions(self, stage: str) -> dict[str, str]:
        """The status of every key as the asset's page shows it."""
        query = """query($key: AssetKeyInput!) {assetNodeOrError(assetKey: $key) {... on AssetNode {
            assetPartitionStatuses {... on DefaultPartitionStatuses {missing:
            unmaterializedPartitions failed: failedPartitions materializing: materializingPartitions
            materialized: materializedPartitions}}}}}"""
        # what has failed is among the unmaterialized, too: the later list wins
        answer = self.ask(query, key={"path": [stage]})["assetPartitionStatuses"]
        return {key: status for status, keys in answer.items() for key in keys}

    def freshness(self, stage: str, key: str) -> tuple[str, list[str]]:
        query = """query($key: AssetKeyInput!, $partition: String) {assetNodeOrError(assetKey: $key)
            {... on AssetNode {staleStatus(partition: $partition) staleCauses(partition: $partition)
            {reason}}}}"""
        answer = self.ask(query, key={"path": [stage]}, partition=key)
        return answer["staleStatus"], [cause["reason"] for cause in answer["staleCauses"]]

    def materializations(self, stage: str, key: str) -> list[dict[str, Any]]:
        """What was told of one key, newest first: run, tags and metadata."""
        query = """query($key: AssetKeyInput!, $keys: [String!]) {assetNodeOrError(assetKey: $key)
            {... on AssetNode {assetMaterializations(partitions: $keys) {runId timestamp partition
            tags {key value} metadataEntries {label ... on BoolMetadataEntry {boolValue}
            ... on IntMetadataEntry {intValue} ... on FloatMetadataEntry {floatValue}
            ... on TextMetadataEntry {text}}}}}}"""
        answer = self.ask(query, key={"path": [stage]}, keys=[key])["assetMaterializations"]
        return [one | {"metadata": _metadata(one), "tags": _tags(one)} for one in answer]

    def checks(self, stage: str, name: str) -> list[dict[str, Any]]:
        query = """query($key: AssetKeyInput!, $name: String!) {assetCheckExecutions(assetKey: $key,
            checkName: $name, limit: 100) {runId status partition evaluation {success partition
            targetMaterialization {runId storageId timestamp}}}}"""
        return list(self.ask(query, key={"path": [stage]}, name=name))


def _metadata(event: dict[str, Any]) -> dict[str, Any]:
    entries = [dict(entry) for entry in event["metadataEntries"]]
    return {entry.pop("label"): next(iter(entry.values()), None) for entry in entries}


def _tags(found: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in found["tags"]}


def wait_for(look: Callable[[], T], enough: Callable[[T], bool], seconds: float = 240) -> T:
    """What `look` sees once it is `enough`; raises `AssertionError` with the last sight."""
    deadline = time.monotonic() + seconds
    while not enough(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.1)
    return seen


@contextmanager
def dagster(folder: Path) -> Iterator[Dagster]:
    """A Dagster of its own in `folder`, SQLite below it; all its processes end with the block.

    `daemon_of` starts its daemon.
    """
    home = folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(_configuration())
    (folder / "workspace.yaml").write_text(WORKSPACE.replace("SOCKET", str(folder / "code")))
    port = free_port()
    code = ["api", "grpc", "-s", str(folder / "code"), "-m", "tests.support.demo_chain.definitions"]
    web = ["-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port), "--log-level", "warning"]
    with _process("dagster", code, folder):
        wait_for((folder / "code").exists, bool)
        with (
            _process("dagster_webserver", web, folder),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client,
        ):
            server = Dagster(folder, client)
            wait_for(server.is_up, bool)
            yield server


@dataclass(frozen=True)
class GuardedUi:
    """The same Dagster's web UI behind the guard, and the token of its start."""

    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def link(self) -> str:
        return f"{self.url}/?token={self.token}"


@contextmanager
def guarded_ui(server: Dagster, prefix: str = "", **environment: str) -> Iterator[GuardedUi]:
    """A second web server of `server`, started as `ebooks up` does it, answering."""
    port = free_port()
    own = {"EBOOK_HOME": str(server.folder), "EBOOK_WEB_PORT": str(port)} | environment
    argv = ["--path-prefix", prefix, "-w", "workspace.yaml"]
    with _process("ebook_pipeline.web.webserver", argv, server.folder, own) as process:
        health = f"http://127.0.0.1:{port}/healthz"
        wait_for(lambda: process.poll() is not None or _is_well(health), bool)
        yield GuardedUi(port, (server.folder / "run" / "web-token").read_text())


def _is_well(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def daemon_of(server: Dagster) -> Iterator[None]:
    """The daemon, which dequeues runs and makes them of backfills."""
    argv = ["run", "-w", "workspace.yaml"]
    with _process("tests.support.demo_chain.daemon", argv, server.folder):
        yield


@contextmanager
def _process(
    module: str, argv: Sequence[str], folder: Path, own: Mapping[str, str] | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    paths = [str(PROJECT)]
    environment = os.environ | {
        "DAGSTER_HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONWARNINGS": "ignore",
        FOLDER: str(folder),
        **(own or {}),
    }
    with (folder / f"{module}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *argv],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(psutil.Process(process.pid))
        process.wait()


def _end(process: psutil.Process) -> None:
    """Kill a process with all that came of it."""
    family = [process, *process.children(recursive=True)]
    for one in family:
        try:
            one.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue


def _configuration() -> str:
    """The project's own, but with SQLite and a daemon that looks for queued runs every second."""
    settings = yaml.safe_load((PROJECT / "dagster.yaml").read_text())
    del settings["storage"]
    settings["run_coordinator"]["config"] = {"dequeue_interval_seconds": 1}
    return str(yaml.safe_dump(settings))
