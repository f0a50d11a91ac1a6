"""The demo chain as Dagster sees it: a code location that a real webserver and daemon load.

What an apple meets is in how its key begins: `worm` and `stone` are rejected, `broken` is a defect
of ours, `wait` waits for a person, `sleep` starts a tool that sleeps, `kill` kills the process of
its run (once, when the file `KILL_FILE` appears).
"""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import dagster as dg

from ebook_pipeline.execution import BatchContext
from ebook_pipeline.execution.dagster_assets import chain_assets, chain_job
from ebook_pipeline.tools import sandbox
from tests.support.demo_chain.stages import (
    DEMO_CHAIN,
    AppleContext,
    Demo,
    FlakyService,
    GateAnswer,
)

FOLDER = "DEMO_FOLDER"
KILL_FILE = "kill now"
JOB = "scattered"
PER_RUN = 10
TOOL_SECONDS = 60
APPLES = dg.DynamicPartitionsDefinition(name="apples")


class LoggedService(FlakyService):
    """A `FlakyService` that writes each call down, so that other processes can count."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def call(self, stage: str, key: str) -> None:
        note(self.folder / "calls", f"{stage} {key}")
        super().call(stage, key)
        if stage == "crate":
            self._meet(key)

    def _meet(self, key: str) -> None:
        if key.startswith("broken"):
            raise ZeroDivisionError(key)
        if key.startswith("sleep"):
            sandbox.run_tool(["sleep", str(TOOL_SECONDS)], cwd=self.folder)
        if key.startswith("kill") and not (self.folder / "killed").exists():
            while not (self.folder / KILL_FILE).exists():
                time.sleep(0.05)
            (self.folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)


class WaitingApprovals(dict[str, GateAnswer]):
    """What begins with `wait` waits for a person."""

    def get(self, key: str, default: object = None) -> GateAnswer:
        return GateAnswer(outcome="wait" if key.startswith("wait") else "open", reason="ask Eve")


def note(file: Path, line: str) -> None:
    with file.open("a") as out:
        out.write(f"{line}\n")


def calls_made(folder: Path) -> Counter[tuple[str, str]]:
    """How often each stage's function was called for each apple, by any process."""
    file = folder / "calls"
    lines = file.read_text().splitlines() if file.exists() else []
    return Counter((stage, key) for stage, key in (line.split() for line in lines))


def records(folder: Path) -> set[tuple[str, str]]:
    """Which stages of which apples have a record."""
    found = (folder / "store").rglob("records/*/*/1/current.json")
    return {(file.parts[-4], file.parts[-3]) for file in found}


def build_defs(folder: Path) -> dg.Definitions:
    service = LoggedService(folder)

    def context_of(run_id: str) -> BatchContext[AppleContext]:
        demo = Demo(folder / "store", kill_tools=sandbox.kill_all)
        demo.approvals, demo.service = WaitingApprovals(), service
        return demo.context

    asked = frozenset({"service"})
    return dg.Definitions(
        assets=[chain_assets(DEMO_CHAIN, APPLES, context_of, per_run=PER_RUN, resources=asked)],
        jobs=[
            dg.define_asset_job("all_stages", selection=list(DEMO_CHAIN.names)),
            chain_job(
                DEMO_CHAIN, JOB, context_of, description="Apples from anywhere.", resources=asked
            ),
        ],
        resources={"service": dg.ResourceDefinition(lambda _: service)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    return build_defs(Path(os.environ[FOLDER]))
