"""The orchard as Dagster sees it: a code location that a real webserver and daemon load.

What an apple meets is in its key: a worm, a stone, a broken crate, a market that waits, a tool that
sleeps, a mill that kills the process of its run (when the file `grind` appears, once).
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from ebook_pipeline.execution import Workshop
from ebook_pipeline.execution.dagster_assets import chain_assets, chain_job
from ebook_pipeline.tools import sandbox
from tests.support.demo_chain.stages import ORCHARD, Answer, Orchard, Weather

FOLDER = "ORCHARD_FOLDER"
GRIND = "grind"
JOB = "scattered"
PER_RUN = 10
APPLES = dg.DynamicPartitionsDefinition(name="apples")


class Diary(Weather):
    """Weather that writes each call down, so that other processes can count."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def visit(self, place: str, key: str) -> None:
        note(self.folder / "visits", f"{place} {key}")
        super().visit(place, key)
        if place == "crate":
            self._meet(key)

    def _meet(self, key: str) -> None:
        if key.startswith("broken"):
            raise ZeroDivisionError(key)
        if key.startswith("sleep"):
            sandbox.run_tool(["sleep", "60"], cwd=self.folder)
        if key.startswith("mill") and not (self.folder / "ground").exists():
            while not (self.folder / GRIND).exists():
                time.sleep(0.05)
            (self.folder / "ground").touch()
            os.kill(os.getpid(), signal.SIGKILL)


class WaitingMarket(dict[str, Answer]):
    """Who `wait-…` is waits for a person."""

    def get(self, key: str, default: object = None) -> Answer:  # type: ignore[override]
        return Answer(outcome="wait" if key.startswith("wait") else "open", reason="ask Eve")


def note(file: Path, line: str) -> None:
    with file.open("a") as out:
        out.write(f"{line}\n")


def visits(folder: Path) -> Counter[tuple[str, str]]:
    """How often each stage's function was called for each apple, by any process."""
    file = folder / "visits"
    lines = file.read_text().splitlines() if file.exists() else []
    return Counter((place, key) for place, key in (line.split() for line in lines))


def records(folder: Path) -> set[tuple[str, str]]:
    """Which stages of which apples have a record."""
    found = (folder / "store").rglob("records/*/*/1/current.json")
    return {(file.parts[-4], file.parts[-3]) for file in found}


def build_defs(folder: Path) -> dg.Definitions:
    def outfit(resources: Mapping[str, object], run_id: str) -> Workshop:
        orchard = Orchard(folder / "store", kill_tools=sandbox.kill_all)
        orchard.approvals = WaitingMarket()
        orchard.workshop.resources["weather"] = resources["weather"]  # type: ignore[index]
        return orchard.workshop

    needed = frozenset({"weather"})
    return dg.Definitions(
        assets=[chain_assets(ORCHARD, APPLES, outfit, resources=needed, per_run=PER_RUN)],
        jobs=[
            dg.define_asset_job("all_stages", selection=list(ORCHARD.names)),
            chain_job(ORCHARD, JOB, outfit, resources=needed, description="Apples from anywhere."),
        ],
        resources={"weather": dg.ResourceDefinition(lambda _: Diary(folder))},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    return build_defs(Path(os.environ[FOLDER]))
